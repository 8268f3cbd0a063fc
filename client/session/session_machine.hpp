// A site's side of the protocol: join, train, sign, submit, audit, evaluate. Pure: events in,
// actions out; no socket, clock, file or LibTorch.
//
// The coordinator is not trusted: a round of another federation or under other rules, a cohort that
// does not hold this site, or a receipt with a wrong signature is refused with a notice, and the
// session goes on. For one (round, attempt) at most one update is ever signed, and never one behind
// the newest signed, also across restarts (the host hands the stored one to the constructor). Where
// the chain can void rounds they may begin again: with an attempt above all that this site ever
// signed, and from then on with none below it, so that no pair comes twice. After
// a restart behind a gap of rounds the first attempt offered is sat out: the state folder may be an
// old copy, and what was signed since then is not known.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "client/session/session_actions.hpp"
#include "client/session/session_events.hpp"
#include "proto/crypto/statements.hpp"
#include "proto/rules/round_rules.hpp"

namespace fedstake::session {

struct SessionConfig {
    FederationId federation;
    SiteId site;
    crypto::Eip712Domain domain;
    Address coordinator;  // signs receipts
    Digest rules_digest;
    std::uint64_t coordinates = 0;
    bool trains = true;
    bool audits = false;
    bool reports_metrics = true;
    bool voids_possible = false;  // the federation has a chain, which may void rounds
    std::string software;         // "fedstake-client 0.1.0"
};

using RoundAttempt = std::pair<RoundNumber, std::uint32_t>;

// Signs with the site's signer key. Deterministic, so it may be called by the machine.
class Signer {
public:
    virtual ~Signer() = default;
    [[nodiscard]] virtual crypto::Signature sign(const Digest& digest) const = 0;
};

// What an earlier run of this site stored. Of another federation: as if it were not there.
struct Remembered {
    std::optional<rules::SignedUpdate> last_signed;
    RoundNumber sat_out = 0;  // newest round of this federation, 0 where there is none
    Attempts attempts{};      // of this federation
};

class SessionMachine {
public:
    // signer: borrowed.
    SessionMachine(SessionConfig config, const Signer& signer, Remembered remembered);

    // Never fails: what the coordinator does wrong becomes a Notify.
    [[nodiscard]] Actions step(const Event& event);

    [[nodiscard]] RoundNumber round() const noexcept { return context_ ? context_->round : 0; }
    [[nodiscard]] bool welcomed() const noexcept { return welcomed_; }

private:
    void on(const LinkUp& event, Actions& out);
    void on(const LinkDown& event, Actions& out);
    void on(const Received& event, Actions& out);
    void on(const BlobReady& event, Actions& out);
    void on(const BlobFailed& event, Actions& out);
    void on(const Trained& event, Actions& out);
    void on(const TrainingFailed& event, Actions& out);
    void on(const Audited& event, Actions& out);
    void on(const Evaluated& event, Actions& out);

    void on_message(const wire::Welcome& message, Actions& out);
    void on_message(const wire::RoundOpen& message, Actions& out);
    void on_message(const wire::RoundClosed& message, Actions& out);
    void on_message(const wire::RoundResult& message, Actions& out);
    void on_message(const wire::Receipt& message, Actions& out);
    void on_message(const wire::Refusal& message, Actions& out);
    void on_message(const wire::AttestRequest& message, Actions& out);
    void on_message(const wire::Bye& message, Actions& out);

    // One training at a time; what is opened meanwhile waits for its end.
    enum class Work { kNone, kFetching, kTraining };

    [[nodiscard]] bool already_signed(const rules::RoundContext& context) const noexcept;
    [[nodiscard]] Status check_context(const rules::RoundContext& context) const;
    [[nodiscard]] Status check_order(const rules::RoundContext& context) const;
    // Whether this lies behind what was signed or opened since rounds last began again.
    [[nodiscard]] bool is_behind(const RoundAttempt& offered) const noexcept;
    // Whether rounds may begin again with this one.
    [[nodiscard]] Status check_return(const RoundAttempt& offered) const;
    void begin_again(const rules::RoundContext& context, Actions& out);
    void store_attempts(Actions& out);
    // Whether this site trains in the open round; says why not.
    [[nodiscard]] bool takes_part(Actions& out) const;
    void start_training(Actions& out);
    // Whether this site may have signed for this round in a time that it does not remember.
    [[nodiscard]] bool may_have_signed(const rules::RoundContext& first) const noexcept;

    SessionConfig config_;
    const Signer& signer_;
    std::optional<rules::SignedUpdate> last_signed_;
    RoundNumber sat_out_before_ = 0;  // before this start, behind everything signed
    bool welcomed_ = false;
    std::optional<rules::RoundContext> context_;  // of the open round
    std::optional<RoundAttempt> sat_out_;         // the first one offered after a gap
    Work work_ = Work::kNone;
    std::optional<wire::AttestRequest> audit_;  // being recomputed
    std::uint64_t audit_id_ = 0;                // of audit_
    std::set<Digest> to_evaluate_;              // models asked for, not yet there
    RoundNumber evaluate_round_ = 0;
    std::map<RoundNumber, Digest> results_;  // models of the newest results heard, at most 64
    Attempts attempts_;
    Attempts stored_attempts_;
};

}  // namespace fedstake::session
