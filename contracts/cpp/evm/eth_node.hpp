// The node's eth_ methods that the ledger uses, typed. Every field of an answer is checked.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "contracts/cpp/evm/rpc.hpp"
#include "proto/base/ids.hpp"

namespace fedstake::evm {

struct BlockHead {
    std::uint64_t number = 0;
    Digest hash;
    std::uint64_t timestamp = 0;  // Unix seconds
    Amount base_fee = 0;          // wei per gas; 0 on chains without EIP-1559
};

struct Log {
    Address address;
    std::vector<Digest> topics;
    Bytes data;
    std::uint64_t block = 0;
    Digest transaction{};  // zero where the node leaves it out
};

struct Receipt {
    Digest transaction;
    Digest block_hash;
    std::uint64_t block = 0;
    bool succeeded = false;
    std::uint64_t gas_used = 0;
    std::optional<Address> created;
    std::vector<Log> logs;
};

struct CallRequest {
    Address from;
    std::optional<Address> to;
    Bytes data;
    Amount value = 0;
};

// A call, or the estimate of its gas, either worked or reverted with data.
struct CallOutcome {
    Bytes output;
    std::uint64_t gas = 0;  // estimates only
    std::optional<RpcFault> revert;
};

enum class Broadcast : std::uint8_t {
    kAccepted,
    kAlreadyKnown,
    kNonceTooLow,  // a transaction with that nonce is mined
    kUnderpriced,  // the fee is too low to replace, or to enter
    kUnfunded,     // the account cannot pay for gas
    kRefused,      // anything else: see the message
};
struct BroadcastOutcome {
    Broadcast kind = Broadcast::kAccepted;
    std::string message;
};

struct LogQuery {
    Address address;
    std::vector<Digest> topics;  // topic 0 and on; zero digests match anything
    std::uint64_t from_block = 0;
    std::uint64_t to_block = 0;
};

// Logs of the first blocks of a query.
struct LogPage {
    std::vector<Log> logs;
    std::uint64_t last_block = 0;  // the last one that was searched
};

class EthNode {
public:
    // Keeps a reference: `rpc` outlives the node.
    explicit EthNode(Rpc& rpc);

    [[nodiscard]] Result<std::uint64_t> chain_id();
    [[nodiscard]] Result<BlockHead> latest_block();
    // The canonical block of that number; kNotFound above the head.
    [[nodiscard]] Result<BlockHead> block(std::uint64_t number);
    [[nodiscard]] Result<Bytes> code(const Address& address);
    [[nodiscard]] Result<Amount> balance(const Address& address);
    // Transactions mined so far; with `pending`, also those waiting in the node's pool.
    [[nodiscard]] Result<std::uint64_t> nonce(const Address& address, bool pending);
    [[nodiscard]] Result<CallOutcome> call(const CallRequest& request);
    // Several at once, in their order: one request where the node takes batches.
    [[nodiscard]] Result<std::vector<CallOutcome>> call_all(std::span<const CallRequest> requests);
    // As of the state after block `number`.
    [[nodiscard]] Result<CallOutcome> call_at(const CallRequest& request, std::uint64_t number);
    [[nodiscard]] Result<CallOutcome> estimate_gas(const CallRequest& request);
    [[nodiscard]] Result<BroadcastOutcome> send_raw(ByteView raw);
    // Nothing while the transaction is not mined.
    [[nodiscard]] Result<std::optional<Receipt>> receipt(const Digest& transaction);
    // One request: the query's first 2000 blocks, as public nodes ask for. Where the node refuses
    // so many, half as many and so on; later pages start with what it took.
    [[nodiscard]] Result<LogPage> log_page(const LogQuery& query);

    // A method without typed form (evm_increaseTime and the like): the result, or the node's
    // refusal as kInvalidInput.
    [[nodiscard]] Result<Json> raw(std::string_view method, const Json& params);
    [[nodiscard]] std::string name() const { return rpc_.name(); }

private:
    [[nodiscard]] Result<CallOutcome> execute(std::string_view method, const CallRequest& request,
                                              const Json& block);
    [[nodiscard]] Result<BlockHead> block_by(const Json& tag);
    // Nothing when the node refuses the range.
    [[nodiscard]] Result<std::optional<std::vector<Log>>> logs_of(const LogQuery& range);

    Rpc& rpc_;
    std::uint64_t log_range_;  // blocks to ask for at once
    unsigned log_pages_ = 0;   // answered since log_range_ last changed
};

}  // namespace fedstake::evm
