// A site finds the fault of a round by itself, from what it keeps, with no coordinator to ask.
#include "client/app/challenge_run.hpp"

#include <cmath>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/crypto/content_tree.hpp"
#include "tests/client/app/challenge_alone.hpp"

namespace fedstake::client {
namespace {

using namespace fedstake::testing;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

TEST_F(ChallengeAlone, AnHonestRoundHasNoFault) {
    for (const std::string rule : {"mean", "trimmed-mean", "median", "geometric-median"}) {
        const std::string before =
            chain_->node().raw("evm_snapshot", evm::Json::array()).value().get<std::string>();
        std::filesystem::remove_all(site_.config.state);
        begin(rule);
        for (int rounds = 0; rounds < 2; ++rounds) {
            post_and_keep();
            const auto outcome = challenge();
            ASSERT_TRUE(outcome) << outcome.error().message;
            EXPECT_EQ(challenge_word(*outcome, {}), "clean")
                << rule << ": " << outcome_text(*outcome, {}, {});
            EXPECT_EQ(challenge_exit(*outcome, {}), ExitCode::kSuccess);
            round_->go_on();
        }
        ASSERT_TRUE(chain_->node().raw("evm_revert", evm::Json::array({before})));
    }
}

TEST_F(ChallengeAlone, FindsOneUnitInTheAggregate) {
    for (const std::string rule : {"mean", "trimmed-mean", "median"}) {
        const std::string before =
            chain_->node().raw("evm_snapshot", evm::Json::array()).value().get<std::string>();
        std::filesystem::remove_all(site_.config.state);
        begin(rule);
        round_->aggregate[301] += 1;
        round_->reapply();
        round_->rename_values();
        round_->write_report();
        post_and_keep();
        expect_convicted("aggregate",
                         "coordinate 301 (leaf 1) is " + std::to_string(round_->aggregate[301]) +
                             ", and has to be " + std::to_string(round_->aggregate[301] - 1));
        ASSERT_TRUE(chain_->node().raw("evm_revert", evm::Json::array({before})));
    }
}

// Two chunks and more: the lie is behind the first.
TEST_F(ChallengeAlone, FindsOneUnitInALargeAggregate) {
    begin("mean", 300'000);
    round_->aggregate[290'001] -= 1;
    round_->reapply();
    round_->rename_values();
    round_->write_report();
    post_and_keep();
    expect_convicted("aggregate", "coordinate 290001 (leaf 1132)");
}

TEST_F(ChallengeAlone, FindsTheLastPlaceOfAParameter) {
    round_->model[599] = std::nextafter(round_->model[599], 10.0F);
    round_->rename_values();
    round_->write_report();
    post_and_keep();
    expect_convicted("model", "coordinate 599 (leaf 2)");
}

TEST_F(ChallengeAlone, FindsAModelOfAnotherSize) {
    round_->model.push_back(0.0F);
    round_->rename_values();
    round_->write_report();
    post_and_keep();
    expect_convicted("size", "the model has 2404 bytes, and has to have 2400");
}

TEST_F(ChallengeAlone, FindsForgedRewards) {
    round_->commitment.reward_total += 1;
    post_and_keep();
    expect_convicted("settlement", "the sum of all rewards");
}

TEST_F(ChallengeAlone, FindsAForgedRewardsTree) {
    round_->commitment.rewards_root.bytes[9] ^= 1;
    post_and_keep();
    expect_convicted("settlement", "the root of the rewards");
}

TEST_F(ChallengeAlone, ForgedRewardsNeedNoAuditor) {
    round_->commitment.reward_total += 1;
    post_and_keep();
    site_.entry.audits = false;
    expect_convicted("settlement", "the sum of all rewards");
}

TEST_F(ChallengeAlone, FindsInventedRewardsBeforeTheFirstRound) {
    round_->context.cohort[2].cumulative_reward = 77;
    round_->write_context();
    round_->resettle();
    post_and_keep();
    expect_convicted("context", "has rewards before round 1");
}

TEST_F(ChallengeAlone, FindsAContextThatForgetsTheRoundBefore) {
    post_and_keep();
    round_->go_on();
    round_->context.cohort[1].cumulative_reward += 1;
    round_->write_context();
    round_->resettle();
    post_and_keep();
    expect_convicted("context", "rewards so far are not those of the round before");
    EXPECT_EQ(desk_->committed(1)->state, evm::RoundState::kCommitted);
}

TEST_F(ChallengeAlone, FindsAForgedSignature) {
    round_->updates[4].signature = round_->updates[3].signature;
    round_->rename_updates();
    post_and_keep();
    expect_convicted("signature", "was not signed by its key");
}

TEST_F(ChallengeAlone, FindsAStatementOfAnotherAttempt) {
    round_->updates[2].statement.attempt = 1;
    round_->rename_updates();
    post_and_keep();
    expect_convicted("statement", "is for round 1 attempt 1, it stands in round 1 attempt 0");
}

TEST_F(ChallengeAlone, FindsThatItsOwnUpdateIsMissing) {
    const evm::SignedReceipt receipt = round_->receipt(0);
    ASSERT_TRUE(
        EvidenceFolder(site_.config.state)
            .keep(wire::Receipt{.receipt = receipt.receipt, .signature = receipt.signature}));
    round_->updates.erase(round_->updates.begin());
    round_->rename_updates();
    round_->commitment.sites = 4;
    round_->report.sites.erase(round_->report.sites.begin());
    round_->report.weight_denominator = 4;
    round_->write_report();
    round_->resettle();
    post_and_keep();
    expect_convicted("omission", "does not hold it");
}

TEST_F(ChallengeAlone, FindsAReportOfOtherUpdates) {
    round_->report.sites[1].update_root.bytes[0] ^= 1;
    round_->write_report();
    post_and_keep();
    expect_convicted("updates", "the update of site");
}

TEST_F(ChallengeAlone, FindsAReportAgainstTheRules) {
    round_->report.sites[1].weight = 3;
    round_->report.weight_denominator = 7;
    round_->write_report();
    post_and_keep();
    expect_convicted("report", "the report of round 1 attempt 0");
}

TEST_F(ChallengeAlone, FindsASiteThatSignedTwoUpdates) {
    post_and_keep();
    // Another request for the same attempt, with another update of one site.
    rules::SignedUpdate second = round_->updates[2];
    const std::size_t cheat = 0;
    second.statement.site = owner_key(cheat).address();
    rules::SignedUpdate first = second;
    second.statement.update_root.bytes[0] ^= 1;
    wire::AttestRequest request;
    request.round = 1;
    request.commitment = round_->commitment;
    for (rules::SignedUpdate* update : {&first, &second}) {
        update->signature =
            crypto::sign_statement(chain_->domain(), update->statement, signer_key(cheat));
        request.signed_updates.push_back(update->encode());
    }
    ASSERT_TRUE(EvidenceFolder(site_.config.state).keep(request));
    const auto outcome = challenge();
    ASSERT_TRUE(outcome) << outcome.error().message;
    ASSERT_EQ(outcome->proven.size(), 1U);
    EXPECT_EQ(outcome->proven[0].finding.figure, "equivocation");
    EXPECT_EQ(outcome->proven[0].conviction->slashed[0].account, owner_key(cheat).address());
    // The round itself stands, and the same is not punished twice.
    EXPECT_EQ(desk_->committed(1)->state, evm::RoundState::kCommitted);
    const auto again = challenge();
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->proven.empty());
    ASSERT_EQ(again->notes.size(), 1U);
    EXPECT_EQ(challenge_word(*again, {}), "clean");
}

// A coordinator that makes statements up brings no site into suspicion, and hides no guilty one.
TEST_F(ChallengeAlone, StatementsOfOtherKeysAreNoFaultAndHideNone) {
    post_and_keep();
    rules::SignedUpdate made_up = round_->updates[2];
    made_up.statement.site = owner_key(0).address();
    made_up.signature = crypto::sign_statement(chain_->domain(), made_up.statement, signer_key(1));
    wire::AttestRequest request;
    request.round = 1;
    request.commitment = round_->commitment;
    request.signed_updates = {made_up.encode()};
    const auto add = [&](std::uint8_t fill, const crypto::SigningKey& key) {
        rules::SignedUpdate update = made_up;
        update.statement.update_root.bytes.fill(fill);
        update.signature = crypto::sign_statement(chain_->domain(), update.statement, key);
        request.signed_updates.push_back(update.encode());
    };
    add(7, signer_key(0));
    add(8, signer_key(1));
    ASSERT_TRUE(EvidenceFolder(site_.config.state).keep(request));
    const auto innocent = challenge();
    ASSERT_TRUE(innocent) << innocent.error().message;
    EXPECT_EQ(challenge_word(*innocent, {}), "clean") << outcome_text(*innocent, {}, {});
    add(9, signer_key(0));
    ASSERT_TRUE(EvidenceFolder(site_.config.state).keep(request));
    const auto guilty = challenge();
    ASSERT_TRUE(guilty) << guilty.error().message;
    ASSERT_EQ(guilty->proven.size(), 1U);
    EXPECT_EQ(guilty->proven[0].finding.figure, "equivocation");
}

TEST_F(ChallengeAlone, FindsTwoReceipts) {
    post_and_keep();
    evm::SignedReceipt receipt = round_->receipt(0);
    const EvidenceFolder folder(site_.config.state);
    ASSERT_TRUE(folder.keep(wire::Receipt{receipt.receipt, receipt.signature}));
    receipt.receipt.update_root.bytes[0] ^= 1;
    receipt.signature =
        crypto::sign_statement(chain_->domain(), receipt.receipt, evm::dev_key(kCoordinator));
    ASSERT_TRUE(folder.keep(wire::Receipt{receipt.receipt, receipt.signature}));
    const auto outcome = challenge();
    ASSERT_TRUE(outcome) << outcome.error().message;
    ASSERT_FALSE(outcome->proven.empty());
    EXPECT_EQ(outcome->proven[0].finding.figure, "receipts");
}

TEST_F(ChallengeAlone, ADryRunSendsNothing) {
    round_->commitment.reward_total += 1;
    post_and_keep();
    const auto outcome = challenge(true);
    ASSERT_TRUE(outcome) << outcome.error().message;
    ASSERT_EQ(outcome->proven.size(), 1U);
    EXPECT_FALSE(outcome->proven[0].conviction);
    EXPECT_GT(outcome->proven[0].trial.cost, Amount{0});
    EXPECT_EQ(challenge_word(*outcome, {}), "provable");
    EXPECT_EQ(challenge_exit(*outcome, {}), ExitCode::kVerifyFailed);
    EXPECT_EQ(desk_->committed(1)->state, evm::RoundState::kCommitted);
}

// A score is an opinion of the rules' formulas, which the contracts do not know.
TEST_F(ChallengeAlone, AFaultThatNoProofShowsIsNamed) {
    round_->report.sites[1].score /= 2;
    round_->write_report();
    round_->resettle();
    post_and_keep();
    const auto outcome = challenge();
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_TRUE(outcome->proven.empty());
    EXPECT_EQ(challenge_word(*outcome, {}), "unprovable") << outcome_text(*outcome, {}, {});
    EXPECT_EQ(challenge_exit(*outcome, {}), ExitCode::kUnprovable);
    EXPECT_THAT(outcome_text(*outcome, {}, Amount{5}), HasSubstr("--dispute"));
    EXPECT_EQ(desk_->committed(1)->state, evm::RoundState::kCommitted);
}

TEST_F(ChallengeAlone, SaysWhatIsMissing) {
    post();
    const auto outcome = challenge();
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(challenge_word(*outcome, {}), "incomplete");
    EXPECT_EQ(challenge_exit(*outcome, {}), ExitCode::kUnavailable);
    const std::string text = outcome_text(*outcome, {}, {});
    EXPECT_THAT(text, HasSubstr("not checked: the context of round 1 (SHA-256 0x"));
    EXPECT_THAT(text, HasSubstr("not checked: the signed updates of round 1"));
}

TEST_F(ChallengeAlone, DamagedOwnCopiesAreNotBelieved) {
    post_and_keep();
    round_->values[1][5] ^= 1;  // under the old name
    const auto path = round_->store(folder_ / "other", round_->values[1]);
    round_->values[1][5] ^= 1;
    const auto name = round_->store(folder_ / "other", round_->values[1]).filename();
    std::filesystem::copy_file(path, site_.config.state / "blobs" / name,
                               std::filesystem::copy_options::overwrite_existing);
    const auto outcome = challenge();
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_TRUE(outcome->proven.empty());
    EXPECT_EQ(challenge_word(*outcome, {}), "incomplete");
    EXPECT_THAT(outcome_text(*outcome, {}, {}),
                HasSubstr("not checked: the aggregate: the update"));
}

TEST_F(ChallengeAlone, AVoidedRoundNeedsNothingMore) {
    round_->commitment.reward_total += 1;
    post_and_keep();
    ASSERT_TRUE(challenge());
    const auto again = challenge();
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(challenge_word(*again, {}), "voided");
    EXPECT_EQ(challenge_exit(*again, {}), ExitCode::kSuccess);
}

TEST_F(ChallengeAlone, AFinalRoundIsTooLate) {
    round_->commitment.reward_total += 1;
    post_and_keep();
    chain_->advance(kChallengeWindow + 1);
    const auto outcome = challenge();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, Errc::kNotNow);
    EXPECT_THAT(outcome.error().message, HasSubstr("round 1 is final"));
}

TEST_F(ChallengeAlone, ARoundThatWasNotPostedIsNotFound) {
    const auto outcome = challenge();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, Errc::kNotFound);
    EXPECT_THAT(outcome.error().message, HasSubstr("holds no round 1"));
}

// The same proof came from somebody else between the trial and the transaction.
TEST_F(ChallengeAlone, ALostRaceIsAVoidedRound) {
    round_->commitment.reward_total += 1;
    post_and_keep();
    auto source = PaperSource::open(site_, 1s, stop_);
    ASSERT_TRUE(source);
    const auto other = owner_key(2);
    const auto key = owner_key(3);
    Challenge slow(
        site_, *desk_, **source, key.address(),
        [&](const ProvenFault& fault) -> Result<evm::Conviction> {
            FS_TRY(desk_->submit(*fault.finding.proof, other));
            return desk_->submit(*fault.finding.proof, key);
        },
        stop_);
    const auto outcome = slow.run(1);
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_TRUE(outcome->voided);
    EXPECT_EQ(challenge_word(*outcome, {}), "voided");
}

TEST_F(ChallengeAlone, LeavesNoFilesBehind) {
    post_and_keep();
    ASSERT_TRUE(challenge());
    std::size_t entries = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
        ++entries;
        EXPECT_EQ(entry.path().filename(), "state");
    }
    EXPECT_EQ(entries, 1U);
}

}  // namespace
}  // namespace fedstake::client
