// Answers of the fake node.
#include "tests/contracts/cpp/evm/fake_chain.hpp"

#include "contracts/cpp/evm/quantity.hpp"
#include "proto/crypto/keccak256.hpp"

namespace fedstake::testing {

using evm::Json;
using evm::RpcFault;
using evm::RpcReply;
using evm::to_quantity;

namespace {

// The nonce of a type 2 transaction made by our encoder on chain 31337: 0x02 f8 LL 82 7a69 NONCE.
std::uint64_t nonce_of(const Bytes& raw) {
    std::size_t at = 1;
    at += raw[at] > 0xf7 ? 1U + (raw[at] - 0xf7U) : 1U;
    at += 3;  // chain id 0x7a69
    return raw[at] == 0x80 ? 0 : raw[at];
}

RpcReply refuse(int code, const std::string& message, const Bytes& data = {}) {
    return {Json(), RpcFault{code, message, data}};
}

Digest block_hash(std::uint64_t number) {
    return crypto::keccak256(as_bytes("block " + std::to_string(number)));
}

}  // namespace

void FakeChain::mine_block() {
    ++head;
    while (pool.contains(mined.size())) {
        const Digest hash = pool[mined.size()];
        pool.erase(mined.size());
        mined.push_back({hash, head, !mined_fail});
    }
}

void FakeChain::mine_foreign() {
    ++head;
    pool.erase(mined.size());
    mined.push_back({crypto::keccak256(as_bytes("foreign")), head, true});
}

void FakeChain::reorganise() {
    mined.pop_back();
    ++head;
}

Result<RpcReply> FakeChain::call(std::string_view method, const Json& params) {
    ++calls;
    const bool fails = calls == fail_at;
    if (fails && !fail_after_effect) return fail(Errc::kUnavailable, "connection reset");
    RpcReply reply = answer(method, params);
    if (fails) return fail(Errc::kUnavailable, "connection reset");
    return reply;
}

RpcReply FakeChain::send_raw(const std::string& raw) {
    broadcasts.push_back(raw);
    if (broadcast_fault) return refuse(-32000, *broadcast_fault);
    const Bytes bytes = *from_hex(raw);
    const Digest hash = crypto::keccak256(bytes);
    const std::uint64_t nonce = nonce_of(bytes);
    if (nonce < mined.size()) return refuse(-32000, "nonce too low");
    if (drop_broadcasts) return {Json(hash.hex()), {}};
    if (pool.contains(nonce) && pool[nonce] == hash) return refuse(-32000, "already known");
    pool[nonce] = hash;
    if (automine) mine_block();
    return {Json(hash.hex()), {}};
}

Json FakeChain::receipt(const std::string& hash) const {
    for (const Mined& entry : mined) {
        if (entry.hash.hex() != hash) continue;
        Json logs = Json::array();
        if (with_event && entry.succeeded) {
            logs.push_back({{"address", contract.hex()},
                            {"topics", Json::array({event_topic.hex()})},
                            {"data", "0x"},
                            {"blockNumber", to_quantity(entry.block)}});
        }
        return {{"transactionHash", hash},
                {"blockHash", block_hash(entry.block).hex()},
                {"blockNumber", to_quantity(entry.block)},
                {"gasUsed", "0x5208"},
                {"status", entry.succeeded ? "0x1" : "0x0"},
                {"contractAddress", Json()},
                {"logs", logs}};
    }
    return {};
}

RpcReply FakeChain::answer(std::string_view method, const Json& params) {
    if (method == "eth_chainId") return {Json(to_quantity(chain_id)), {}};
    if (method == "eth_getBlockByNumber") {
        return {Json{{"number", to_quantity(head)},
                     {"hash", block_hash(head).hex()},
                     {"timestamp", to_quantity(1'700'000'000 + head)},
                     {"baseFeePerGas", to_quantity(base_fee)}},
                {}};
    }
    if (method == "eth_getBalance") return {Json(to_quantity(balance)), {}};
    if (method == "eth_getTransactionCount") {
        const bool pending = params.at(1) == "pending";
        return {Json(to_quantity(mined.size() + (pending ? pool.size() : 0))), {}};
    }
    if (method == "eth_estimateGas") {
        if (refusal) return refuse(3, "execution reverted", *refusal);
        return {Json("0x5208"), {}};
    }
    if (method == "eth_sendRawTransaction") return send_raw(params.at(0).get<std::string>());
    if (method == "eth_getTransactionReceipt") {
        return {receipt(params.at(0).get<std::string>()), {}};
    }
    return refuse(-32601, "the method does not exist");
}

}  // namespace fedstake::testing
