// A coordinator that lies about one round, two auditors who sign without looking, and one site that
// looks: the round is voided, coordinator and signers pay, and the honest chain of rounds goes on
// from the round before.
#include <algorithm>
#include <csignal>
#include <map>

#include <gtest/gtest.h>

#include "contracts/cpp/evm/anvil_process.hpp"
#include "coordinator/store/round_table.hpp"
#include "tests/integration/chain_view.hpp"
#include "tests/integration/program_output.hpp"
#include "tests/integration/running_federation.hpp"

namespace fedstake::testing {
namespace {

using namespace std::chrono_literals;
constexpr RoundNumber kFalseRound = 2;
constexpr std::uint32_t kLyingRounds = 4;
constexpr std::uint64_t kWindow = 600;  // s; moved past by the node's clock

// By place among the demo's sites, of which the first three audit.
constexpr std::size_t kCareless = 0;  // and 1
constexpr std::size_t kHonest = 2;
constexpr std::size_t kBystander = 3;  // trains, does not audit

// What stays of a stake; bounties and the pool get the rest.
constexpr Amount kLiarKeeps = 500 * kToken;      // 50 %
constexpr Amount kCarelessKeeps = 800 * kToken;  // 80 %
constexpr Amount kTaken = 900 * kToken;          // 500 + 2 * 200
constexpr Amount kBounty = kTaken / 4;

// The parameter is a lie of lies.cpp.
class LyingCoordinator : public ::testing::TestWithParam<const char*> {
protected:
    void SetUp() override {
        if (!evm::find_anvil()) GTEST_SKIP() << "needs anvil: run npm ci in contracts/";
        demo::Options options = small_options();
        options.rounds = kLyingRounds;
        options.chain = true;
        options.challenge_window_s = kWindow;
        running_ = std::make_unique<RunningFederation>(options);
        FS_ASSERT_OK(parts().found());
        auto chain = ChainView::open(parts());
        FS_ASSERT_OK(chain);
        chain_ = *std::move(chain);
        FS_ASSERT_OK(chain_->stake_coordinator(parts(), kStake));
    }

    demo::Federation& parts() { return running_->parts(); }
    std::filesystem::path folder_of(std::size_t site) {
        return parts().site_folder(parts().sites()[site]);
    }
    SiteId owner_of(std::size_t site) {
        const auto& sites = parts().manifest().sites;
        return std::ranges::find(sites, parts().sites()[site].name, &manifest::SiteEntry::name)
            ->owner;
    }
    Amount stake_of(std::size_t site) { return chain_->account_of(owner_of(site)).stake; }
    std::string log_of(std::size_t site) { return read_text(folder_of(site) / "run.log"); }

    void start_liar() {
        const std::size_t site = std::string_view(GetParam()) == "reward" ? kCareless : kHonest;
        const auto config = parts().coordinator_folder() / "coordinator.toml";
        auto liar = demo::Process::start(
            {.name = "lying coordinator",
             .program = test_bin_dir() / "lying_coordinator",
             .arguments = {"--lie", GetParam(), "--round", std::to_string(kFalseRound), "--site",
                           owner_of(site).hex(), "--config", config.string(), "--rounds",
                           std::to_string(kLyingRounds), "--events",
                           parts().events_file().string()},
             .log = running_->folder() / "coordinator.log"});
        FS_ASSERT_OK(liar);
        liar_ = std::make_unique<demo::Process>(*std::move(liar));
    }

    void start_sites() {
        for (std::size_t site = 0; site < parts().sites().size(); ++site) {
            if (site >= kHonest) {
                FS_ASSERT_OK(parts().start_site(parts().sites()[site]));
                continue;
            }
            auto careless = demo::Process::start(
                {.name = "careless site",
                 .program = test_bin_dir() / "careless_site",
                 .arguments = {"--config", (folder_of(site) / "client.toml").string()},
                 .log = folder_of(site) / "run.log"});
            FS_ASSERT_OK(careless);
            parts().clients().push_back(*std::move(careless));
        }
    }

    ProgramOutput client(std::size_t site, std::vector<std::string> words) {
        words.insert(words.end(), {"--config", (folder_of(site) / "client.toml").string()});
        return run_program("fedstake-client", std::move(words));
    }

    // The lie is on the chain with the signatures of those who did not look, and rounds built on it
    // are behind it.
    void post_the_lie() {
        start_liar();
        start_sites();
        ASSERT_TRUE(wait_until([&] { return chain_->head() > kFalseRound; })) << running_->log();
        const std::string wanted = "audit of round " + std::to_string(kFalseRound) + " FAILED";
        ASSERT_TRUE(wait_until([&] { return log_of(kHonest).find(wanted) != std::string::npos; }))
            << log_of(kHonest);
        EXPECT_EQ(log_of(kCareless).find(wanted), std::string::npos);
    }

    void challenge() {
        const std::string round = std::to_string(kFalseRound);
        const ProgramOutput dry = client(kHonest, {"challenge", "--round", round, "--dry-run"});
        EXPECT_GT(chain_->head(), kFalseRound) << "a dry run has changed the chain";
        said_ = "dry run:\n" + dry.text;
        const ProgramOutput output = client(kHonest, {"challenge", "--round", round});
        said_ += "\n" + output.text;
        ASSERT_EQ(output.exit_code, 0) << said_;
    }

    void expect_voided_and_slashed() {
        EXPECT_EQ(chain_->head(), kFalseRound - 1) << said_;
        EXPECT_TRUE(chain_->committed(kFalseRound).is_zero());
        EXPECT_EQ(amount_to_string(chain_->account_of(parts().manifest().coordinator).stake),
                  amount_to_string(kLiarKeeps));
        EXPECT_EQ(amount_to_string(stake_of(kCareless)), amount_to_string(kCarelessKeeps));
        EXPECT_EQ(amount_to_string(stake_of(kCareless + 1)), amount_to_string(kCarelessKeeps));
        EXPECT_EQ(amount_to_string(stake_of(kHonest)), amount_to_string(kStake));
        EXPECT_EQ(amount_to_string(stake_of(kBystander)), amount_to_string(kStake));
        EXPECT_EQ(amount_to_string(chain_->slash_pool()), amount_to_string(kTaken - kBounty));
    }

    // Whether `challenge` collected it or it waits for anybody's call.
    void expect_bounty_paid() {
        const Address prover = owner_of(kHonest);
        if (chain_->bounty_of(prover) > 0) {
            FS_ASSERT_OK(chain_->send(evm::dev_key(0), chain_->at().stake_vault,
                                      chain_->abis().stake_vault, "payBounty",
                                      {evm::AbiValue::address(prover)}));
        }
        EXPECT_EQ(amount_to_string(chain_->tokens_of(prover)), amount_to_string(kBounty));
    }

    // The consortium's operator exchanges the software: same keys, same store.
    void replace_the_liar() {
        liar_->signal(SIGTERM);
        ASSERT_TRUE(liar_->wait_for(10s)) << running_->log();
        liar_.reset();
        FS_ASSERT_OK(parts().start_coordinator(demo::Federation::CoordinatorMode::kRounds));
    }

    void expect_honest_rounds_to_the_end() {
        ASSERT_TRUE(wait_until(
            [&] {
                return !running_
                            ->events("intent_changed",
                                     [](const auto& event) {
                                         return event.value("state", "") == "done" &&
                                                event.value("key", "").starts_with(
                                                    "commit/" + std::to_string(kLyingRounds));
                                     })
                            .empty() &&
                       chain_->head() == kLyingRounds;
            },
            60s))
            << running_->log();
        FS_ASSERT_OK(chain_->advance(kWindow + 1));
        ASSERT_EQ(running_->wait_for_end(60s), 0) << running_->log();
        for (RoundNumber round = 1; round <= kLyingRounds; ++round) {
            EXPECT_TRUE(chain_->is_final(round)) << round;
        }
        const auto attested = running_->events("round_attested", in_round(kFalseRound));
        ASSERT_GE(attested.size(), 2U);
        EXPECT_NE(attested.front().at("commitment"), attested.back().at("commitment"));
        EXPECT_EQ(attested.back().at("commitment"), chain_->committed(kFalseRound).hex());
        EXPECT_EQ(log_of(kHonest).find("refusing to sign a second update"), std::string::npos);
    }

    // Rewards of the honest rounds alone.
    void expect_claims_paid() {
        FS_ASSERT_OK(parts().start_coordinator(demo::Federation::CoordinatorMode::kServe));
        std::map<SiteId, Amount> before;
        for (std::size_t site = 0; site < parts().sites().size(); ++site) {
            before[owner_of(site)] = chain_->tokens_of(owner_of(site));
            const ProgramOutput output = client(site, {"claim"});
            EXPECT_EQ(output.exit_code, 0) << output.text;
        }
        parts().coordinator().stop();
        const auto database =
            store::Database::open(parts().coordinator_folder() / "data" / "coordinator.db");
        FS_ASSERT_OK(database);
        const auto record = store::RoundTable(**database).get(kLyingRounds);
        FS_ASSERT_OK(record);
        Amount total = 0;
        for (const rules::SiteSettlement& site : record->settlement.sites) {
            EXPECT_EQ(amount_to_string(chain_->tokens_of(site.site) - before[site.site]),
                      amount_to_string(site.cumulative_reward))
                << site.site.hex();
            EXPECT_GT(site.cumulative_reward, Amount{0});
            total += site.cumulative_reward;
        }
        EXPECT_LE(total, Amount{kLyingRounds} * 10 * kToken) << "a round pays its budget at most";
    }

    std::unique_ptr<RunningFederation> running_;
    std::unique_ptr<ChainView> chain_;
    std::unique_ptr<demo::Process> liar_;
    std::string said_;  // by `challenge`
};

std::string lie_of(const ::testing::TestParamInfo<const char*>& instance) {
    return instance.param;
}

TEST_P(LyingCoordinator, IsConvictedByOneSite) {
    ASSERT_NO_FATAL_FAILURE(post_the_lie());
    ASSERT_NO_FATAL_FAILURE(challenge());
    expect_voided_and_slashed();
    expect_bounty_paid();
}

INSTANTIATE_TEST_SUITE_P(About, LyingCoordinator,
                         ::testing::Values("model", "aggregate", "reward", "omission"), lie_of);

class HonestSoftwareOnALiarsStore : public LyingCoordinator {};

TEST_P(HonestSoftwareOnALiarsStore, RunsTheVoidedRoundAgainAndItsRewardsAreClaimed) {
    ASSERT_NO_FATAL_FAILURE(post_the_lie());
    ASSERT_NO_FATAL_FAILURE(challenge());
    expect_bounty_paid();
    ASSERT_NO_FATAL_FAILURE(replace_the_liar());
    ASSERT_NO_FATAL_FAILURE(expect_honest_rounds_to_the_end());
    ASSERT_NO_FATAL_FAILURE(expect_claims_paid());
}

INSTANTIATE_TEST_SUITE_P(About, HonestSoftwareOnALiarsStore, ::testing::Values("model", "reward"),
                         lie_of);

}  // namespace
}  // namespace fedstake::testing
