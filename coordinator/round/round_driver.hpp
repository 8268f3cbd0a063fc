// Drives the round machine safely: journal the event, step, then perform the actions.
//
//   auto driver = RoundDriver::resume(config, journal, performer);   // replays what is there
//   driver->handle(now, event);                                      // for each thing that happens
//   driver->tick(now);                                               // when next_deadline() is due
//
// A crash at any instant is harmless: an event is in the journal before anything follows from it;
// durable actions are performed again after a restart until the journal says they were; answers to
// peers are not, because peers ask again. One thread.
#pragma once

#include <functional>

#include "coordinator/round/round_machine.hpp"

namespace fedstake::round {

// Append-only, durable before append() returns.
class Journal {
public:
    virtual ~Journal() = default;
    // Entries count from 1 without gaps.
    [[nodiscard]] virtual Result<std::uint64_t> append(Timestamp at, ByteView event) = 0;
    // The durable actions of every event up to and including this one were performed.
    [[nodiscard]] virtual Status mark_performed(std::uint64_t sequence) = 0;
    [[nodiscard]] virtual Result<std::uint64_t> performed() = 0;
    // In order of appending.
    using Visitor = std::function<Status(std::uint64_t sequence, Timestamp at, ByteView event)>;
    [[nodiscard]] virtual Status replay(const Visitor& visit) = 0;
};

class ActionPerformer {
public:
    virtual ~ActionPerformer() = default;
    // Must not call back into the driver. An Error is the host's own failure (disk, memory) and
    // ends the process: the action is performed again by the next one.
    [[nodiscard]] virtual Status perform(Timestamp now, const Action& action) = 0;
};

class RoundDriver {
public:
    // Replays the journal. Durable actions that were not marked are performed at once, and every
    // PostIntent that was not dropped, DropIntent and ReleaseModel (`written` where it was marked):
    // the journal is where intents are kept until the ledger has them, and a release is published
    // by one. What the phase
    // waits for comes with the Started event that the host sends next.
    // RETURNS kCorrupt naming the entry when the journal does not fit the machine.
    [[nodiscard]] static Result<RoundDriver> resume(MachineConfig config, Journal& journal,
                                                    ActionPerformer& performer, Timestamp now);

    // Events that change nothing are answered, not journaled, so that peers cannot grow it.
    [[nodiscard]] Status handle(Timestamp now, const Event& event);
    // Handles DeadlinePassed when it is due.
    [[nodiscard]] Status tick(Timestamp now);
    // Starts or carries on: handles the event, then performs machine().unfinished() where the event
    // itself did not already lead there.
    [[nodiscard]] Status start(Timestamp now, const Started& event);

    [[nodiscard]] const RoundMachine& machine() const noexcept { return machine_; }
    [[nodiscard]] std::uint64_t replayed() const noexcept { return replayed_; }

private:
    RoundDriver(MachineConfig config, Journal& journal, ActionPerformer& performer);
    [[nodiscard]] Status perform(Timestamp now, const Actions& actions, std::uint64_t sequence);

    RoundMachine machine_;
    Journal* journal_;
    ActionPerformer* performer_;
    std::uint64_t replayed_ = 0;
};

}  // namespace fedstake::round
