// What the outbox remembers of each intent, and where it keeps it.
//
// A record is saved before what it says is done: a signed transaction is durable before it is
// broadcast, so that a restart can only repeat it, never make a second one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "contracts/cpp/ledger.hpp"
#include "proto/base/result.hpp"

namespace fedstake::evm {

// What to send. Records of one lane are sent in order, each after the one before was mined.
struct OutboxCall {
    std::string key;   // unique
    std::string lane;  // empty: no order
    std::string text;  // for messages: "commitment of round 3"
    Digest identity;   // equal for calls with one effect
    Address to;
    Bytes data;
    Digest event_topic;  // the receipt must have this event of `to`
    friend bool operator==(const OutboxCall&, const OutboxCall&) = default;
};

// One signed transaction. Replacements keep the nonce and raise the fees.
struct SentTransaction {
    Digest hash;
    Bytes raw;
    Amount max_fee = 0;
    Amount max_priority_fee = 0;
    std::uint64_t sent_block = 0;  // head of the chain when it was signed
    friend bool operator==(const SentTransaction&, const SentTransaction&) = default;
};

struct OutboxRecord {
    std::uint64_t sequence = 0;  // order of submission, from 1
    OutboxCall call;
    chain::IntentState state = chain::IntentState::kQueued;
    std::optional<std::uint64_t> nonce;  // from kSent on
    std::uint64_t gas_limit = 0;
    std::vector<SentTransaction> transactions;  // newest last
    Digest mined;                               // the transaction that made it
    std::uint64_t block = 0;
    std::uint32_t reverts = 0;  // transactions that were mined but failed
    bool dropped = false;       // given up: `detail` says why
    std::string detail;
    friend bool operator==(const OutboxRecord&, const OutboxRecord&) = default;
};

class OutboxStore {
public:
    virtual ~OutboxStore() = default;
    // Every record, by sequence.
    [[nodiscard]] virtual Result<std::vector<OutboxRecord>> load() = 0;
    // Adds or replaces the record of that sequence. Durable when it returns.
    [[nodiscard]] virtual Status save(const OutboxRecord& record) = 0;
};

// Lost with the process: for tests and one-off tools.
class MemoryOutboxStore final : public OutboxStore {
public:
    [[nodiscard]] Result<std::vector<OutboxRecord>> load() override;
    [[nodiscard]] Status save(const OutboxRecord& record) override;

private:
    std::vector<OutboxRecord> records_;
};

// A folder with one JSON file a record, written to a temporary file, synced, and renamed. Locked
// while open: a second process gets kConflict.
class FileOutboxStore final : public OutboxStore {
public:
    [[nodiscard]] static Result<std::unique_ptr<FileOutboxStore>> open(
        const std::filesystem::path& folder);
    ~FileOutboxStore() override;
    FileOutboxStore(const FileOutboxStore&) = delete;
    FileOutboxStore& operator=(const FileOutboxStore&) = delete;

    // RETURNS kCorrupt, naming the file, for one that save() did not write.
    [[nodiscard]] Result<std::vector<OutboxRecord>> load() override;
    [[nodiscard]] Status save(const OutboxRecord& record) override;

private:
    FileOutboxStore(std::filesystem::path folder, int lock_fd)
        : folder_(std::move(folder)), lock_fd_(lock_fd) {}
    std::filesystem::path folder_;
    int lock_fd_;
};

// The JSON form, for stores. decode RETURNS kCorrupt when a field is missing or a transaction's
// bytes do not have its hash.
[[nodiscard]] std::string encode_outbox_record(const OutboxRecord& record);
[[nodiscard]] Result<OutboxRecord> decode_outbox_record(std::string_view json);

}  // namespace fedstake::evm
