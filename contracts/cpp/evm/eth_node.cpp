// Requests and answers of the eth_ methods.
#include "contracts/cpp/evm/eth_node.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "contracts/cpp/evm/quantity.hpp"

namespace fedstake::evm {

namespace {

constexpr std::uint64_t kLogRange = 2000;
constexpr std::size_t kLogsMax = 100'000;
constexpr unsigned kPagesBeforeGrowth = 16;
constexpr int kMethodNotFound = -32601;

tl::unexpected<Error> refusal(const std::string& node, std::string_view method,
                              const RpcFault& fault) {
    return fail(Errc::kInvalidInput,
                "chain node " + node + " refused " + std::string(method) + ": " + fault.message);
}

Json request_json(const CallRequest& request) {
    Json json{{"from", request.from.hex()}, {"data", to_hex0x(request.data)}};
    if (request.to) json["to"] = request.to->hex();
    if (request.value != 0) json["value"] = to_quantity(request.value);
    return json;
}

Result<Log> parse_log(const Json& json) {
    Log log;
    FS_ASSIGN(log.address, parse_fixed<Address>(member(json, "address"), "log address"));
    FS_ASSIGN(log.data, parse_data(member(json, "data"), "log data"));
    FS_ASSIGN(log.block, parse_quantity_u64(member(json, "blockNumber"), "log block"));
    if (const Json& transaction = member(json, "transactionHash"); !transaction.is_null()) {
        FS_ASSIGN(log.transaction, parse_fixed<Digest>(transaction, "log transactionHash"));
    }
    const Json& topics = member(json, "topics");
    if (!topics.is_array() || topics.size() > 4) {
        return fail(Errc::kCorrupt, "node answer: log topics are malformed");
    }
    for (const Json& topic : topics) {
        FS_ASSIGN(const Digest digest, parse_fixed<Digest>(topic, "log topic"));
        log.topics.push_back(digest);
    }
    return log;
}

Result<std::vector<Log>> parse_logs(const Json& json) {
    if (!json.is_array() || json.size() > kLogsMax) {
        return fail(Errc::kCorrupt, "node answer: the list of logs is malformed");
    }
    std::vector<Log> logs;
    for (const Json& entry : json) {
        FS_ASSIGN(Log log, parse_log(entry));
        logs.push_back(std::move(log));
    }
    return logs;
}

Result<Receipt> parse_receipt(const Json& json) {
    Receipt receipt;
    FS_ASSIGN(receipt.transaction,
              parse_fixed<Digest>(member(json, "transactionHash"), "receipt transactionHash"));
    FS_ASSIGN(receipt.block_hash,
              parse_fixed<Digest>(member(json, "blockHash"), "receipt blockHash"));
    FS_ASSIGN(receipt.block, parse_quantity_u64(member(json, "blockNumber"), "receipt block"));
    FS_ASSIGN(receipt.gas_used, parse_quantity_u64(member(json, "gasUsed"), "receipt gasUsed"));
    FS_ASSIGN(const std::uint64_t status,
              parse_quantity_u64(member(json, "status"), "receipt status"));
    receipt.succeeded = status == 1;
    if (const Json& created = member(json, "contractAddress"); !created.is_null()) {
        FS_ASSIGN(receipt.created, parse_fixed<Address>(created, "receipt contractAddress"));
    }
    FS_ASSIGN(receipt.logs, parse_logs(member(json, "logs")));
    return receipt;
}

// Nodes word their refusals differently; these parts are common to geth, Besu, Erigon and anvil.
Broadcast classify(std::string message) {
    std::transform(message.begin(), message.end(), message.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    struct Pattern {
        std::string_view part;
        Broadcast kind;
    };
    constexpr std::array kPatterns{
        Pattern{"already known", Broadcast::kAlreadyKnown},
        Pattern{"already imported", Broadcast::kAlreadyKnown},
        Pattern{"known transaction", Broadcast::kAlreadyKnown},
        Pattern{"nonce too low", Broadcast::kNonceTooLow},
        Pattern{"nonce is too low", Broadcast::kNonceTooLow},
        Pattern{"underpriced", Broadcast::kUnderpriced},
        Pattern{"fee too low", Broadcast::kUnderpriced},
        Pattern{"less than block base fee", Broadcast::kUnderpriced},
        Pattern{"lower than the minimum", Broadcast::kUnderpriced},
        Pattern{"insufficient funds", Broadcast::kUnfunded},
        Pattern{"exceeds account balance", Broadcast::kUnfunded},
    };
    for (const Pattern& pattern : kPatterns) {
        if (message.find(pattern.part) != std::string::npos) return pattern.kind;
    }
    return Broadcast::kRefused;
}

Json topic_filter(const std::vector<Digest>& topics) {
    Json filter = Json::array();
    for (const Digest& topic : topics) {
        filter.push_back(topic.is_zero() ? Json() : Json(topic.hex()));
    }
    return filter;
}

}  // namespace

EthNode::EthNode(Rpc& rpc) : rpc_(rpc), log_range_(kLogRange) {}

Result<Json> EthNode::raw(std::string_view method, const Json& params) {
    FS_ASSIGN(RpcReply reply, rpc_.call(method, params));
    if (reply.fault) return refusal(name(), method, *reply.fault);
    return std::move(reply.result);
}

Result<std::uint64_t> EthNode::chain_id() {
    FS_ASSIGN(const Json json, raw("eth_chainId", Json::array()));
    return parse_quantity_u64(json, "chain id");
}

Result<BlockHead> EthNode::block_by(const Json& tag) {
    FS_ASSIGN(const Json json, raw("eth_getBlockByNumber", Json::array({tag, false})));
    if (json.is_null()) return fail(Errc::kNotFound, "the chain node does not have that block");
    BlockHead head;
    FS_ASSIGN(head.number, parse_quantity_u64(member(json, "number"), "block number"));
    FS_ASSIGN(head.hash, parse_fixed<Digest>(member(json, "hash"), "block hash"));
    FS_ASSIGN(head.timestamp, parse_quantity_u64(member(json, "timestamp"), "block timestamp"));
    if (const Json& fee = member(json, "baseFeePerGas"); !fee.is_null()) {
        FS_ASSIGN(head.base_fee, parse_quantity(fee, "block base fee"));
    }
    return head;
}

Result<BlockHead> EthNode::latest_block() {
    return block_by("latest");
}

Result<BlockHead> EthNode::block(std::uint64_t number) {
    return block_by(to_quantity(number));
}

Result<Bytes> EthNode::code(const Address& address) {
    FS_ASSIGN(const Json json, raw("eth_getCode", Json::array({address.hex(), "latest"})));
    return parse_data(json, "contract code");
}

Result<Amount> EthNode::balance(const Address& address) {
    FS_ASSIGN(const Json json, raw("eth_getBalance", Json::array({address.hex(), "latest"})));
    return parse_quantity(json, "account balance");
}

Result<std::uint64_t> EthNode::nonce(const Address& address, bool pending) {
    FS_ASSIGN(const Json json, raw("eth_getTransactionCount",
                                   Json::array({address.hex(), pending ? "pending" : "latest"})));
    return parse_quantity_u64(json, "transaction count");
}

Result<CallOutcome> EthNode::execute(std::string_view method, const CallRequest& request,
                                     const Json& block) {
    FS_ASSIGN(RpcReply reply, rpc_.call(method, Json::array({request_json(request), block})));
    CallOutcome outcome;
    if (reply.fault) {
        outcome.revert = std::move(reply.fault);
        return outcome;
    }
    if (method == "eth_estimateGas") {
        FS_ASSIGN(outcome.gas, parse_quantity_u64(reply.result, "gas estimate"));
    } else {
        FS_ASSIGN(outcome.output, parse_data(reply.result, "call result"));
    }
    return outcome;
}

Result<CallOutcome> EthNode::call(const CallRequest& request) {
    return execute("eth_call", request, "latest");
}

Result<std::vector<CallOutcome>> EthNode::call_all(std::span<const CallRequest> requests) {
    std::vector<RpcCall> calls;
    calls.reserve(requests.size());
    for (const CallRequest& request : requests) {
        calls.push_back({"eth_call", Json::array({request_json(request), "latest"})});
    }
    FS_ASSIGN(std::vector<RpcReply> replies, rpc_.call_all(calls));
    std::vector<CallOutcome> outcomes(replies.size());
    for (std::size_t i = 0; i < replies.size(); ++i) {
        if (replies[i].fault) {
            outcomes[i].revert = std::move(replies[i].fault);
        } else {
            FS_ASSIGN(outcomes[i].output, parse_data(replies[i].result, "call result"));
        }
    }
    return outcomes;
}

Result<CallOutcome> EthNode::call_at(const CallRequest& request, std::uint64_t number) {
    return execute("eth_call", request, to_quantity(number));
}

Result<CallOutcome> EthNode::estimate_gas(const CallRequest& request) {
    return execute("eth_estimateGas", request, "latest");
}

Result<BroadcastOutcome> EthNode::send_raw(ByteView raw_bytes) {
    FS_ASSIGN(RpcReply reply,
              rpc_.call("eth_sendRawTransaction", Json::array({to_hex0x(raw_bytes)})));
    if (!reply.fault) return BroadcastOutcome{};
    return BroadcastOutcome{classify(reply.fault->message), reply.fault->message};
}

Result<std::optional<Receipt>> EthNode::receipt(const Digest& transaction) {
    FS_ASSIGN(const Json json, raw("eth_getTransactionReceipt", Json::array({transaction.hex()})));
    if (json.is_null()) return std::optional<Receipt>{};
    FS_ASSIGN(Receipt receipt, parse_receipt(json));
    if (receipt.transaction != transaction) {
        return fail(Errc::kCorrupt, "node answer: the receipt is of another transaction");
    }
    return std::optional<Receipt>(std::move(receipt));
}

Result<std::optional<std::vector<Log>>> EthNode::logs_of(const LogQuery& range) {
    const Json filter{{"address", range.address.hex()},
                      {"topics", topic_filter(range.topics)},
                      {"fromBlock", to_quantity(range.from_block)},
                      {"toBlock", to_quantity(range.to_block)}};
    auto reply = rpc_.call("eth_getLogs", Json::array({filter}));
    const bool too_long = !reply && reply.error().code == Errc::kLimitExceeded;
    const bool refused = reply && reply->fault && reply->fault->code != kMethodNotFound;
    // Nodes word the refusal of a long range in many ways, so that any of them counts as one; a
    // single block is never too long.
    if ((too_long || refused) && range.to_block > range.from_block) {
        return std::optional<std::vector<Log>>{};
    }
    if (!reply) return tl::unexpected<Error>(reply.error());
    if (reply->fault) return refusal(name(), "eth_getLogs", *reply->fault);
    FS_ASSIGN(std::vector<Log> found, parse_logs(reply->result));
    for (const Log& log : found) {
        const bool inside = log.block >= range.from_block && log.block <= range.to_block;
        if (log.address != range.address || !inside) {
            return fail(Errc::kCorrupt, "node answer: a log was not asked for");
        }
    }
    return std::optional<std::vector<Log>>(std::move(found));
}

Result<LogPage> EthNode::log_page(const LogQuery& query) {
    for (;;) {
        LogQuery range = query;
        const std::uint64_t last = query.from_block + (log_range_ - 1);
        range.to_block = std::min(query.to_block, std::max(last, query.from_block));
        FS_ASSIGN(auto found, logs_of(range));
        if (found) {
            // A limit may have gone, or was one of the moment: try longer ranges now and then.
            if (log_range_ < kLogRange && ++log_pages_ == kPagesBeforeGrowth) {
                log_range_ = std::min(2 * log_range_, kLogRange);
                log_pages_ = 0;
            }
            return LogPage{*std::move(found), range.to_block};
        }
        log_range_ = (range.to_block - range.from_block + 1) / 2;
        log_pages_ = 0;
    }
}

}  // namespace fedstake::evm
