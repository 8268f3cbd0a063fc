// Runs the one aggregation path and compares.
#include "client/session/verify.hpp"

#include <algorithm>

#include "proto/base/check.hpp"
#include "proto/crypto/sha256.hpp"

namespace fedstake::session {

namespace {

class Comparison {
public:
    void add(std::string figure, std::string claimed, std::string recomputed) {
        const bool matches = claimed == recomputed;
        checks_.push_back({std::move(figure), std::move(claimed), std::move(recomputed), matches});
    }
    [[nodiscard]] std::vector<Check> take() { return std::move(checks_); }

private:
    std::vector<Check> checks_;
};

void compare_commitment(const crypto::RoundCommitment& claimed, const crypto::RoundCommitment& mine,
                        Comparison& out) {
    out.add("context digest", claimed.context_digest.hex(), mine.context_digest.hex());
    out.add("parent model", claimed.parent_model.hex(), mine.parent_model.hex());
    out.add("sites", std::to_string(claimed.sites), std::to_string(mine.sites));
    out.add("coordinates", std::to_string(claimed.coordinates), std::to_string(mine.coordinates));
    out.add("updates root", claimed.updates_root.hex(), mine.updates_root.hex());
    out.add("aggregate root", claimed.aggregate_root.hex(), mine.aggregate_root.hex());
    out.add("model", claimed.model.hex(), mine.model.hex());
    out.add("score sum", std::to_string(claimed.score_sum), std::to_string(mine.score_sum));
    out.add("scores root", claimed.scores_root.hex(), mine.scores_root.hex());
    out.add("reward total", amount_to_string(claimed.reward_total),
            amount_to_string(mine.reward_total));
    out.add("rewards root", claimed.rewards_root.hex(), mine.rewards_root.hex());
    out.add("report digest", claimed.report_digest.hex(), mine.report_digest.hex());
    out.add("commitment", claimed.struct_hash().hex(), mine.struct_hash().hex());
}

void compare_report(const aggregation::RoundReport& claimed, const aggregation::RoundReport& mine,
                    Comparison& out) {
    for (const aggregation::SiteReport& site : mine.sites) {
        const auto found =
            std::find_if(claimed.sites.begin(), claimed.sites.end(),
                         [&site](const auto& other) { return other.site == site.site; });
        const std::string name = site.site.short_hex();
        if (found == claimed.sites.end()) {
            out.add("report of " + name, "missing", "present");
            continue;
        }
        const auto verdict = [](const aggregation::SiteReport& report) {
            return std::to_string(static_cast<int>(report.standing)) + " " +
                   std::string(aggregation::reason_name(report.reason)) + " weight " +
                   std::to_string(report.weight);
        };
        out.add("verdict on " + name, verdict(*found), verdict(site));
        out.add("score of " + name, std::to_string(found->score), std::to_string(site.score));
    }
}

// The deadline is the coordinator's to choose; everything else must follow from the round.
std::vector<crypto::AttestedFault> without_deadlines(std::vector<crypto::AttestedFault> faults) {
    for (auto& fault : faults) fault.deadline = 0;
    return faults;
}

// From such a context and such updates no result follows, and the coordinator claims one: a wrong
// signature, a site that is not in the cohort, two updates of one site, none that passes the gate.
// Damaged bytes, memory and disk say nothing about the claim.
bool refutes_the_claim(Errc code) noexcept {
    return code == Errc::kUnauthorized || code == Errc::kInvalidInput || code == Errc::kNotNow;
}

std::string describe(const std::vector<crypto::AttestedFault>& faults) {
    if (faults.empty()) return "none";
    std::string text;
    for (const auto& fault : faults) {
        text += fault.site.short_hex() + " kind " + std::to_string(static_cast<int>(fault.kind)) +
                " " + std::to_string(fault.bps) + " bps; ";
    }
    return text;
}

}  // namespace

bool Verification::matches() const noexcept {
    return std::all_of(checks.begin(), checks.end(),
                       [](const Check& check) { return check.matches; });
}

std::string Verification::first_difference() const {
    for (const Check& check : checks) {
        if (!check.matches) {
            return check.figure + ": claimed " + check.claimed + ", recomputed " + check.recomputed;
        }
    }
    return {};
}

Result<Verification> verify_round(const rules::RoundRules& rules,
                                  const crypto::Eip712Domain& domain, const RoundClaim& claim,
                                  const StoredRound& stored, unsigned threads) {
    FS_CHECK(stored.values.size() == claim.updates.size());
    std::vector<aggregation::SubmittedUpdate> submitted;
    for (std::size_t i = 0; i < stored.values.size(); ++i) {
        submitted.push_back({.signed_update = claim.updates[i], .values = stored.values[i].get()});
    }
    aggregation::RoundInput input;
    input.rules = &rules;
    input.context = &claim.context;
    input.domain = domain;
    input.base_model = stored.base_model;
    input.state = stored.state;
    input.earlier = stored.earlier;
    input.updates = submitted;
    aggregation::RoundOptions options;
    options.threads = threads;
    Comparison comparison;
    const auto evaluated = aggregation::evaluate_round(input, options);
    if (!evaluated) {
        if (!refutes_the_claim(evaluated.error().code)) return tl::unexpected(evaluated.error());
        comparison.add("signed updates", "give a result", evaluated.error().message);
        return Verification{comparison.take()};
    }
    const aggregation::RoundOutcome& outcome = *evaluated;
    compare_commitment(claim.commitment, outcome.commitment, comparison);
    const auto report = aggregation::RoundReport::decode(claim.report);
    if (report) {
        compare_report(*report, outcome.report, comparison);
    } else {
        comparison.add("report", "unreadable: " + report.error().message, "readable");
    }
    comparison.add("report bytes", crypto::sha256(claim.report).hex(),
                   outcome.commitment.report_digest.hex());
    const auto claimed_faults = without_deadlines(claim.faults);
    const auto my_faults = without_deadlines(outcome.faults);
    const std::string mine = describe(my_faults);
    comparison.add("accusations",
                   claimed_faults == my_faults ? mine : describe(claimed_faults) + "(other)", mine);
    return Verification{comparison.take()};
}

}  // namespace fedstake::session
