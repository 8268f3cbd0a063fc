// claim: a site's rewards from the chain.
#include <chrono>
#include <iostream>
#include <thread>

#include <nlohmann/json.hpp>

#include "client/app/audit_job.hpp"
#include "client/app/chain_access.hpp"
#include "client/app/commands.hpp"
#include "client/app/inquiry.hpp"

namespace fedstake::client {

namespace {

using chain::IntentState;

constexpr std::chrono::milliseconds kPumpEvery{100};

// The settlement follows from the report alone; its root must be the committed one.
Result<rules::RewardClaim> prove_reward(const Site& site, const AuditJob& job) {
    const session::RoundClaim& claim = job.claim();
    FS_ASSIGN(const auto report, aggregation::RoundReport::decode(claim.report));
    std::vector<rules::SiteScore> scores;
    for (const aggregation::SiteReport& entry : report.sites) {
        scores.push_back({.site = entry.site, .score = entry.score, .standing = entry.standing});
    }
    FS_ASSIGN(const rules::Settlement settlement,
              rules::settle(claim.context, site.manifest.rules, scores));
    if (settlement.rewards_root != claim.commitment.rewards_root) {
        return fail(Errc::kCorrupt, "the coordinator's record of round " +
                                        std::to_string(job.round()) +
                                        " does not give the committed rewards");
    }
    return rules::claim_for(claim.context, settlement, site.entry.owner);
}

// Newest final round at or below `round`, looking back as far as the chain's ring reaches.
Result<RoundNumber> newest_final(chain::Ledger& ledger, RoundNumber round) {
    constexpr RoundNumber kRing = 64;
    for (RoundNumber back = 0; back < kRing && round > back; ++back) {
        const auto final_round = ledger.is_final(round - back);
        if (!final_round && final_round.error().code != Errc::kNotFound) {
            return tl::unexpected(final_round.error());
        }
        if (final_round && *final_round) return round - back;
    }
    return fail(Errc::kNotNow, "no round is past its challenge window yet; try again later");
}

Result<chain::IntentStatus> pump_until_done(chain::Ledger& ledger, const std::string& key,
                                            std::chrono::seconds limit,
                                            const std::atomic<bool>& stop) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (true) {
        FS_TRY(ledger.pump());
        FS_ASSIGN(chain::IntentStatus status, ledger.status(key));
        if (status.state == IntentState::kRejected) {
            return fail(Errc::kConflict, "the chain refused " + key + ": " + status.detail);
        }
        if (status.state == IntentState::kDone) return status;
        if (stop || std::chrono::steady_clock::now() >= deadline) {
            return fail(Errc::kUnavailable,
                        key + " is " + std::string(chain::intent_state_name(status.state)) +
                            "; run the command again to go on");
        }
        std::this_thread::sleep_for(kPumpEvery);
    }
}

struct ClaimResult {
    RoundNumber round = 0;
    Amount paid = 0;
    Amount cumulative = 0;
    Digest transaction;  // zero in a dry run
};

void print_claim(const ChainOptions& options, const ClaimResult& result) {
    if (options.json) {
        std::cout << nlohmann::json({{"round", result.round},
                                     {"paid", amount_to_string(result.paid)},
                                     {"cumulative", amount_to_string(result.cumulative)},
                                     {"dry_run", options.dry_run},
                                     {"transaction", result.transaction.hex()}})
                         .dump()
                  << "\n";
    } else if (result.cumulative == 0) {
        std::cout << "nothing to claim: nothing earned up to round " << result.round << "\n";
    } else if (result.paid == 0) {
        std::cout << "nothing to claim: all " << amount_to_string(result.cumulative)
                  << " wei earned up to round " << result.round << " were paid out before\n";
    } else if (options.dry_run) {
        std::cout << "would claim " << amount_to_string(result.paid) << " wei as of round "
                  << result.round << " to this site's owner account\n";
    } else {
        std::cout << "claimed " << amount_to_string(result.paid) << " wei as of round "
                  << result.round << ", transaction " << result.transaction.hex() << "\n";
    }
}

}  // namespace

Status claim(const ChainOptions& options, const std::atomic<bool>& stop) {
    FS_ASSIGN(const Site site, open_site(options.config));
    FS_ASSIGN(const auto ledger, open_ledger(site, LedgerUse::kOwner, stop));
    RoundNumber round = options.round;
    if (round == 0) {
        FS_ASSIGN(const RoundNumber head, ledger->committed_head());
        FS_ASSIGN(round, newest_final(*ledger, head));
    }
    FS_ASSIGN(const auto inquiry,
              Inquiry::open(site, std::chrono::seconds(options.timeout_s), stop));
    FS_ASSIGN(const wire::RoundRecord record, inquiry->round_record(round));
    FS_ASSIGN(const AuditJob job, AuditJob::from(record));
    const auto reward = prove_reward(site, job);
    if (!reward && reward.error().code != Errc::kNotFound) return tl::unexpected(reward.error());
    FS_ASSIGN(const chain::StakeAccount before, ledger->stake_of(site.entry.owner));
    const Amount earned = reward ? reward->cumulative : 0;  // no leaf: nothing earned so far
    if (before.claimed >= earned) {
        print_claim(options, {.round = round, .paid = 0, .cumulative = earned, .transaction = {}});
        return {};
    }
    if (options.dry_run) {
        print_claim(options, {.round = round,
                              .paid = earned - before.claimed,
                              .cumulative = earned,
                              .transaction = {}});
        return {};
    }
    const std::string key = "claim/" + std::to_string(round);
    FS_TRY(ledger->submit(
        {.key = key,
         .operation = chain::ClaimReward{.commitment = record.commitment, .claim = *reward}}));
    FS_ASSIGN(const chain::IntentStatus done,
              pump_until_done(*ledger, key, std::chrono::seconds(options.timeout_s), stop));
    print_claim(options, {.round = round,
                          .paid = earned - before.claimed,
                          .cumulative = earned,
                          .transaction = done.transaction});
    return {};
}

}  // namespace fedstake::client
