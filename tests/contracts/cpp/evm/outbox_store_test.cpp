// Durable outbox records.
#include "contracts/cpp/evm/outbox_store.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "proto/crypto/keccak256.hpp"
#include "tests/support/temp_dir.hpp"

namespace fedstake::evm {
namespace {

using testing::TempDir;

OutboxRecord sample(std::uint64_t sequence) {
    OutboxRecord record;
    record.sequence = sequence;
    record.call.key = "commit/" + std::to_string(sequence);
    record.call.lane = "commit";
    record.call.text = "a \"quoted\"\ntext";
    record.call.identity = crypto::keccak256(as_bytes("identity"));
    record.call.to.bytes.fill(7);
    record.call.data = {1, 2, 3};
    record.call.event_topic = crypto::keccak256(as_bytes("event"));
    record.state = chain::IntentState::kSent;
    record.nonce = 4;
    record.gas_limit = 100'000;
    const Bytes raw{9, 9, 9};
    record.transactions = {{crypto::keccak256(raw), raw, Amount{1} << 90U, 5, 17}};
    record.block = 3;
    record.reverts = 1;
    record.detail = "why";
    return record;
}

TEST(OutboxRecord, RoundTripsThroughJson) {
    const OutboxRecord record = sample(12);
    const auto decoded = decode_outbox_record(encode_outbox_record(record));
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(*decoded, record);
    OutboxRecord fresh;
    fresh.sequence = 1;
    EXPECT_EQ(*decode_outbox_record(encode_outbox_record(fresh)), fresh);
}

TEST(OutboxRecord, RefusesTamperedOnes) {
    const std::string text = encode_outbox_record(sample(12));
    const auto with = [&](const std::string& from, const std::string& to) {
        std::string changed = text;
        changed.replace(changed.find(from), from.size(), to);
        return decode_outbox_record(changed);
    };
    EXPECT_EQ(with("0x090909", "0x090908").error().code, Errc::kCorrupt);
    EXPECT_NE(with("0x090909", "0x090908").error().message.find("do not have the hash"),
              std::string::npos);
    EXPECT_FALSE(with("\"sent\"", "\"posted\""));
    EXPECT_FALSE(with("\"nonce\": 4", "\"nonce\": null"));
    EXPECT_FALSE(with("\"nonce\": 4", "\"nonce\": -4"));
    EXPECT_FALSE(with("\"version\": 1", "\"version\": 2"));
    EXPECT_FALSE(with("\"lane\"", "\"lone\""));
    EXPECT_FALSE(decode_outbox_record(text.substr(0, text.size() / 2)));
    EXPECT_FALSE(decode_outbox_record(""));
}

TEST(FileOutboxStore, LoadsWhatItSavedInOrder) {
    const TempDir folder;
    {
        auto store = *FileOutboxStore::open(folder / "outbox");
        for (const std::uint64_t sequence : {10U, 2U, 1U}) {
            ASSERT_TRUE(store->save(sample(sequence)));
        }
        OutboxRecord changed = sample(2);
        changed.state = chain::IntentState::kDone;
        ASSERT_TRUE(store->save(changed));
    }
    auto store = *FileOutboxStore::open(folder / "outbox");
    const auto records = store->load();
    ASSERT_TRUE(records) << records.error().message;
    ASSERT_EQ(records->size(), 3U);
    EXPECT_EQ(records->at(0), sample(1));
    EXPECT_EQ(records->at(1).state, chain::IntentState::kDone);
    EXPECT_EQ(records->at(2), sample(10));
}

TEST(FileOutboxStore, IgnoresHalfWrittenFilesAndNamesBrokenOnes) {
    const TempDir folder;
    auto store = *FileOutboxStore::open(folder.path());
    ASSERT_TRUE(store->save(sample(1)));
    std::ofstream(folder / "000000000002.json.part") << "{";
    EXPECT_EQ(store->load()->size(), 1U);
    std::ofstream(folder / "000000000003.json") << "{";
    const auto broken = store->load();
    ASSERT_FALSE(broken);
    EXPECT_EQ(broken.error().code, Errc::kCorrupt);
    EXPECT_NE(broken.error().message.find("000000000003.json"), std::string::npos);
}

TEST(FileOutboxStore, IsForOneProcess) {
    const TempDir folder;
    auto store = *FileOutboxStore::open(folder.path());
    const auto second = FileOutboxStore::open(folder.path());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::kConflict);
    store.reset();
    EXPECT_TRUE(FileOutboxStore::open(folder.path()));
}

TEST(FileOutboxStore, SaysWhenItCannotWrite) {
    const auto store = FileOutboxStore::open("/proc/outbox");
    ASSERT_FALSE(store);
    EXPECT_NE(store.error().message.find("/proc/outbox"), std::string::npos);
}

}  // namespace
}  // namespace fedstake::evm
