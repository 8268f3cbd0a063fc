// Decoding what contracts say back: events and revert reasons.
#include <algorithm>

#include "contracts/cpp/evm/contract_abi.hpp"

namespace fedstake::evm {

namespace {

using Kind = AbiType::Kind;

constexpr std::array<std::uint8_t, 4> kErrorString{0x08, 0xc3, 0x79, 0xa0};  // Error(string)
constexpr std::array<std::uint8_t, 4> kPanic{0x4e, 0x48, 0x7b, 0x71};        // Panic(uint256)

AbiType stored_type(const AbiParameter& parameter) {
    const bool elementary = parameter.type.kind != Kind::kArray &&
                            parameter.type.kind != Kind::kTuple && !parameter.type.dynamic();
    if (!parameter.indexed || elementary) return parameter.type;
    return {Kind::kFixedBytes, 32, {}};
}

bool same_selector(ByteView data, const std::array<std::uint8_t, 4>& selector) {
    return data.size() >= 4 && std::equal(selector.begin(), selector.end(), data.begin());
}

// Text that came from a contract, cut and made printable.
std::string printable(ByteView bytes) {
    std::string text;
    for (const std::uint8_t byte : bytes.first(std::min<std::size_t>(bytes.size(), 200))) {
        text.push_back(byte >= 0x20 && byte < 0x7f ? static_cast<char>(byte) : '?');
    }
    return text;
}

RevertReason standard_error(ByteView data) {
    const bool panic = same_selector(data, kPanic);
    RevertReason reason{panic ? "Panic" : "Error", {}};
    const AbiType type = panic ? AbiType{Kind::kUint, 256, {}} : AbiType{Kind::kString, 0, {}};
    const auto decoded = abi_decode(AbiType::tuple({type}), data.subspan(4));
    if (!decoded) return reason;
    const auto& value = std::get<std::vector<AbiValue>>(decoded->storage())[0];
    const auto bytes = value.as_bytes();
    reason.arguments.push_back(bytes ? "\"" + printable(*bytes) + "\"" : to_text(type, value));
    return reason;
}

}  // namespace

std::string RevertReason::text() const {
    if (name.empty()) return "no reason given";
    std::string text = name + "(";
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (i > 0) text += ", ";
        text += arguments[i];
    }
    return text + ")";
}

Result<std::optional<DecodedEvent>> ContractAbi::decode_event(const std::vector<Digest>& topics,
                                                              ByteView data) const {
    if (topics.empty()) return std::nullopt;
    const auto event = std::find_if(events_.begin(), events_.end(),
                                    [&](const AbiEvent& e) { return e.topic() == topics[0]; });
    if (event == events_.end()) return std::nullopt;

    std::vector<AbiType> plain;
    for (const AbiParameter& input : event->inputs) {
        if (!input.indexed) plain.push_back(input.type);
    }
    const std::size_t indexed = event->inputs.size() - plain.size();
    if (topics.size() != indexed + 1) {
        return fail(Errc::kCorrupt, "a log of " + event->name + " has the wrong number of topics");
    }
    auto body = abi_decode(AbiType::tuple(std::move(plain)), data);
    if (!body) return with_context(body.error(), "log of " + event->name);
    FS_ASSIGN(const std::vector<AbiValue> unindexed, body->as_list());

    DecodedEvent decoded{event->name, event->inputs, {}};
    std::size_t next_topic = 1;
    std::size_t next_plain = 0;
    for (const AbiParameter& input : event->inputs) {
        if (!input.indexed) {
            decoded.values.push_back(unindexed[next_plain++]);
            continue;
        }
        FS_ASSIGN(AbiValue value, abi_decode(stored_type(input), topics[next_topic++].view()));
        decoded.values.push_back(std::move(value));
    }
    return decoded;
}

RevertReason ContractAbi::decode_revert(ByteView data) const {
    if (data.size() < 4) return {};
    if (same_selector(data, kErrorString) || same_selector(data, kPanic)) {
        return standard_error(data);
    }
    const auto found = errors_.find(Bytes(data.begin(), data.begin() + 4));
    if (found == errors_.end()) return {"unknown error " + to_hex0x(data.first(4)), {}};
    RevertReason reason{found->second.name, {}};
    std::vector<AbiType> types;
    for (const AbiParameter& input : found->second.inputs) types.push_back(input.type);
    const auto decoded = abi_decode(AbiType::tuple(types), data.subspan(4));
    if (!decoded) return reason;
    const auto& values = std::get<std::vector<AbiValue>>(decoded->storage());
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::string& name = found->second.inputs[i].name;
        reason.arguments.push_back((name.empty() ? "" : name + " = ") +
                                   to_text(types[i], values[i]));
    }
    return reason;
}

}  // namespace fedstake::evm
