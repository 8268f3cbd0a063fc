// The coordinator's rounds as a pure machine: events in, actions out, no I/O, no clock.
//
//   Open -> Collecting -> Closed -> Aggregated -> Attested -> Posted -> Final
//            \______________________/    (any failure: Aborted, attempt + 1 of the same round)
//
// A round that the ledger voids begins again with a new attempt, from the round before it.
//
// An attested round goes to the ledger's outbox and the next round opens at once: training never
// waits for the chain. Not thread-safe; one thread drives it (see round_driver.hpp).
//
// Time: `now` must not run backwards by more than the host can tolerate; deadlines compare with it.
#pragma once

#include <optional>
#include <string>

#include "coordinator/round/state.hpp"

namespace fedstake::round {

struct MachineConfig {
    FederationId federation;
    crypto::Eip712Domain domain;
    rules::RoundRules rules;
    bool chain_enabled = true;  // without a chain an attested round is final at once
    // How long auditors' accusations may wait for the ledger.
    Duration fault_validity{7 * 24 * 3600 * 1000LL};
};

// What the machine makes of a signed statement, in front of its bytes.
struct Admission {
    enum class Kind : std::uint8_t {
        kUpload,        // take the bytes
        kReceipt,       // already stored: same receipt again
        kRefuse,        // see refusal and detail
        kEquivocation,  // refused, and the pair of statements is evidence
    };
    Kind kind = Kind::kRefuse;
    Refusal refusal = Refusal::kNone;
    std::string detail;
    bool fresh = false;  // applying it changes the machine's state
};

class RoundMachine {
public:
    // REQUIRES config.rules.validate() to have passed.
    explicit RoundMachine(MachineConfig config);

    // Applies one event. A misbehaving site or auditor gives actions, never an Error; an event for
    // a past attempt gives nothing. RETURNS kNotNow before the first Started.
    [[nodiscard]] Result<Actions> step(Timestamp now, const Event& event);

    // When DeadlinePassed is due, if the phase has a deadline.
    [[nodiscard]] std::optional<Timestamp> next_deadline() const;

    // Whether step(event) would change the state; otherwise it needs no place in the journal.
    [[nodiscard]] bool changes_state(const Event& event) const;

    // The decision that step(UpdateSigned) takes, without taking it.
    [[nodiscard]] Admission admission(const rules::SignedUpdate& update) const;

    // After a restart: what the phase is waiting for, asked again.
    [[nodiscard]] Actions unfinished() const;

    [[nodiscard]] const State& state() const noexcept { return state_; }
    [[nodiscard]] const MachineConfig& config() const noexcept { return config_; }
    // Updates stored in the current attempt, SiteId ascending.
    [[nodiscard]] std::vector<rules::SignedUpdate> stored_updates() const;
    // Sites that train and have the stake for it, in the current attempt.
    [[nodiscard]] std::vector<SiteId> asked() const;

private:
    Actions on(Timestamp now, const Started& event);
    Actions on(Timestamp now, const StakesKnown& event);
    Actions on(Timestamp now, const SiteSeen& event);
    Actions on(Timestamp now, const UpdateSigned& event);
    Actions on(Timestamp now, const UpdateStored& event);
    Actions on(Timestamp now, const UpdateLost& event);
    Actions on(Timestamp now, const DeadlinePassed& event);
    Actions on(Timestamp now, const Aggregated& event);
    Actions on(Timestamp now, const AggregationFailed& event);
    Actions on(Timestamp now, const AuditorSigned& event);
    Actions on(Timestamp now, const AuditorRefused& event);
    Actions on(Timestamp now, const RoundPosted& event);
    Actions on(Timestamp now, const RoundFinal& event);
    Actions on(Timestamp now, const RoundVoided& event);

    void forget_stakes_of_changed(const std::vector<RosterEntry>& roster);
    // The first attempt of a round, with as many as attempts_max to come.
    void open_first(Timestamp now, RoundNumber round, Actions& out);
    void open(Timestamp now, RoundNumber round, std::uint32_t attempt, Actions& out);
    void collect_if_ready(Timestamp now, Actions& out);
    void close_if_complete(Timestamp now, Actions& out);
    void close(bool deadline_passed, Actions& out);
    void attest_if_enough(Timestamp now, Actions& out);
    void attest_deadline_passed(Timestamp now, Actions& out);
    void conclude(Timestamp now, Actions& out);
    void abort(Timestamp now, std::string reason, Actions& out);
    void finish_if_final(Actions& out);

    [[nodiscard]] std::vector<rules::CohortMember> cohort_of_next() const;
    [[nodiscard]] rules::RoundContext make_context(RoundNumber round, std::uint32_t attempt) const;
    [[nodiscard]] bool is_current(RoundNumber round, std::uint32_t attempt) const noexcept;
    [[nodiscard]] std::size_t stored_count() const;
    [[nodiscard]] std::size_t seen_count() const;
    [[nodiscard]] std::vector<SiteOutcome> absent() const;
    [[nodiscard]] std::vector<RosterEntry> auditors() const;
    // Whether the event voids a round that stands.
    [[nodiscard]] bool voids(const RoundVoided& event) const;
    // The auditor whose word can still change this attempt: a signature stands once it is given.
    [[nodiscard]] const RosterEntry* awaited_auditor(RoundNumber round, std::uint32_t attempt,
                                                     const SiteId& site) const;
    [[nodiscard]] crypto::UpdateReceipt receipt_for(const rules::SignedUpdate& update) const;
    [[nodiscard]] AnnounceRound announcement() const;
    [[nodiscard]] StartAggregation aggregation() const;
    [[nodiscard]] Status check_signatures(const AuditorSigned& event, const Address& signer) const;

    MachineConfig config_;
    State state_;
};

}  // namespace fedstake::round
