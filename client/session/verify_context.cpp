// Compares a context with the manifest and with the settlement that came before.
#include "client/session/verify_context.hpp"

#include <algorithm>

#include "proto/crypto/sha256.hpp"

namespace fedstake::session {

namespace {

Check check(std::string figure, std::string claimed, std::string expected) {
    const bool matches = claimed == expected;
    return {std::move(figure), std::move(claimed), std::move(expected), matches};
}

std::string describe(const rules::CohortMember& member) {
    return amount_to_string(member.cumulative_reward) + " wei, " + std::to_string(member.strikes) +
           " strikes, " + std::to_string(member.offences) + " offences";
}

// Every member enrolled under its own signer, and no training site left out.
Check check_roster(const manifest::Manifest& manifest, const rules::RoundContext& context,
                   Roster roster) {
    std::size_t removed = 0;
    for (const rules::CohortMember& member : context.cohort) {
        const manifest::SiteEntry* entry = manifest.find(member.site);
        if (entry == nullptr && (member.barred || roster == Roster::kOfThen)) {
            ++removed;  // left the federation, keeps its rewards
            continue;
        }
        if (entry == nullptr) {
            return check("cohort", member.site.hex() + " with signer " + member.signer.hex(),
                         "no such site in the manifest");
        }
        if (entry->signer != member.signer) {
            return check("cohort", entry->name + " with signer " + member.signer.hex(),
                         entry->name + " with signer " + entry->signer.hex());
        }
    }
    for (const manifest::SiteEntry& site : manifest.sites) {
        if (roster == Roster::kOfToday && site.trains && context.find(site.owner) == nullptr) {
            return check("cohort", "without " + site.name, "with " + site.name);
        }
    }
    std::string count = std::to_string(context.cohort.size()) + " sites";
    if (removed > 0) count += ", " + std::to_string(removed) + " not in the manifest any more";
    return check("cohort", count, count);
}

// What each member brings along, from the settlement of the round before.
void check_standings(const rules::RoundContext& context, const rules::Settlement* settlement,
                     std::vector<Check>& out) {
    for (const rules::CohortMember& member : context.cohort) {
        rules::CohortMember expected;
        if (settlement != nullptr) {
            const auto& sites = settlement->sites;
            const auto found =
                std::find_if(sites.begin(), sites.end(),
                             [&member](const auto& site) { return site.site == member.site; });
            if (found != sites.end()) {
                expected.cumulative_reward = found->cumulative_reward;
                expected.strikes = found->strikes;
                expected.offences = found->offences;
            }
        }
        out.push_back(
            check("standing of " + member.site.short_hex(), describe(member), describe(expected)));
    }
}

// Whoever took part in the settlement keeps its place, its rewards and its strikes: a site that
// left the federation too.
Check check_nobody_dropped(const rules::RoundContext& context,
                           const rules::Settlement& settlement) {
    std::string dropped;
    for (const rules::SiteSettlement& site : settlement.sites) {
        if (context.find(site.site) != nullptr) continue;
        dropped += (dropped.empty() ? "without " : ", ") + site.site.hex();
    }
    return check("sites of the round before", dropped.empty() ? "all there" : dropped, "all there");
}

Result<rules::Settlement> settle_again(const rules::RoundRules& rules,
                                       const PreviousRound& previous,
                                       const aggregation::RoundReport& report) {
    std::vector<rules::SiteScore> scores;
    for (const aggregation::SiteReport& site : report.sites) {
        scores.push_back({.site = site.site, .score = site.score, .standing = site.standing});
    }
    return rules::settle(previous.context, rules, scores);
}

}  // namespace

Result<std::vector<Check>> verify_context(const manifest::Manifest& manifest,
                                          const rules::RoundContext& context,
                                          const std::optional<PreviousRound>& previous,
                                          Roster roster) {
    std::vector<Check> checks;
    checks.push_back(check("federation", context.federation.hex(), manifest.federation.hex()));
    checks.push_back(check("rules", context.rules_digest.hex(), manifest.rules.digest().hex()));
    checks.push_back(check_roster(manifest, context, roster));
    if (context.round <= 1) {
        checks.push_back(
            check("previous aggregate", context.previous_aggregate.hex(), Digest{}.hex()));
        checks.push_back(
            check("previous rewards", context.previous_rewards_root.hex(), Digest{}.hex()));
        checks.push_back(check("previous state", context.previous_state.hex(), Digest{}.hex()));
        check_standings(context, nullptr, checks);
        return checks;
    }
    if (!previous || previous->commitment.round + 1 != context.round) {
        return fail(Errc::kInvalidInput, "the record of round " +
                                             std::to_string(context.round - 1) +
                                             " is needed and is not there");
    }
    const crypto::RoundCommitment& before = previous->commitment;
    const std::uint32_t needed = manifest.rules.schedule.auditors_needed;
    checks.push_back({"auditors of the round before", "at least " + std::to_string(needed),
                      std::to_string(previous->valid_signatures) + " valid signatures",
                      previous->valid_signatures >= needed});
    checks.push_back(check("base model", context.base_model.hex(), before.model.hex()));
    checks.push_back(
        check("previous aggregate", context.previous_aggregate.hex(), before.aggregate_root.hex()));
    checks.push_back(
        check("previous rewards", context.previous_rewards_root.hex(), before.rewards_root.hex()));
    checks.push_back(check("context of the round before", previous->context.digest().hex(),
                           before.context_digest.hex()));
    checks.push_back(check("federation of the round before", before.federation.hex(),
                           manifest.federation.hex()));
    // Rewards and scores do not bind every verdict; the signed digest of the report does.
    checks.push_back(check("report of the round before", crypto::sha256(previous->report).hex(),
                           before.report_digest.hex()));
    FS_ASSIGN(const auto report, aggregation::RoundReport::decode(previous->report));
    checks.push_back(check("previous state", context.previous_state.hex(), report.state.hex()));
    FS_ASSIGN(const rules::Settlement settlement, settle_again(manifest.rules, *previous, report));
    checks.push_back(check("rewards of the round before", before.rewards_root.hex(),
                           settlement.rewards_root.hex()));
    checks.push_back(check("scores of the round before", before.scores_root.hex(),
                           settlement.scores_root.hex()));
    checks.push_back(check_nobody_dropped(context, settlement));
    check_standings(context, &settlement, checks);
    return checks;
}

}  // namespace fedstake::session
