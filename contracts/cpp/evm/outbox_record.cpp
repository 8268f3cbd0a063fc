// Outbox records as JSON.
#include <nlohmann/json.hpp>

#include "contracts/cpp/evm/json_rpc.hpp"
#include "contracts/cpp/evm/outbox_store.hpp"
#include "contracts/cpp/evm/quantity.hpp"
#include "proto/crypto/keccak256.hpp"

namespace fedstake::evm {

namespace {

using chain::IntentState;

constexpr std::array kStates{IntentState::kQueued, IntentState::kSent, IntentState::kMined,
                             IntentState::kDone, IntentState::kRejected};

Result<std::string> text_field(const Json& json, const char* key) {
    const Json& value = member(json, key);
    if (!value.is_string()) return fail(Errc::kCorrupt, std::string("no text '") + key + "'");
    return value.get<std::string>();
}

Result<std::uint64_t> number_field(const Json& json, const char* key) {
    const Json& value = member(json, key);
    if (!value.is_number_unsigned()) {
        return fail(Errc::kCorrupt, std::string("no number '") + key + "'");
    }
    return value.get<std::uint64_t>();
}

Result<IntentState> state_field(const Json& json) {
    FS_ASSIGN(const std::string name, text_field(json, "state"));
    for (const IntentState state : kStates) {
        if (chain::intent_state_name(state) == name) return state;
    }
    return fail(Errc::kCorrupt, "unknown state '" + name + "'");
}

Json to_json(const SentTransaction& sent) {
    return {{"hash", sent.hash.hex()},
            {"raw", to_hex0x(sent.raw)},
            {"max_fee", to_quantity(sent.max_fee)},
            {"max_priority_fee", to_quantity(sent.max_priority_fee)},
            {"sent_block", sent.sent_block}};
}

Result<SentTransaction> parse_transaction(const Json& json) {
    SentTransaction sent;
    FS_ASSIGN(sent.hash, parse_fixed<Digest>(member(json, "hash"), "hash"));
    FS_ASSIGN(sent.raw, parse_data(member(json, "raw"), "raw"));
    FS_ASSIGN(sent.max_fee, parse_quantity(member(json, "max_fee"), "max_fee"));
    FS_ASSIGN(sent.max_priority_fee,
              parse_quantity(member(json, "max_priority_fee"), "max_priority_fee"));
    FS_ASSIGN(sent.sent_block, number_field(json, "sent_block"));
    if (crypto::keccak256(sent.raw) != sent.hash) {
        return fail(Errc::kCorrupt, "transaction bytes do not have the hash " + sent.hash.hex());
    }
    return sent;
}

Result<OutboxCall> parse_call(const Json& json) {
    OutboxCall call;
    FS_ASSIGN(call.key, text_field(json, "key"));
    FS_ASSIGN(call.lane, text_field(json, "lane"));
    FS_ASSIGN(call.text, text_field(json, "text"));
    FS_ASSIGN(call.identity, parse_fixed<Digest>(member(json, "identity"), "identity"));
    FS_ASSIGN(call.to, parse_fixed<Address>(member(json, "to"), "to"));
    FS_ASSIGN(call.data, parse_data(member(json, "data"), "data"));
    FS_ASSIGN(call.event_topic, parse_fixed<Digest>(member(json, "event_topic"), "event_topic"));
    return call;
}

}  // namespace

std::string encode_outbox_record(const OutboxRecord& record) {
    Json transactions = Json::array();
    for (const SentTransaction& sent : record.transactions) transactions.push_back(to_json(sent));
    const Json json{{"version", 1},
                    {"sequence", record.sequence},
                    {"key", record.call.key},
                    {"lane", record.call.lane},
                    {"text", record.call.text},
                    {"identity", record.call.identity.hex()},
                    {"to", record.call.to.hex()},
                    {"data", to_hex0x(record.call.data)},
                    {"event_topic", record.call.event_topic.hex()},
                    {"state", chain::intent_state_name(record.state)},
                    {"nonce", record.nonce ? Json(*record.nonce) : Json()},
                    {"gas_limit", record.gas_limit},
                    {"transactions", transactions},
                    {"mined", record.mined.hex()},
                    {"block", record.block},
                    {"reverts", record.reverts},
                    {"dropped", record.dropped},
                    {"detail", record.detail}};
    return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<OutboxRecord> decode_outbox_record(std::string_view text) {
    FS_ASSIGN(const Json json, parse_bounded_json(text));
    FS_ASSIGN(const std::uint64_t version, number_field(json, "version"));
    if (version != 1) return fail(Errc::kCorrupt, "written by a newer version of fedstake");
    OutboxRecord record;
    FS_ASSIGN(record.sequence, number_field(json, "sequence"));
    FS_ASSIGN(record.call, parse_call(json));
    FS_ASSIGN(record.state, state_field(json));
    if (!member(json, "nonce").is_null()) {
        FS_ASSIGN(record.nonce, number_field(json, "nonce"));
    }
    FS_ASSIGN(record.gas_limit, number_field(json, "gas_limit"));
    const Json& transactions = member(json, "transactions");
    if (!transactions.is_array()) return fail(Errc::kCorrupt, "no list 'transactions'");
    for (const Json& entry : transactions) {
        FS_ASSIGN(SentTransaction sent, parse_transaction(entry));
        record.transactions.push_back(std::move(sent));
    }
    FS_ASSIGN(record.mined, parse_fixed<Digest>(member(json, "mined"), "mined"));
    FS_ASSIGN(record.block, number_field(json, "block"));
    FS_ASSIGN(const std::uint64_t reverts, number_field(json, "reverts"));
    record.reverts = static_cast<std::uint32_t>(reverts);
    FS_ASSIGN(record.detail, text_field(json, "detail"));
    // Earlier releases dropped none.
    const Json& dropped = member(json, "dropped");
    if (!dropped.is_null() && !dropped.is_boolean()) {
        return fail(Errc::kCorrupt, "'dropped' is neither true nor false");
    }
    record.dropped = dropped.is_boolean() && dropped.get<bool>();
    const bool sent = record.state == IntentState::kSent || record.state == IntentState::kMined;
    if (sent && (!record.nonce || record.transactions.empty())) {
        return fail(Errc::kCorrupt, "a sent intent without nonce or transaction");
    }
    return record;
}

}  // namespace fedstake::evm
