// Exactly one effect, whatever happens between signing and confirmation.
#include "contracts/cpp/evm/outbox.hpp"

#include <set>

#include <gtest/gtest.h>

#include "contracts/cpp/evm/anvil_process.hpp"
#include "proto/crypto/keccak256.hpp"
#include "tests/contracts/cpp/evm/fake_chain.hpp"

namespace fedstake::evm {
namespace {

using chain::IntentState;
using chain::RefusalKind;
using testing::FakeChain;

// Revert data whose first byte is what the judge makes of it.
constexpr std::uint8_t kWaitByte = 1;
constexpr std::uint8_t kAlreadyByte = 2;
constexpr std::uint8_t kFinalByte = 3;

Result<Verdict> judge(const OutboxCall&, const RpcFault& fault) {
    switch (fault.data.at(0)) {
        case kWaitByte: return Verdict{RefusalKind::kWait, "not yet"};
        case kAlreadyByte: return Verdict{RefusalKind::kAlready, "is there"};
        default: return Verdict{RefusalKind::kFinal, "never"};
    }
}

OutboxCall call(const std::string& key, const std::string& lane = "") {
    OutboxCall made;
    made.key = key;
    made.lane = lane;
    made.text = key;
    made.identity = crypto::keccak256(as_bytes(key));
    made.to = dev_key(5).address();
    made.data = {1, 2, 3};
    made.event_topic = crypto::keccak256(as_bytes("Event()"));
    return made;
}

OutboxOptions quick() {
    OutboxOptions options;
    options.chain_id = 31337;
    options.quick_polls = 1;
    options.quick_poll_interval = Duration{0};
    return options;
}

// A store that fails at a chosen save, before or after it became durable.
class FailingStore final : public OutboxStore {
public:
    Result<std::vector<OutboxRecord>> load() override { return inner_.load(); }
    Status save(const OutboxRecord& record) override {
        const bool fails = ++saves == fail_at;
        if (fails && !durable_failure) return fail(Errc::kUnavailable, "disk full");
        FS_TRY(inner_.save(record));
        if (fails) return fail(Errc::kUnavailable, "killed");
        return {};
    }
    std::size_t saves = 0;
    std::size_t fail_at = 0;
    bool durable_failure = false;

private:
    MemoryOutboxStore inner_;
};

class OutboxTest : public ::testing::Test {
protected:
    OutboxTest() {
        fake.contract = call("x").to;
        fake.event_topic = call("x").event_topic;
    }
    // As after a restart: from what the store has.
    void open(OutboxOptions options = quick()) {
        outbox = *Outbox::open(node, key, store, judge, options);
    }
    chain::IntentStatus status(const std::string& name) { return *outbox->status(name); }

    // Distinct transactions that reached the node.
    std::size_t distinct_broadcasts() {
        return std::set<std::string>(fake.broadcasts.begin(), fake.broadcasts.end()).size();
    }

    FakeChain fake;
    EthNode node{fake};
    crypto::SigningKey key = dev_key(1);
    FailingStore store;
    std::unique_ptr<Outbox> outbox;
};

TEST_F(OutboxTest, SendsConfirmsAndReports) {
    open();
    ASSERT_TRUE(outbox->submit(call("a")));
    const auto changed = outbox->pump();
    ASSERT_TRUE(changed) << changed.error().message;
    ASSERT_EQ(changed->size(), 1U);
    EXPECT_EQ(changed->at(0).state, IntentState::kDone);
    EXPECT_EQ(changed->at(0).transaction, fake.mined.at(0).hash);
    EXPECT_TRUE(outbox->pump()->empty());
}

TEST_F(OutboxTest, WaitsForConfirmations) {
    OutboxOptions options = quick();
    options.confirmations = 3;
    open(options);
    ASSERT_TRUE(outbox->submit(call("a")));
    ASSERT_TRUE(outbox->pump());
    EXPECT_EQ(status("a").state, IntentState::kMined);
    fake.mine_block();
    ASSERT_TRUE(outbox->pump());
    EXPECT_EQ(status("a").state, IntentState::kMined);
    fake.mine_block();
    ASSERT_TRUE(outbox->pump());
    EXPECT_EQ(status("a").state, IntentState::kDone);
}

TEST_F(OutboxTest, SendsOneAtATimeInOrder) {
    fake.automine = false;
    open();
    for (const char* name : {"a", "b", "c"}) ASSERT_TRUE(outbox->submit(call(name, "lane")));
    ASSERT_TRUE(outbox->pump());
    EXPECT_EQ(distinct_broadcasts(), 1U);
    fake.mine_block();
    ASSERT_TRUE(outbox->pump());
    EXPECT_EQ(status("a").state, IntentState::kDone);
    EXPECT_EQ(status("b").state, IntentState::kSent);
    EXPECT_EQ(status("c").state, IntentState::kQueued);
    EXPECT_EQ(distinct_broadcasts(), 2U);
}

TEST_F(OutboxTest, KeepsAskingWhileTheContractSaysWait) {
    fake.refusal = Bytes{kWaitByte};
    open();
    ASSERT_TRUE(outbox->submit(call("a")));
    EXPECT_EQ(outbox->pump()->size(), 1U) << "the reason is news once";
    EXPECT_TRUE(outbox->pump()->empty());
    EXPECT_EQ(status("a").state, IntentState::kQueued);
    EXPECT_EQ(status("a").detail, "not yet");
    EXPECT_TRUE(fake.broadcasts.empty());
    fake.refusal.reset();
    ASSERT_TRUE(outbox->pump());
    EXPECT_EQ(status("a").state, IntentState::kDone);
    EXPECT_TRUE(status("a").detail.empty());
}

TEST_F(OutboxTest, AWaitingRecordHoldsUpItsLaneOnly) {
    open();
    ASSERT_TRUE(outbox->submit(call("commit/1", "commit")));
    ASSERT_TRUE(outbox->submit(call("commit/2", "commit")));
    ASSERT_TRUE(outbox->submit(call("claim")));
    fake.refusal = Bytes{kWaitByte};
    ASSERT_TRUE(outbox->pump());
    EXPECT_TRUE(status("commit/2").detail.empty()) << "not asked before its turn";
    EXPECT_EQ(status("claim").detail, "not yet");
}

TEST_F(OutboxTest, ADroppedRecordIsNeverSentAndFreesItsLane) {
    fake.refusal = Bytes{kWaitByte};
    open();
    ASSERT_TRUE(outbox->submit(call("dead", "lane")));
    ASSERT_TRUE(outbox->submit(call("next", "lane")));
    ASSERT_TRUE(outbox->pump());
    ASSERT_TRUE(outbox->drop("dead", "its round was voided"));
    ASSERT_TRUE(outbox->drop("unknown", "nothing"));
    EXPECT_EQ(status("dead").state, IntentState::kRejected);
    EXPECT_EQ(status("dead").detail, "its round was voided");
    EXPECT_EQ(outbox->status("unknown").error().code, Errc::kNotFound);
    fake.refusal.reset();
    open();  // also after a restart
    ASSERT_TRUE(outbox->submit(call("dead", "lane"))) << "known, and over";
    ASSERT_TRUE(outbox->pump());
    EXPECT_EQ(status("dead").state, IntentState::kRejected);
    EXPECT_EQ(status("next").state, IntentState::kDone);
    EXPECT_EQ(distinct_broadcasts(), 1U);
    ASSERT_TRUE(outbox->drop("next", "too late"));
    EXPECT_EQ(status("next").state, IntentState::kDone);
}

// The transaction is out and uses up its nonce; when it reverts there is no second one, and until
// then nothing follows it.
TEST_F(OutboxTest, ADroppedTransactionThatRevertsIsNotMadeAgain) {
    fake.automine = false;
    open();
    ASSERT_TRUE(outbox->submit(call("dead", "lane")));
    ASSERT_TRUE(outbox->submit(call("next", "lane")));
    ASSERT_TRUE(outbox->pump());
    ASSERT_EQ(status("dead").state, IntentState::kSent);
    ASSERT_TRUE(outbox->drop("dead", "its round was voided"));
    EXPECT_EQ(status("dead").state, IntentState::kSent);
    open();
    ASSERT_TRUE(outbox->pump());
    EXPECT_EQ(distinct_broadcasts(), 1U) << "one transaction at a time";
    fake.mined_fail = true;
    fake.mine_block();
    fake.mined_fail = false;
    fake.automine = true;
    ASSERT_TRUE(outbox->pump());
    EXPECT_EQ(status("dead").state, IntentState::kRejected);
    EXPECT_EQ(status("dead").detail, "its round was voided");
    EXPECT_EQ(status("next").state, IntentState::kDone);
    EXPECT_EQ(distinct_broadcasts(), 2U);
}

TEST_F(OutboxTest, ADroppedTransactionWhoseNonceIsTakenIsOver) {
    fake.drop_broadcasts = true;
    open();
    ASSERT_TRUE(outbox->submit(call("dead")));
    ASSERT_TRUE(outbox->pump());
    ASSERT_TRUE(outbox->drop("dead", "its round was voided"));
    fake.drop_broadcasts = false;
    fake.mine_foreign();
    for (int i = 0; i < 6; ++i) ASSERT_TRUE(outbox->pump());
    EXPECT_EQ(status("dead").state, IntentState::kRejected);
    EXPECT_EQ(status("dead").detail, "its round was voided");
}

TEST_F(OutboxTest, TheContractsWordEndsIntents) {
    open();
    ASSERT_TRUE(outbox->submit(call("a")));
    fake.refusal = Bytes{kAlreadyByte};
    ASSERT_TRUE(outbox->pump());
    EXPECT_EQ(status("a").state, IntentState::kDone);
    ASSERT_TRUE(outbox->submit(call("b")));
    fake.refusal = Bytes{kFinalByte};
    ASSERT_TRUE(outbox->pump());
    EXPECT_EQ(status("b").state, IntentState::kRejected);
    EXPECT_EQ(status("b").detail, "never");
    EXPECT_TRUE(fake.broadcasts.empty());
}

// Killed at every save and at every call to the node, before or after it took effect; then started
// again from the store. Always exactly one transaction on the chain.
TEST_F(OutboxTest, OneEffectWhereverItIsKilled) {
    for (const bool after : {false, true}) {
        for (std::size_t at = 1; at <= 16; ++at) {
            SCOPED_TRACE("node call " + std::to_string(at) + (after ? " after" : " before"));
            FakeChain chain;
            chain.contract = fake.contract;
            chain.event_topic = fake.event_topic;
            EthNode local(chain);
            MemoryOutboxStore records;
            {
                auto first = *Outbox::open(local, key, records, judge, quick());
                ASSERT_TRUE(first->submit(call("a")));
                chain.fail_at = at;
                chain.fail_after_effect = after;
                static_cast<void>(first->pump());
            }
            chain.fail_at = 0;
            auto second = *Outbox::open(local, key, records, judge, quick());
            ASSERT_TRUE(second->pump());
            EXPECT_EQ(second->status("a")->state, IntentState::kDone);
            EXPECT_EQ(chain.mined.size(), 1U);
        }
    }
}

TEST_F(OutboxTest, OneEffectWhereverTheStoreFails) {
    for (const bool durable : {false, true}) {
        for (std::size_t at = 2; at <= 4; ++at) {  // save 1 is submit's
            SCOPED_TRACE("save " + std::to_string(at) + (durable ? " durable" : " lost"));
            FakeChain chain;
            chain.contract = fake.contract;
            chain.event_topic = fake.event_topic;
            EthNode local(chain);
            FailingStore records;
            records.fail_at = at;
            records.durable_failure = durable;
            {
                auto first = *Outbox::open(local, key, records, judge, quick());
                ASSERT_TRUE(first->submit(call("a")));
                const auto pumped = first->pump();
                ASSERT_FALSE(pumped);
                EXPECT_NE(pumped.error().message.find("repair the disk"), std::string::npos);
                const std::size_t sent = chain.broadcasts.size();
                EXPECT_FALSE(first->pump()) << "nothing may go out ahead of the store";
                EXPECT_FALSE(first->submit(call("b")));
                EXPECT_EQ(chain.broadcasts.size(), sent);
            }
            auto second = *Outbox::open(local, key, records, judge, quick());
            ASSERT_TRUE(second->pump());
            EXPECT_EQ(second->status("a")->state, IntentState::kDone);
            EXPECT_EQ(chain.mined.size(), 1U);
        }
    }
}

TEST_F(OutboxTest, AnUnstoredTransactionIsNeverBroadcast) {
    store.fail_at = 2;
    open();
    ASSERT_TRUE(outbox->submit(call("a")));
    EXPECT_FALSE(outbox->pump());
    EXPECT_TRUE(fake.broadcasts.empty());
}

TEST_F(OutboxTest, RestartSendsTheStoredBytesAgain) {
    fake.drop_broadcasts = true;
    open();
    ASSERT_TRUE(outbox->submit(call("a")));
    ASSERT_TRUE(outbox->pump());
    EXPECT_EQ(status("a").state, IntentState::kSent);
    fake.drop_broadcasts = false;
    fake.base_fee *= 5;  // a new signature would differ
    open();
    ASSERT_TRUE(outbox->pump());
    EXPECT_EQ(status("a").state, IntentState::kDone);
    ASSERT_EQ(fake.broadcasts.size(), 2U);
    EXPECT_EQ(fake.broadcasts[0], fake.broadcasts[1]);
}

TEST_F(OutboxTest, RemindsTheNodeOnNewBlocksAndReplacesWhenStuck) {
    fake.automine = false;
    open();
    ASSERT_TRUE(outbox->submit(call("a")));
    ASSERT_TRUE(outbox->pump());
    ASSERT_TRUE(outbox->pump());
    EXPECT_EQ(fake.broadcasts.size(), 1U) << "no new block, no reminder";
    fake.pool.clear();  // the node forgot it
    fake.mine_block();
    ASSERT_TRUE(outbox->pump());
    EXPECT_EQ(fake.broadcasts.size(), 2U);
    EXPECT_EQ(distinct_broadcasts(), 1U);
    fake.pool.clear();
    for (int i = 0; i < 2; ++i) fake.mine_block();
    ASSERT_TRUE(outbox->pump());
    EXPECT_EQ(distinct_broadcasts(), 2U);
    const OutboxRecord& record = outbox->records().at(0);
    ASSERT_EQ(record.transactions.size(), 2U);
    const auto& [old_one, new_one] = std::tie(record.transactions[0], record.transactions[1]);
    EXPECT_GE(new_one.max_fee * 8, old_one.max_fee * 9);
    EXPECT_GE(new_one.max_priority_fee * 8, old_one.max_priority_fee * 9);
    fake.mine_block();
    ASSERT_TRUE(outbox->pump());
    EXPECT_EQ(status("a").state, IntentState::kDone);
    EXPECT_EQ(fake.mined.size(), 1U);
}

TEST_F(OutboxTest, TheReplacedTransactionMayBeTheOneThatIsMined) {
    fake.automine = false;
    open();
    ASSERT_TRUE(outbox->submit(call("a")));
    ASSERT_TRUE(outbox->pump());
    const Digest first = outbox->records().at(0).transactions.at(0).hash;
    fake.pool.clear();
    for (int i = 0; i < 3; ++i) fake.mine_block();
    ASSERT_TRUE(outbox->pump());
    ASSERT_EQ(outbox->records().at(0).transactions.size(), 2U);
    fake.pool[0] = first;
    fake.mine_block();
    ASSERT_TRUE(outbox->pump());
    EXPECT_EQ(status("a").state, IntentState::kDone);
    EXPECT_EQ(status("a").transaction, first);
}

TEST_F(OutboxTest, NeverOffersMoreThanTheCap) {
    fake.automine = false;
    OutboxOptions options = quick();
    options.max_fee_cap = 3'100'000'000;
    open(options);
    ASSERT_TRUE(outbox->submit(call("a")));
    ASSERT_TRUE(outbox->pump());
    fake.head += 5;
    ASSERT_TRUE(outbox->pump());
    EXPECT_EQ(outbox->records().at(0).transactions.size(), 1U);
    EXPECT_NE(status("a").detail.find("more than the configured fee"), std::string::npos);
}

TEST_F(OutboxTest, AReorganisationSendsItAgain) {
    OutboxOptions options = quick();
    options.confirmations = 3;
    open(options);
    ASSERT_TRUE(outbox->submit(call("a")));
    ASSERT_TRUE(outbox->pump());
    EXPECT_EQ(status("a").state, IntentState::kMined);
    fake.reorganise();
    ASSERT_TRUE(outbox->pump());
    EXPECT_EQ(status("a").state, IntentState::kMined) << "sent again and mined";
    EXPECT_EQ(distinct_broadcasts(), 1U);
    for (int i = 0; i < 2; ++i) fake.mine_block();
    ASSERT_TRUE(outbox->pump());
    EXPECT_EQ(status("a").state, IntentState::kDone);
    EXPECT_EQ(fake.mined.size(), 1U);
}

TEST_F(OutboxTest, TwoThatAReorganisationDropsAreSentAgainInOrder) {
    OutboxOptions options = quick();
    options.confirmations = 12;
    open(options);
    for (const char* name : {"a", "b"}) ASSERT_TRUE(outbox->submit(call(name, "lane")));
    ASSERT_TRUE(outbox->pump());
    const auto first = fake.mined;
    ASSERT_EQ(first.size(), 2U);
    for (int i = 0; i < 9; ++i) fake.mine_block();
    ASSERT_TRUE(outbox->pump());
    EXPECT_EQ(status("b").state, IntentState::kMined);
    fake.reorganise();
    fake.reorganise();
    ASSERT_TRUE(outbox->pump());
    ASSERT_TRUE(outbox->pump());
    ASSERT_EQ(fake.mined.size(), 2U);
    EXPECT_EQ(fake.mined[0].hash, first[0].hash);
    EXPECT_EQ(fake.mined[1].hash, first[1].hash);
    EXPECT_EQ(distinct_broadcasts(), 2U);
    for (int i = 0; i < 11; ++i) fake.mine_block();
    ASSERT_TRUE(outbox->pump());
    EXPECT_EQ(status("a").state, IntentState::kDone);
    EXPECT_EQ(status("b").state, IntentState::kDone);
}

TEST_F(OutboxTest, ANonceTakenElsewhereMakesItAskTheContractAgain) {
    fake.automine = false;
    open();
    ASSERT_TRUE(outbox->submit(call("a")));
    ASSERT_TRUE(outbox->pump());
    fake.mine_foreign();
    ASSERT_TRUE(outbox->pump());
    ASSERT_TRUE(outbox->pump());
    EXPECT_EQ(status("a").state, IntentState::kSent) << "a receipt may come late";
    fake.automine = true;
    ASSERT_TRUE(outbox->pump());
    EXPECT_EQ(status("a").state, IntentState::kDone);
    EXPECT_EQ(fake.mined.size(), 2U);

    // The same, but what took the nonce had the effect: the contract says so.
    fake.automine = false;
    ASSERT_TRUE(outbox->submit(call("b")));
    ASSERT_TRUE(outbox->pump());
    fake.mine_foreign();
    fake.refusal = Bytes{kAlreadyByte};
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(outbox->pump());
    EXPECT_EQ(status("b").state, IntentState::kDone);
    EXPECT_EQ(fake.mined.size(), 3U);
}

TEST_F(OutboxTest, AFailedTransactionIsRetriedAFewTimesOnly) {
    fake.mined_fail = true;
    open();
    ASSERT_TRUE(outbox->submit(call("a")));
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(outbox->pump());
    EXPECT_EQ(status("a").state, IntentState::kRejected);
    EXPECT_EQ(fake.mined.size(), 3U);
    EXPECT_NE(status("a").detail.find("reverted in block"), std::string::npos);
}

TEST_F(OutboxTest, DoesNotTrustSuccessWithoutTheEvent) {
    fake.with_event = false;
    open();
    ASSERT_TRUE(outbox->submit(call("a")));
    ASSERT_TRUE(outbox->pump());
    EXPECT_EQ(status("a").state, IntentState::kRejected);
    EXPECT_NE(status("a").detail.find("logged no event"), std::string::npos);
}

TEST_F(OutboxTest, AnswersThatAreNoFailures) {
    fake.automine = false;
    open();
    ASSERT_TRUE(outbox->submit(call("a")));
    for (const char* text :
         {"already known", "Known transaction: abc", "transaction already imported",
          "replacement transaction underpriced"}) {
        fake.broadcast_fault = text;
        open();
        EXPECT_TRUE(outbox->pump()) << text;
        EXPECT_EQ(status("a").state, IntentState::kSent);
    }
    fake.broadcast_fault = "insufficient funds for gas * price + value";
    open();
    EXPECT_EQ(outbox->pump().error().code, Errc::kUnavailable);
    fake.broadcast_fault = "the moon is full";
    open();
    EXPECT_NE(outbox->pump().error().message.find("the moon is full"), std::string::npos);
}

TEST_F(OutboxTest, NamesAnotherChainAndAResetOne) {
    fake.chain_id = 1;
    open();
    EXPECT_TRUE(outbox->pump()) << "nothing to send, nothing to ask";
    ASSERT_TRUE(outbox->submit(call("a")));
    EXPECT_EQ(outbox->pump().error().code, Errc::kConflict);
    fake.chain_id = 31337;
    ASSERT_TRUE(outbox->pump());

    fake.mined.clear();  // a development chain that was started anew
    ASSERT_TRUE(outbox->submit(call("b")));
    const auto reset = outbox->pump();
    ASSERT_FALSE(reset);
    EXPECT_EQ(reset.error().code, Errc::kConflict);
    EXPECT_NE(reset.error().message.find("was the chain reset"), std::string::npos);
}

TEST_F(OutboxTest, NamesAnEmptyAccount) {
    fake.balance = 7;
    open();
    ASSERT_TRUE(outbox->submit(call("a")));
    const auto pumped = outbox->pump();
    EXPECT_EQ(pumped.error().code, Errc::kUnavailable);
    EXPECT_NE(pumped.error().message.find("has 7 wei and needs"), std::string::npos);
    EXPECT_TRUE(fake.broadcasts.empty());
}

}  // namespace
}  // namespace fedstake::evm
