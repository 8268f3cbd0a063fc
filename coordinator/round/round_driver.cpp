// Journal, step, perform.
#include "coordinator/round/round_driver.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "coordinator/round/event_codec.hpp"

namespace fedstake::round {

RoundDriver::RoundDriver(MachineConfig config, Journal& journal, ActionPerformer& performer)
    : machine_(std::move(config)), journal_(&journal), performer_(&performer) {}

namespace {

// A dropped intent must not reach the outbox, not even for a moment.
void forget(Actions& actions, const std::string& key) {
    std::erase_if(actions, [&](const Action& action) {
        const auto* post = std::get_if<PostIntent>(&action);
        return post != nullptr && post->intent.key == key;
    });
}

}  // namespace

Result<RoundDriver> RoundDriver::resume(MachineConfig config, Journal& journal,
                                        ActionPerformer& performer, Timestamp now) {
    RoundDriver driver(std::move(config), journal, performer);
    FS_ASSIGN(const std::uint64_t performed, journal.performed());
    Actions again;
    std::uint64_t last = 0;
    FS_TRY(journal.replay([&](std::uint64_t sequence, Timestamp at, ByteView bytes) -> Status {
        auto event = decode_event(bytes);
        if (!event) {
            return with_context(event.error(), fmt::format("journal entry {}", sequence));
        }
        auto actions = driver.machine_.step(at, *event);
        if (!actions) {
            return with_context(actions.error(), fmt::format("journal entry {}", sequence));
        }
        last = sequence;
        ++driver.replayed_;
        for (Action& action : *actions) {
            if (const auto* drop = std::get_if<DropIntent>(&action)) {
                forget(again, drop->key);
                again.push_back(std::move(action));
                continue;
            }
            auto* release = std::get_if<ReleaseModel>(&action);
            if (release != nullptr && sequence <= performed) {
                release->written = true;
            }
            if (release != nullptr || std::holds_alternative<PostIntent>(action) ||
                (sequence > performed && is_durable(action))) {
                again.push_back(std::move(action));
            }
        }
        return {};
    }));
    FS_TRY(driver.perform(now, again, last));
    return driver;
}

Status RoundDriver::perform(Timestamp now, const Actions& actions, std::uint64_t sequence) {
    for (const Action& action : actions) {
        auto done = performer_->perform(now, action);
        if (!done) {
            return with_context(done.error(), action_key(action));
        }
    }
    if (sequence != 0 && std::ranges::any_of(actions, is_durable)) {
        return journal_->mark_performed(sequence);
    }
    return {};
}

Status RoundDriver::handle(Timestamp now, const Event& event) {
    std::uint64_t sequence = 0;
    if (machine_.changes_state(event)) {
        FS_ASSIGN(sequence, journal_->append(now, encode_event(event)));
    }
    FS_ASSIGN(const Actions actions, machine_.step(now, event));
    return perform(now, actions, sequence);
}

Status RoundDriver::tick(Timestamp now) {
    const auto deadline = machine_.next_deadline();
    if (!deadline || now < *deadline) {
        return {};
    }
    return handle(now, DeadlinePassed{});
}

Status RoundDriver::start(Timestamp now, const Started& event) {
    const Phase before = machine_.state().phase;
    FS_TRY(handle(now, event));
    const bool carried_on = is_under_way(before) && machine_.state().phase == before;
    return carried_on ? perform(now, machine_.unfinished(), 0) : Status{};
}

}  // namespace fedstake::round
