// What the coordinator does not hand out is demanded on the chain, waited for, used or expired.
#include "client/app/challenge_demand.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "contracts/cpp/evm/site_account.hpp"
#include "tests/client/app/challenge_alone.hpp"

namespace fedstake::client {
namespace {

using namespace fedstake::testing;
using ::testing::AllOf;
using ::testing::HasSubstr;
using Kind = DemandStep::Kind;

constexpr std::uint64_t kAnswerTime = 500;
constexpr Amount kPurse = 5'000'000;

class ChallengeDemand : public ChallengeAlone {
protected:
    [[nodiscard]] evm::DeploymentConfig config() const override {
        evm::DeploymentConfig config = deployment_config();
        config.unbonding_delay = 10'000;
        config.resolution = 1'000;
        config.answer_time = kAnswerTime;
        return config;
    }
    void SetUp() override {
        ChallengeAlone::SetUp();
        if (IsSkipped()) return;
        site_.entry.audits = false;
        ASSERT_TRUE(evm::mint_test_tokens(chain_->node(), evm::dev_key(kDeployer),
                                          chain_->contracts().token, key_.address(), kPurse));
    }
    // A receipt of the coordinator for another update than the round holds.
    void keep_omitted_receipt() {
        evm::SignedReceipt given = round_->receipt(0);
        given.receipt.update_root.bytes[0] ^= 1U;
        given.signature =
            crypto::sign_statement(chain_->domain(), given.receipt, evm::dev_key(kCoordinator));
        ASSERT_TRUE(
            EvidenceFolder(site_.config.state).keep(wire::Receipt{given.receipt, given.signature}));
    }
    // As the command does it.
    ChallengeOutcome run(bool wanted, bool dry_run = false) {
        auto outcome = challenge(dry_run);
        if (!outcome) {
            ADD_FAILURE() << outcome.error().message;
            return {};
        }
        if (!outcome->commitment || outcome->voided || !outcome->proven.empty()) return *outcome;
        const DemandCase about{.commitment = *outcome->commitment,
                               .window_end = outcome->round.window_end,
                               .lacks = outcome->lacks,
                               .can_answer = outcome->complete,
                               .wanted = wanted,
                               .dry_run = dry_run};
        auto step = pursue_demand(chain_->node(), *desk_, about, site_.config.state, keys());
        EXPECT_TRUE(step) << (step ? "" : step.error().message);
        if (step) outcome->demand = *std::move(step);
        return *outcome;
    }
    KeySource keys() {
        return [this]() -> Result<const crypto::SigningKey*> { return &key_; };
    }
    void post_answer() {
        const evm::RoundData data{.leaves = round_->leaves(),
                                  .report = round_->report_bytes,
                                  .context = round_->context_bytes};
        const auto other = owner_key(1);
        const auto posted = desk_->demands().post_answer(round_->commitment, data, other);
        ASSERT_TRUE(posted) << posted.error().message;
    }
    std::filesystem::path notes() const { return site_.config.state / "demands"; }

    crypto::SigningKey key_ = owner_key(3);
};

TEST_F(ChallengeDemand, IsOfferedWithItsPriceWhereDataIsMissing) {
    post();
    const ChallengeOutcome outcome = run(false);
    EXPECT_EQ(outcome.demand.kind, Kind::kOffered);
    EXPECT_EQ(challenge_word(outcome, {}), "incomplete");
    EXPECT_EQ(challenge_exit(outcome, {}), ExitCode::kUnavailable);
    EXPECT_THAT(outcome_text(outcome, {}, {}),
                AllOf(HasSubstr("with --demand"), HasSubstr("a bond of 1000000 wei"),
                      HasSubstr("within 500 s"), HasSubstr("50 % of its stake")));
    EXPECT_EQ(chain_->tokens_of(key_.address()), kPurse);
    const ChallengeOutcome dry = run(true, true);
    EXPECT_EQ(dry.demand.kind, Kind::kOffered) << "a dry run demands nothing";
    EXPECT_EQ(chain_->tokens_of(key_.address()), kPurse);
}

TEST_F(ChallengeDemand, BringsTheLeavesThatProveAnOmissionToASiteThatIsNoAuditor) {
    keep_omitted_receipt();
    post();
    const ChallengeOutcome made = run(true);
    ASSERT_EQ(made.demand.kind, Kind::kMade);
    EXPECT_EQ(challenge_word(made, {}), "demanded");
    EXPECT_EQ(challenge_exit(made, {}), ExitCode::kNotNow);
    EXPECT_EQ(chain_->tokens_of(key_.address()), kPurse - made.demand.demand.bond);
    const ChallengeOutcome waiting = run(true);
    EXPECT_EQ(waiting.demand.kind, Kind::kWaiting) << "a second time it waits";
    EXPECT_EQ(challenge_exit(waiting, {}), ExitCode::kNotNow);
    EXPECT_EQ(outcome_json(waiting, {}, site_.manifest)["demand"]["step"], "waiting");
    ASSERT_NO_FATAL_FAILURE(post_answer());
    const ChallengeOutcome proven = run(true);
    ASSERT_EQ(proven.proven.size(), 1U) << outcome_text(proven, {}, {});
    EXPECT_EQ(proven.proven[0].finding.figure, "omission");
    EXPECT_EQ(challenge_word(proven, {}), "convicted");
}

TEST_F(ChallengeDemand, AnHonestAnswerLeavesNothingToFind) {
    post();
    ASSERT_EQ(run(true).demand.kind, Kind::kMade);
    ASSERT_NO_FATAL_FAILURE(post_answer());
    const ChallengeOutcome outcome = run(true);
    EXPECT_EQ(challenge_word(outcome, {}), "clean") << outcome_text(outcome, {}, {});
    EXPECT_TRUE(outcome.complete);
    EXPECT_EQ(outcome.demand.kind, Kind::kNone);
}

TEST_F(ChallengeDemand, IsExpiredByTheSameCommandWhenNobodyAnswers) {
    post();
    ASSERT_EQ(run(true).demand.kind, Kind::kMade);
    chain_->advance(kAnswerTime + 1);
    const ChallengeOutcome dry = run(false, true);
    EXPECT_EQ(dry.demand.kind, Kind::kExpirable);
    EXPECT_EQ(challenge_exit(dry, {}), ExitCode::kVerifyFailed);
    ChallengeOutcome expired = run(false);
    ASSERT_EQ(expired.demand.kind, Kind::kExpired);
    expired.voided = true;
    EXPECT_EQ(challenge_word(expired, {}), "expired");
    EXPECT_EQ(challenge_exit(expired, {}), ExitCode::kSuccess);
    EXPECT_THAT(outcome_text(expired, {}, {}),
                AllOf(HasSubstr("WITHHELD"), HasSubstr("round 1 is void"),
                      HasSubstr("1000000 wei goes back to " + key_.address().hex())));
    EXPECT_EQ(chain_->tokens_of(key_.address()), kPurse);
    EXPECT_EQ(desk_->committed(1)->state, evm::RoundState::kVoided);
}

TEST_F(ChallengeDemand, IsNotMadeAfterTheWindowOrForWhatIsThere) {
    post();
    DemandCase about{.commitment = round_->commitment,
                     .window_end = 1,
                     .lacks = true,
                     .can_answer = false,
                     .wanted = true,
                     .dry_run = false};
    const auto late = pursue_demand(chain_->node(), *desk_, about, site_.config.state, keys());
    ASSERT_TRUE(late) << late.error().message;
    EXPECT_EQ(late->kind, Kind::kTooLate);
    EXPECT_THAT(demand_text(*late, 1), HasSubstr("window is over"));
    about.window_end = ~std::uint64_t{0};
    about.lacks = false;
    about.can_answer = true;
    const auto idle = pursue_demand(chain_->node(), *desk_, about, site_.config.state, keys());
    ASSERT_TRUE(idle) << idle.error().message;
    EXPECT_EQ(idle->kind, Kind::kNone);
    EXPECT_EQ(chain_->tokens_of(key_.address()), kPurse);
}

TEST_F(ChallengeDemand, ABondOnARoundThatWasVoidedOtherwiseComesBack) {
    post();
    ASSERT_EQ(run(true).demand.kind, Kind::kMade);
    ASSERT_FALSE(std::filesystem::is_empty(notes()));
    const auto recover = [&](bool dry_run) {
        return recover_bonds(*desk_, 1, site_.config.state, dry_run, keys());
    };
    EXPECT_TRUE(recover(false)->empty()) << "the round stands";
    ASSERT_TRUE(chain_->send(kDeployer, chain_->contracts().round_manager,
                             chain_->abis().round_manager, "voidRound",
                             {evm::abi_of(round_->commitment)}));
    EXPECT_TRUE(recover(true)->empty()) << "a dry run";
    const auto back = recover(false);
    ASSERT_TRUE(back) << back.error().message;
    ASSERT_EQ(back->size(), 1U);
    EXPECT_THAT(back->front(), HasSubstr("its bond of 1000000 wei goes back"));
    EXPECT_EQ(chain_->tokens_of(key_.address()), kPurse);
    EXPECT_TRUE(std::filesystem::is_empty(notes()));
    EXPECT_TRUE(recover(false)->empty());
}

}  // namespace
}  // namespace fedstake::client
