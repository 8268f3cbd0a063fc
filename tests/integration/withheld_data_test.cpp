// The data of a round is demanded on the chain: a coordinator that withholds it loses the round and
// half of its stake, an honest one answers by itself, killed in between or not.
#include <algorithm>
#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contracts/cpp/evm/anvil_process.hpp"
#include "contracts/cpp/evm/committed_round.hpp"
#include "contracts/cpp/evm/leaf_demands.hpp"
#include "contracts/cpp/evm/site_account.hpp"
#include "coordinator/app/chain_link.hpp"
#include "tests/integration/chain_view.hpp"
#include "tests/integration/program_output.hpp"
#include "tests/integration/rpc_proxy.hpp"
#include "tests/integration/running_federation.hpp"

namespace fedstake::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::uint32_t kDemandRounds = 3;
constexpr std::uint64_t kDemandWindow = 600;  // s; moved past by the node's clock
constexpr Amount kPurse = 5'000'000;          // tokens of the site that demands, in wei

// By place among the demo's sites, of which the first three audit.
constexpr std::size_t kSigner = 0;  // and 1; careless ones where there is something to see
constexpr std::size_t kLooker = 2;
constexpr std::size_t kDemander = 3;  // trains, does not audit

class WithheldData : public ::testing::Test {
protected:
    void found() {
        if (!evm::find_anvil()) GTEST_SKIP() << "needs anvil: run npm ci in contracts/";
        demo::Options options = small_options();
        options.rounds = kDemandRounds;
        options.chain = true;
        options.challenge_window_s = kDemandWindow;
        running_ = std::make_unique<RunningFederation>(options);
        FS_ASSERT_OK(parts().found());
        auto chain = ChainView::open(parts());
        FS_ASSERT_OK(chain);
        chain_ = *std::move(chain);
        FS_ASSERT_OK(chain_->stake_coordinator(parts(), kStake));
        at_ = coordinator::contract_addresses(chain_->at());
        const auto assigned = evm::assigned_contracts(chain_->node(), at_, chain_->abis());
        FS_ASSERT_OK(assigned);
        leaf_demands_ = assigned->leaf_demands;
        const auto terms = desk().terms();
        FS_ASSERT_OK(terms);
        terms_ = *terms;
    }

    demo::Federation& parts() { return running_->parts(); }
    evm::DemandDesk desk() { return {chain_->node(), at_, chain_->abis(), leaf_demands_}; }
    SiteId owner_of(std::size_t site) {
        const auto& sites = parts().manifest().sites;
        return std::ranges::find(sites, parts().sites()[site].name, &manifest::SiteEntry::name)
            ->owner;
    }
    Address coordinator_account() { return parts().manifest().coordinator; }
    std::string config_of(std::size_t site) {
        return (parts().site_folder(parts().sites()[site]) / "client.toml").string();
    }
    std::string coordinator_config() {
        return (parts().coordinator_folder() / "coordinator.toml").string();
    }

    ProgramOutput client(std::size_t site, std::vector<std::string> words) {
        words.insert(words.end(), {"--config", config_of(site)});
        return run_program("fedstake-client", std::move(words));
    }
    // Each waits for the coordinator for two seconds at most.
    ProgramOutput challenge(RoundNumber round, std::vector<std::string> words = {}) {
        words.insert(words.begin(),
                     {"challenge", "--round", std::to_string(round), "--timeout-s", "2"});
        return client(kDemander, std::move(words));
    }
    void fill_purse() {
        FS_ASSERT_OK(evm::mint_test_tokens(chain_->node(), evm::dev_key(0), chain_->at().token,
                                           owner_of(kDemander), kPurse));
    }

    std::size_t answers() {
        return chain_->count_events(leaf_demands_, chain_->abis().leaf_demands, "Answered");
    }
    evm::DemandState state_of(RoundNumber round) {
        const auto demand = desk().of(chain_->committed(round));
        return demand ? demand->state : evm::DemandState::kNone;
    }
    void start_all() {
        FS_ASSERT_OK(running_->start_rounds());
        ASSERT_TRUE(wait_until([&] { return chain_->head() == kDemandRounds; }, 60s))
            << running_->log();
    }
    // The demand's bond is the coordinator's, and its round stays open for proofs.
    void expect_answered(RoundNumber round) {
        ASSERT_TRUE(wait_until([&] { return answers() == 1; })) << running_->log();
        EXPECT_EQ(state_of(round), evm::DemandState::kAnswered);
        EXPECT_EQ(amount_to_string(chain_->tokens_of(coordinator_account())),
                  amount_to_string(terms_.bond));
        EXPECT_EQ(amount_to_string(chain_->tokens_of(owner_of(kDemander))),
                  amount_to_string(kPurse - terms_.bond));
        const auto held = evm::committed_round(chain_->node(), at_, chain_->abis(), round);
        FS_ASSERT_OK(held);
        EXPECT_GT(held->final_at, held->window_end);
        EXPECT_EQ(amount_to_string(chain_->account_of(coordinator_account()).stake),
                  amount_to_string(kStake));
    }
    void expect_final_rounds_and_a_good_end() {
        FS_ASSERT_OK(chain_->advance(kDemandWindow + 1));
        EXPECT_FALSE(chain_->is_final(kDemandRounds)) << "held back by the answer";
        FS_ASSERT_OK(chain_->advance(terms_.answer_time + 1));
        ASSERT_EQ(parts().coordinator().wait_for(60s), 0) << running_->log();
        for (RoundNumber round = 1; round <= kDemandRounds; ++round) {
            EXPECT_TRUE(chain_->is_final(round)) << round;
        }
        EXPECT_EQ(chain_->head(), kDemandRounds);
    }

    void start_withholding_liar(RoundNumber round) {
        auto liar = demo::Process::start(
            {.name = "lying coordinator",
             .program = test_bin_dir() / "lying_coordinator",
             .arguments = {"--lie", "model", "--withhold", "--round", std::to_string(round),
                           "--site", owner_of(kSigner).hex(), "--config", coordinator_config(),
                           "--rounds", std::to_string(kDemandRounds), "--events",
                           parts().events_file().string()},
             .log = running_->folder() / "coordinator.log"});
        FS_ASSERT_OK(liar);
        liar_ = std::make_unique<demo::Process>(*std::move(liar));
        for (std::size_t site = 0; site < parts().sites().size(); ++site) {
            if (site >= kLooker) {
                FS_ASSERT_OK(parts().start_site(parts().sites()[site]));
                continue;
            }
            auto careless = demo::Process::start(
                {.name = "careless site",
                 .program = test_bin_dir() / "careless_site",
                 .arguments = {"--config", config_of(site)},
                 .log = parts().site_folder(parts().sites()[site]) / "run.log"});
            FS_ASSERT_OK(careless);
            parts().clients().push_back(*std::move(careless));
        }
        ASSERT_TRUE(wait_until([&] { return chain_->head() == kDemandRounds; }, 60s))
            << running_->log();
    }

    std::unique_ptr<RunningFederation> running_;
    std::unique_ptr<ChainView> chain_;
    std::unique_ptr<demo::Process> liar_;
    evm::ContractAddresses at_;
    Address leaf_demands_;
    evm::DemandTerms terms_;
};

TEST_F(WithheldData, CostsTheCoordinatorItsRoundAndHalfItsStakeWhenNobodyAnswers) {
    constexpr RoundNumber kFalse = 2;
    ASSERT_NO_FATAL_FAILURE(found());
    if (IsSkipped()) return;
    ASSERT_NO_FATAL_FAILURE(start_withholding_liar(kFalse));

    const ProgramOutput blind = challenge(kFalse);
    EXPECT_EQ(blind.exit_code, 5) << blind.text;
    EXPECT_THAT(blind.text, AllOf(HasSubstr("the coordinator serves another one"),
                                  HasSubstr("--demand"), HasSubstr("50 % of its stake")));
    const ProgramOutput poor = challenge(kFalse, {"--demand"});
    EXPECT_EQ(poor.exit_code, 2) << poor.text;
    EXPECT_THAT(poor.text, HasSubstr("a demand needs a bond of 1000000 wei"));
    ASSERT_NO_FATAL_FAILURE(fill_purse());
    const ProgramOutput demanded = challenge(kFalse, {"--demand"});
    ASSERT_EQ(demanded.exit_code, 9) << demanded.text;
    EXPECT_EQ(state_of(kFalse), evm::DemandState::kOpen);
    EXPECT_EQ(amount_to_string(chain_->tokens_of(owner_of(kDemander))),
              amount_to_string(kPurse - terms_.bond));

    // The liar's own store has nothing that the contract would take.
    ASSERT_TRUE(running_->wait_for_event("round_demanded", in_round(kFalse))) << running_->log();
    const ProgramOutput waiting = challenge(kFalse);
    EXPECT_EQ(waiting.exit_code, 9) << waiting.text;
    EXPECT_THAT(waiting.text, HasSubstr("has demanded the data of round 2"));
    const ProgramOutput status = run_program(
        "fedstake-coordinator", {"status", "--chain", "--config", coordinator_config()});
    EXPECT_THAT(status.text, HasSubstr("DEMAND    about round 2"));

    FS_ASSERT_OK(chain_->advance(terms_.answer_time + 1));
    EXPECT_EQ(answers(), 0U);
    EXPECT_FALSE(chain_->is_final(kFalse)) << "an open demand holds it back";
    const ProgramOutput dry = challenge(kFalse, {"--dry-run"});
    EXPECT_EQ(dry.exit_code, 10) << dry.text;
    EXPECT_EQ(chain_->head(), kDemandRounds) << "a dry run has changed the chain";
    const ProgramOutput expired = challenge(kFalse);
    ASSERT_EQ(expired.exit_code, 0) << expired.text;
    EXPECT_THAT(expired.text, AllOf(HasSubstr("WITHHELD"), HasSubstr("rounds 2 to 3 are void")));

    EXPECT_EQ(chain_->head(), kFalse - 1);
    EXPECT_EQ(amount_to_string(chain_->account_of(coordinator_account()).stake),
              amount_to_string(kStake / 2));
    EXPECT_EQ(amount_to_string(chain_->slash_pool()), amount_to_string(kStake / 2));
    EXPECT_EQ(amount_to_string(chain_->tokens_of(owner_of(kDemander))), amount_to_string(kPurse));
    EXPECT_EQ(amount_to_string(chain_->bounty_of(owner_of(kDemander))), "0");
    for (std::size_t site = 0; site < parts().sites().size(); ++site) {
        EXPECT_EQ(amount_to_string(chain_->account_of(owner_of(site)).stake),
                  amount_to_string(kStake));
    }
    const ProgramOutput again = challenge(kFalse);
    EXPECT_EQ(again.exit_code, 0) << again.text;

    // Honest software on the same store runs it again.
    liar_->signal(SIGTERM);
    ASSERT_TRUE(liar_->wait_for(10s)) << running_->log();
    FS_ASSERT_OK(parts().start_coordinator(demo::Federation::CoordinatorMode::kRounds));
    ASSERT_TRUE(wait_until([&] { return chain_->head() == kDemandRounds; }, 60s))
        << running_->log();
    FS_ASSERT_OK(chain_->advance(kDemandWindow + 1));
    ASSERT_EQ(parts().coordinator().wait_for(60s), 0) << running_->log();
    EXPECT_TRUE(chain_->is_final(kDemandRounds));
}

TEST_F(WithheldData, IsPostedByAnHonestCoordinatorByItself) {
    constexpr RoundNumber kDemanded = 2;
    ASSERT_NO_FATAL_FAILURE(found());
    if (IsSkipped()) return;
    ASSERT_NO_FATAL_FAILURE(start_all());
    ASSERT_NO_FATAL_FAILURE(fill_purse());
    const ProgramOutput before = challenge(kDemanded);
    EXPECT_EQ(before.exit_code, 0) << before.text;
    EXPECT_THAT(before.text, HasSubstr("signatures and omissions")) << "leaves are for auditors";
    const ProgramOutput demanded = challenge(kDemanded, {"--demand"});
    ASSERT_EQ(demanded.exit_code, 9) << demanded.text;
    ASSERT_NO_FATAL_FAILURE(expect_answered(kDemanded));
    const ProgramOutput after = challenge(kDemanded);
    EXPECT_EQ(after.exit_code, 0) << after.text;
    EXPECT_THAT(after.text, AllOf(HasSubstr("no fault found"), Not(HasSubstr("and omissions"))));
    ASSERT_NO_FATAL_FAILURE(expect_final_rounds_and_a_good_end());
    EXPECT_EQ(running_->events("demand_closed", in_round(kDemanded)).size(), 1U);
}

TEST_F(WithheldData, IsPostedAfterAKillBetweenTheDemandAndTheAnswer) {
    constexpr RoundNumber kDemanded = 2;
    ASSERT_NO_FATAL_FAILURE(found());
    if (IsSkipped()) return;
    std::atomic<bool> armed{false};
    const std::string node = "http://127.0.0.1:" + std::to_string(parts().ports().chain);
    auto proxy = RpcProxy::start(node, [&armed](std::uint64_t) {
        return armed.exchange(false) ? RpcProxy::AtSend::kKillBefore : RpcProxy::AtSend::kPass;
    });
    FS_ASSERT_OK(proxy);
    std::string text = read_text(coordinator_config());
    const auto place = text.find(node);
    ASSERT_NE(place, std::string::npos) << text;
    write_text(coordinator_config(), text.replace(place, node.size(), (*proxy)->url()));
    ASSERT_NO_FATAL_FAILURE(start_all());
    ASSERT_NO_FATAL_FAILURE(fill_purse());

    armed = true;
    (*proxy)->aim_at(parts().coordinator().pid());
    const ProgramOutput demanded = challenge(kDemanded, {"--demand"});
    ASSERT_EQ(demanded.exit_code, 9) << demanded.text;
    ASSERT_EQ(parts().coordinator().wait_for(30s), 128 + SIGKILL) << running_->log();
    (*proxy)->aim_at(0);
    EXPECT_EQ(answers(), 0U) << "signed, kept, and not sent";

    FS_ASSERT_OK(parts().start_coordinator(demo::Federation::CoordinatorMode::kRounds));
    ASSERT_NO_FATAL_FAILURE(expect_answered(kDemanded));
    ASSERT_EQ((*proxy)->kills().size(), 1U);
    EXPECT_TRUE((*proxy)->kills().front().sent_again) << "the very transaction that it had signed";
    ASSERT_NO_FATAL_FAILURE(expect_final_rounds_and_a_good_end());
}

TEST_F(WithheldData, IsPostedByAnAuditorWhileTheCoordinatorIsAway) {
    constexpr RoundNumber kDemanded = 1;
    ASSERT_NO_FATAL_FAILURE(found());
    if (IsSkipped()) return;
    ASSERT_NO_FATAL_FAILURE(start_all());
    ASSERT_NO_FATAL_FAILURE(fill_purse());
    parts().coordinator().signal(SIGKILL);
    ASSERT_TRUE(parts().coordinator().wait_for(10s));
    const auto answer = [&](std::size_t site) {
        return client(site,
                      {"answer-demand", "--timeout-s", "2", "--round", std::to_string(kDemanded)});
    };
    EXPECT_EQ(answer(kLooker).exit_code, 3) << "nobody demands anything yet";
    const ProgramOutput demanded = challenge(kDemanded, {"--demand"});
    ASSERT_EQ(demanded.exit_code, 9) << demanded.text;
    const ProgramOutput none = answer(kDemander);
    EXPECT_EQ(none.exit_code, 3) << none.text;
    EXPECT_THAT(none.text, HasSubstr("which only auditors have"));
    const ProgramOutput posted = answer(kLooker);
    ASSERT_EQ(posted.exit_code, 0) << posted.text;
    ASSERT_NO_FATAL_FAILURE(expect_answered(kDemanded));
    const ProgramOutput twice = answer(kSigner);
    EXPECT_EQ(twice.exit_code, 0) << twice.text;
    EXPECT_THAT(twice.text, HasSubstr("already"));
    EXPECT_EQ(answers(), 1U);

    const ProgramOutput seen = challenge(kDemanded);
    EXPECT_EQ(seen.exit_code, 0) << "all from the chain\n" << seen.text;
    EXPECT_THAT(seen.text, HasSubstr("no fault found"));
    FS_ASSERT_OK(parts().start_coordinator(demo::Federation::CoordinatorMode::kRounds));
    ASSERT_NO_FATAL_FAILURE(expect_final_rounds_and_a_good_end());
}

}  // namespace
}  // namespace fedstake::testing
