// The steps of a challenge.
#include "client/app/challenge_run.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "client/app/audit_job.hpp"
#include "client/app/challenge_blobs.hpp"

namespace fedstake::client {

namespace {

std::string round_text(RoundNumber round) {
    return "round " + std::to_string(round);
}

// Follows from other figures, or is no part of the commitment.
bool is_derived(const std::string& figure) {
    return figure == "commitment" || figure == "report digest" || figure == "accusations";
}

}  // namespace

Challenge::Challenge(const Site& site, evm::ProofDesk& desk, PaperSource& source,
                     const Address& from, Prove prove, const std::atomic<bool>& stop)
    : site_(site),
      desk_(desk),
      source_(source),
      from_(from),
      prove_(std::move(prove)),
      stop_(stop) {}

Result<ChallengeOutcome> Challenge::run(RoundNumber round) {
    FS_TRY(begin(round));
    FS_TRY(check_signed_twice(round));
    const Status open = check_state();
    if (!open && outcome_.proven.empty()) return tl::unexpected(open.error());
    if (!open || outcome_.voided) return std::move(outcome_);
    FS_TRY(read_papers());
    FS_ASSIGN(bool proven, check_documents());
    if (!proven && papers_.report && papers_.context) {
        FS_ASSIGN(proven, check_values());
    }
    if (!proven && outcome_.unproven.empty()) FS_TRY(recompute());
    return std::move(outcome_);
}

Status Challenge::begin(RoundNumber round) {
    outcome_ = {};
    FS_ASSIGN(outcome_.round, desk_.committed(round));
    terms_.domain = site_.manifest.domain();
    terms_.rules = &site_.manifest.rules;
    terms_.self = site_.entry.owner;
    terms_.epoch = outcome_.round.epoch;
    if (outcome_.round.commitment.is_zero()) {
        FS_ASSIGN(terms_.epoch, desk_.current_epoch());
    }
    FS_ASSIGN(terms_.coordinator, desk_.coordinator_of(terms_.epoch));
    receipts_.clear();
    for (const wire::Receipt& receipt : source_.evidence().receipts(round)) {
        receipts_.push_back({.receipt = receipt.receipt, .signature = receipt.signature});
    }
    return {};
}

// Those that the site's own keys signed: anybody can make up a statement in its name, and one that
// is made up must not hide the other two.
Result<std::vector<rules::SignedUpdate>> Challenge::signed_by_their_sites(RoundNumber round) {
    std::vector<rules::SignedUpdate> theirs;
    std::map<std::pair<SiteId, Address>, bool> known;
    for (rules::SignedUpdate& update : source_.all_signed(round)) {
        const SiteId& site = update.statement.site;
        const auto key = crypto::recover_signer(
            crypto::signing_digest(terms_.domain, update.statement), update.signature);
        if (!key) continue;
        auto found = known.find({site, *key});
        if (found == known.end()) {
            FS_ASSIGN(const bool bound, desk_.is_bound_signer(site, *key));
            found = known.emplace(std::pair(site, *key), bound).first;
        }
        if (found->second) theirs.push_back(std::move(update));
    }
    return theirs;
}

// Punished whatever became of the round.
Status Challenge::check_signed_twice(RoundNumber round) {
    FS_TRY(consider_all(find_two_receipts(terms_, receipts_)));
    FS_ASSIGN(const auto updates, signed_by_their_sites(round));
    FS_TRY(consider_all(find_equivocations(terms_, updates)));
    return {};
}

Status Challenge::check_state() {
    const RoundNumber round = outcome_.round.round;
    switch (outcome_.round.state) {
        case evm::RoundState::kCommitted: return {};
        case evm::RoundState::kVoided: outcome_.voided = true; return {};
        case evm::RoundState::kNone:
            return fail(Errc::kNotFound,
                        "the chain holds no " + round_text(round) +
                            ": it was not posted, or an earlier round was voided since");
        case evm::RoundState::kFinal:
        case evm::RoundState::kArchived:
            return fail(Errc::kNotNow,
                        round_text(round) +
                            " is final: its challenge window has passed, and nothing can void it "
                            "any more");
    }
    return {};
}

Status Challenge::read_papers() {
    const bool auditor = site_.entry.audits;
    FS_ASSIGN(papers_, source_.papers(outcome_.round, desk_, auditor));
    outcome_.commitment = papers_.commitment;
    outcome_.unchecked = papers_.missing;
    outcome_.complete = papers_.context && papers_.report && papers_.leaves;
    outcome_.lacks = !papers_.context || !papers_.report || (auditor && !papers_.leaves);
    if (!auditor) {
        outcome_.left_out = {papers_.leaves ? "signatures, which need the signed updates"
                                            : "signatures and omissions, which need the signed "
                                              "updates",
                             "model, aggregate and updates, which need the updates' values"};
    }
    parent_.reset();
    if (papers_.commitment.round == 1) return {};
    FS_ASSIGN(const evm::CommittedRound before, desk_.committed(papers_.commitment.round - 1));
    if (before.commitment.is_zero() || before.state == evm::RoundState::kVoided) return {};
    auto parent = source_.papers(before, desk_, false);
    if (!parent) {
        outcome_.unchecked.push_back("the context against the round before: " +
                                     parent.error().message);
        return {};
    }
    parent_ = std::move(*parent);
    outcome_.unchecked.insert(outcome_.unchecked.end(), parent_->missing.begin(),
                              parent_->missing.end());
    return {};
}

Result<bool> Challenge::check_documents() {
    if (papers_.context) {
        FS_ASSIGN(const bool proven,
                  consider(find_in_context(terms_, papers_, parent_ ? &*parent_ : nullptr)));
        if (proven) return true;
    }
    if (papers_.updates && papers_.context) {
        FS_ASSIGN(const bool proven, consider_all(find_in_signatures(terms_, papers_)));
        if (proven) return true;
    }
    if (papers_.leaves) {
        FS_ASSIGN(const bool proven, consider_all(find_omissions(terms_, papers_, receipts_)));
        if (proven) return true;
        // What the coordinator's record shows besides may contradict what came before.
        FS_TRY(check_signed_twice(outcome_.round.round));
    }
    if (!papers_.report) return false;
    if (!papers_.leaves) {
        for (std::string& text : receipts_not_listed(terms_, papers_, receipts_)) {
            outcome_.unchecked.push_back(std::move(text));
            outcome_.lacks = true;
        }
    }
    FS_ASSIGN(const bool proven, consider_all(find_in_report(terms_, papers_)));
    if (proven || !papers_.context) return proven;
    return consider(find_in_settlement(terms_, papers_));
}

Result<bool> Challenge::check_values() {
    if (!site_.entry.audits || !aggregation::RoundReport::decode(*papers_.report)) return false;
    FS_ASSIGN(bool proven,
              consider_all("the model", find_in_model(terms_, papers_, source_, stop_)));
    if (proven) return true;
    FS_ASSIGN(proven,
              consider_all("the aggregate", find_in_aggregate(terms_, papers_, source_, stop_)));
    if (proven) return true;
    return consider_all("the updates", find_in_updates(terms_, papers_, source_, stop_));
}

Result<bool> Challenge::consider_all(const char* what, Result<std::vector<Finding>> found) {
    if (found) return consider_all(std::move(*found));
    if (stop_) return tl::unexpected(found.error());
    outcome_.unchecked.push_back(std::string(what) + ": " + found.error().message);
    return false;
}

Result<bool> Challenge::consider_all(std::vector<Finding> findings) {
    bool proven = false;
    for (Finding& finding : findings) {
        // One conviction voids the round; those of sites and receipts stand for themselves.
        if (proven && outcome_.voided) break;
        FS_ASSIGN(const bool convicts, consider(std::move(finding)));
        proven = proven || convicts;
    }
    return proven;
}

Result<bool> Challenge::consider(Finding finding) {
    if (!finding.proof) {
        outcome_.unproven.push_back(
            {finding.figure, finding.text, "the contracts take no proof of it"});
        return false;
    }
    for (const ProvenFault& done : outcome_.proven) {
        if (done.finding.text == finding.text) return false;
    }
    FS_ASSIGN(evm::ProofTrial trial, desk_.attempt(*finding.proof, from_));
    if (!trial.convicts) {
        if (trial.error == "AlreadyProven") {
            note(finding.text + ": this was punished before");
        } else if (finding.seen) {
            outcome_.unproven.push_back({finding.figure, finding.text, trial.reason});
        } else if (trial.error != "NoFault") {
            outcome_.unchecked.push_back("the contracts cannot judge the " + finding.figure + ": " +
                                         trial.reason);
        }
        return false;
    }
    ProvenFault proven{std::move(finding), trial, std::nullopt};
    if (prove_) {
        auto conviction = prove_(proven);
        if (!conviction) {
            FS_ASSIGN(const bool lost, lost_the_race(conviction.error()));
            return lost;
        }
        outcome_.voided = outcome_.voided || conviction->voided_from != 0;
        proven.conviction = std::move(*conviction);
    }
    outcome_.proven.push_back(std::move(proven));
    return true;
}

void Challenge::note(std::string text) {
    if (std::ranges::find(outcome_.notes, text) == outcome_.notes.end()) {
        outcome_.notes.push_back(std::move(text));
    }
}

// Somebody else's proof may come first, and the round be void for the same fault.
Result<bool> Challenge::lost_the_race(const Error& error) {
    if (error.code != Errc::kNotNow) return tl::unexpected(error);
    FS_ASSIGN(const evm::CommittedRound now, desk_.committed(outcome_.round.round));
    if (now.state == evm::RoundState::kCommitted) return tl::unexpected(error);
    outcome_.round = now;
    outcome_.voided = true;
    return true;
}

// Everything again, as before signing: finds what only people and panels can judge.
Status Challenge::recompute() {
    if (!site_.entry.audits || !papers_.context || !papers_.report || !papers_.updates) return {};
    session::RoundClaim claim;
    FS_ASSIGN(claim.context, rules::RoundContext::decode(*papers_.context));
    claim.updates = *papers_.updates;
    claim.commitment = papers_.commitment;
    claim.report = *papers_.report;
    std::optional<session::PreviousRound> previous;
    if (parent_ && parent_->context && parent_->report) {
        FS_ASSIGN(auto context, rules::RoundContext::decode(*parent_->context));
        // The chain took it, so that enough auditors signed it.
        previous = session::PreviousRound{
            .context = std::move(context),
            .commitment = parent_->commitment,
            .report = *parent_->report,
            .valid_signatures = site_.manifest.rules.schedule.auditors_needed};
    }
    const AuditJob job = AuditJob::posted(std::move(claim), std::move(previous));
    const auto unchecked = [this](const Error& error) -> Status {
        if (stop_) return tl::unexpected(error);
        outcome_.unchecked.push_back("the whole round once more: " + error.message);
        return {};
    };
    if (job.needs_previous()) {
        return unchecked({Errc::kNotFound, "the record of the round before is not there"});
    }
    for (std::vector<Digest> wanted = job.blobs(); !wanted.empty();) {
        for (const Digest& root : wanted) {
            const auto blob = source_.blob(root, job.bytes_max(root));
            if (!blob) return unchecked(blob.error());
        }
        auto more = job.more_blobs(site_.manifest, source_.store());
        if (!more) return unchecked(more.error());
        wanted = std::move(*more);
    }
    const auto verification =
        job.run(site_.manifest, source_.store(), site_.config.audit_threads, &stop_);
    if (!verification) return unchecked(verification.error());
    for (const session::Check& check : verification->checks) {
        if (check.matches || is_derived(check.figure)) continue;
        outcome_.unproven.push_back(
            {check.figure,
             check.figure + " is " + check.claimed + ", recomputed " + check.recomputed,
             "the contracts cannot recompute it"});
    }
    return {};
}

}  // namespace fedstake::client
