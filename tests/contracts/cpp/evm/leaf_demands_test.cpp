// Demands for a round's data on a real node: made, answered by anybody and in any way, read back,
// expired.
#include "contracts/cpp/evm/leaf_demands.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contracts/cpp/evm/federation_view.hpp"
#include "contracts/cpp/evm/proof_desk.hpp"
#include "proto/crypto/sha256.hpp"
#include "tests/contracts/cpp/evm/challenged_round.hpp"

namespace fedstake::evm {
namespace {

using namespace fedstake::testing;
using ::testing::HasSubstr;

constexpr std::uint64_t kLongUnbonding = 10'000;
constexpr std::uint64_t kAnswerTime = 500;
constexpr Amount kPurse = 5'000'000;

DeploymentConfig with_demands() {
    DeploymentConfig config = deployment_config();
    config.unbonding_delay = kLongUnbonding;
    config.resolution = 1'000;
    config.answer_time = kAnswerTime;
    return config;
}

class LeafDemandsOnAChain : public ::testing::Test {
protected:
    void SetUp() override {
        FEDSTAKE_NEED_ANVIL();
        chain_ = std::make_unique<TestChain>(AnvilOptions{}, with_demands());
        for (std::size_t site = 0; site < 3; ++site) chain_->enroll(site, 1000);
        const auto found = assigned_contracts(chain_->node(), chain_->contracts(), chain_->abis());
        ASSERT_TRUE(found) << found.error().message;
        contract_ = found->leaf_demands;
        round_ = std::make_unique<ChallengedRound>(*chain_, "mean");
        const Status posted = round_->post();
        ASSERT_TRUE(posted) << posted.error().message;
        ASSERT_TRUE(mint_test_tokens(chain_->node(), dev_key(kDeployer), chain_->contracts().token,
                                     key_.address(), kPurse));
    }
    DemandDesk desk() { return {chain_->node(), chain_->contracts(), chain_->abis(), contract_}; }
    RoundData data() {
        return {.leaves = round_->leaves(),
                .report = round_->report_bytes,
                .context = round_->context_bytes};
    }
    const crypto::RoundCommitment& c() const { return round_->commitment; }
    DemandState state() { return desk().of(c().struct_hash()).value().state; }
    void demand() {
        const auto made = desk().demand(c(), kPurse, key_);
        ASSERT_TRUE(made) << made.error().message;
        EXPECT_EQ(made->deadline, chain_->node().latest_block()->timestamp + kAnswerTime);
    }
    Bytes answer_call() {
        return chain_->abis()
            .leaf_demands.encode_call("answerDemand", answer_arguments(c(), data()))
            .value();
    }
    // Sends raw calldata to a contract, as another program would.
    void send_raw(const Address& to, const Bytes& calldata) {
        const Json tx{{"from", owner_key(1).address().hex()},
                      {"to", to.hex()},
                      {"data", "0x" + to_hex(calldata)},
                      {"gas", "0xf00000"}};
        const auto sent = chain_->node().raw("eth_sendTransaction", Json::array({tx}));
        ASSERT_TRUE(sent) << sent.error().message;
        chain_->mine();
        const auto receipt = chain_->node().receipt(*Digest::parse(sent->get<std::string>()));
        ASSERT_TRUE(receipt && *receipt && (*receipt)->succeeded);
    }
    void expect_readable() {
        ASSERT_EQ(state(), DemandState::kAnswered);
        const auto answer = desk().answer(c());
        ASSERT_TRUE(answer) << answer.error().message;
        EXPECT_EQ(answer->leaves, round_->leaves());
        EXPECT_EQ(answer->report, round_->report_bytes);
        EXPECT_EQ(answer->context, round_->context_bytes);
    }

    std::unique_ptr<TestChain> chain_;
    Address contract_;
    std::unique_ptr<ChallengedRound> round_;
    crypto::SigningKey key_ = owner_key(3);
};

TEST_F(LeafDemandsOnAChain, IsAnsweredAndReadBackByAnybody) {
    EXPECT_TRUE(desk().open()->empty());
    EXPECT_EQ(desk().terms()->answer_time, kAnswerTime);
    demand();
    const auto open = desk().open();
    ASSERT_EQ(open->size(), 1U);
    EXPECT_EQ(open->front().commitment, c().struct_hash());
    EXPECT_EQ(open->front().demander, key_.address());
    EXPECT_EQ(read_federation(chain_->node(), chain_->contracts(), chain_->abis(), {})->demands,
              *open);
    EXPECT_EQ(desk().answer(c()).error().code, Errc::kNotFound) << "nothing is posted yet";
    const auto posted = desk().post_answer(c(), data(), key_);
    ASSERT_TRUE(posted) << posted.error().message;
    expect_readable();
    EXPECT_TRUE(desk().open()->empty());
    EXPECT_EQ(chain_->tokens_of(dev_key(kCoordinator).address()),
              kPurse - chain_->tokens_of(key_.address()))
        << "the bond is the coordinator's";
    const auto again = desk().demand(c(), desk().terms()->bond, key_);
    ASSERT_FALSE(again);
    EXPECT_THAT(again.error().message, HasSubstr("were demanded before"));
}

// Contracts take padding that no encoder writes: an answer must not be made unreadable by it.
TEST_F(LeafDemandsOnAChain, AnAnswerWithDirtyPaddingIsReadAllTheSame) {
    demand();
    Bytes call = answer_call();
    ASSERT_NE(round_->context_bytes.size() % 32, 0U);
    ASSERT_EQ(call.back(), 0) << "padding of the last argument";
    call.back() = 0xab;
    call.insert(call.end(), 64, 0xcd);
    ASSERT_NO_FATAL_FAILURE(send_raw(contract_, call));
    expect_readable();
}

// Calls the address in its first word with the rest.
constexpr std::string_view kForwarder =
    "602280600b6000396000f3"
    "6020360380602060003760006000826000600060003"
    "55af115601d57005b600080fd";

TEST_F(LeafDemandsOnAChain, AnAnswerByWayOfAnotherContractIsInTheLogToo) {
    demand();
    const Json create{{"from", owner_key(1).address().hex()},
                      {"data", "0x" + std::string(kForwarder)},
                      {"gas", "0xf0000"}};
    const auto sent = chain_->node().raw("eth_sendTransaction", Json::array({create}));
    ASSERT_TRUE(sent) << sent.error().message;
    chain_->mine();
    const auto receipt = chain_->node().receipt(*Digest::parse(sent->get<std::string>()));
    ASSERT_TRUE(receipt && *receipt && (*receipt)->created);
    Bytes calldata(12, 0);
    calldata.insert(calldata.end(), contract_.bytes.begin(), contract_.bytes.end());
    const Bytes call = answer_call();
    calldata.insert(calldata.end(), call.begin(), call.end());
    ASSERT_NO_FATAL_FAILURE(send_raw(*(*receipt)->created, calldata));
    expect_readable();
}

TEST_F(LeafDemandsOnAChain, NobodyAnswersAndTheRoundIsVoided) {
    demand();
    const auto early = desk().expire(c(), key_);
    ASSERT_FALSE(early);
    EXPECT_THAT(early.error().message, HasSubstr("the time for it ends at"));
    chain_->advance(kAnswerTime + 1);
    const auto late = desk().post_answer(c(), data(), key_);
    ASSERT_FALSE(late);
    EXPECT_THAT(late.error().message, HasSubstr("the time for it ended at"));
    const auto expired = desk().expire(c(), key_);
    ASSERT_TRUE(expired) << expired.error().message;
    EXPECT_EQ(expired->voided_from, 1U);
    EXPECT_EQ(expired->coordinator, dev_key(kCoordinator).address());
    EXPECT_EQ(expired->slashed, Amount{0}) << "it had no stake here";
    EXPECT_EQ(state(), DemandState::kExpired);
    EXPECT_EQ(chain_->tokens_of(key_.address()), kPurse);
}

TEST_F(LeafDemandsOnAChain, ABondComesBackWhereTheRoundIsVoidedOtherwise) {
    demand();
    const auto open = desk().settle_voided(c().struct_hash(), key_);
    ASSERT_FALSE(open);
    EXPECT_THAT(open.error().message, HasSubstr("is not voided"));
    ASSERT_TRUE(chain_->send(kDeployer, chain_->contracts().round_manager,
                             chain_->abis().round_manager, "voidRound", {abi_of(c())}));
    EXPECT_TRUE(desk().open()->empty());
    const auto refused = desk().post_answer(c(), data(), key_);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("nothing left"));
    const auto settled = desk().settle_voided(c().struct_hash(), key_);
    ASSERT_TRUE(settled) << settled.error().message;
    EXPECT_EQ(state(), DemandState::kOverridden);
    EXPECT_EQ(chain_->tokens_of(key_.address()), kPurse);
}

TEST_F(LeafDemandsOnAChain, RefusesToPayMoreThanTheAccountHas) {
    const auto poor = desk().demand(c(), kPurse + 1, key_);
    ASSERT_FALSE(poor);
    EXPECT_EQ(poor.error().code, Errc::kInvalidInput);
    EXPECT_THAT(poor.error().message, HasSubstr("a demand needs a bond of 5000001 wei"));
}

// ---- Through the outbox ------------------------------------------------------------------------

class AnswerByOutbox : public LeafDemandsOnAChain {
protected:
    chain::Intent intent() {
        return {.key = "answer/1/0",
                .operation = chain::AnswerDemand{.commitment = c(),
                                                 .updates = round_->updates,
                                                 .report = round_->report_bytes,
                                                 .context = round_->context_bytes}};
    }
};

TEST_F(AnswerByOutbox, SeesTheDemandAndPostsOnce) {
    auto ledger = chain_->ledger();
    EXPECT_TRUE(ledger->open_demands()->empty());
    demand();
    ASSERT_EQ(ledger->open_demands()->size(), 1U);
    ASSERT_TRUE(ledger->submit(intent()));
    ASSERT_TRUE(ledger->submit(intent())) << "the same again is no conflict";
    ASSERT_TRUE(ledger->pump());
    EXPECT_EQ(ledger->status("answer/1/0")->state, chain::IntentState::kDone);
    EXPECT_TRUE(ledger->open_demands()->empty());
    expect_readable();
}

TEST_F(AnswerByOutbox, IsDoneWhereSomebodyElseHasAnsweredFirst) {
    auto ledger = chain_->ledger();
    demand();
    ASSERT_TRUE(ledger->submit(intent()));
    ASSERT_TRUE(desk().post_answer(c(), data(), key_));
    ASSERT_TRUE(ledger->pump());
    EXPECT_EQ(ledger->status("answer/1/0")->state, chain::IntentState::kDone);
}

// A reorganisation takes a demand back, and brings it again.
TEST_F(AnswerByOutbox, WaitsWhereTheDemandIsNotThere) {
    auto ledger = chain_->ledger();
    ASSERT_TRUE(ledger->submit(intent()));
    ASSERT_TRUE(ledger->pump());
    EXPECT_EQ(ledger->status("answer/1/0")->state, chain::IntentState::kQueued);
    demand();
    ASSERT_TRUE(ledger->pump());
    EXPECT_EQ(ledger->status("answer/1/0")->state, chain::IntentState::kDone);
    expect_readable();
}

TEST_F(AnswerByOutbox, IsRejectedAfterTheDeadline) {
    auto ledger = chain_->ledger();
    demand();
    ASSERT_TRUE(ledger->submit(intent()));
    chain_->advance(kAnswerTime + 1);
    ASSERT_TRUE(ledger->pump());
    EXPECT_EQ(ledger->status("answer/1/0")->state, chain::IntentState::kRejected);
    ASSERT_TRUE(desk().expire(c(), key_));
    auto later = chain_->ledger();
    ASSERT_TRUE(later->submit(intent()));
    ASSERT_TRUE(later->pump());
    EXPECT_EQ(later->status("answer/1/0")->state, chain::IntentState::kRejected)
        << "expired is not answered";
}

// ---- Without a chain ---------------------------------------------------------------------------

TEST(RoundData, TheBoundOfAnAnswerIsNamed) {
    EXPECT_LE(answer_bytes(316), kTransactionBytesMax);
    EXPECT_GT(answer_bytes(320), kTransactionBytesMax);
}

}  // namespace
}  // namespace fedstake::evm
