// Reading ABI JSON, and calls, results and events by name.
#include "contracts/cpp/evm/contract_abi.hpp"

#include <nlohmann/json.hpp>

#include "proto/crypto/keccak256.hpp"

namespace fedstake::evm {

namespace {

using Json = nlohmann::json;

AbiType tuple_of(const std::vector<AbiParameter>& parameters) {
    std::vector<AbiType> types;
    types.reserve(parameters.size());
    for (const AbiParameter& parameter : parameters) types.push_back(parameter.type);
    return AbiType::tuple(std::move(types));
}

std::string text_of(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

Result<std::vector<AbiParameter>> parse_parameters(const Json& owner, const char* key,
                                                   unsigned depth) {
    std::vector<AbiParameter> parameters;
    const auto list = owner.find(key);
    if (list == owner.end()) return parameters;
    if (!list->is_array() || depth > 8) {
        return fail(Errc::kInvalidInput, std::string("ABI: '") + key + "' is malformed");
    }
    for (const Json& entry : *list) {
        if (!entry.is_object()) return fail(Errc::kInvalidInput, "ABI: a parameter is no object");
        FS_ASSIGN(const auto components, parse_parameters(entry, "components", depth + 1));
        AbiParameter parameter;
        parameter.name = text_of(entry, "name");
        FS_ASSIGN(parameter.type,
                  AbiType::parse(text_of(entry, "type"), tuple_of(components).children));
        parameter.indexed = entry.value("indexed", Json(false)) == Json(true);
        parameters.push_back(std::move(parameter));
    }
    return parameters;
}

std::string signature_of(std::string_view name, const std::vector<AbiParameter>& inputs) {
    return std::string(name) + tuple_of(inputs).canonical();
}

std::array<std::uint8_t, 4> selector_of(const std::string& signature) {
    const Digest hash = crypto::keccak256(as_bytes(signature));
    return {hash.bytes[0], hash.bytes[1], hash.bytes[2], hash.bytes[3]};
}

}  // namespace

std::string AbiFunction::signature() const {
    return signature_of(name, inputs);
}

std::array<std::uint8_t, 4> AbiFunction::selector() const {
    return selector_of(signature());
}

Digest AbiEvent::topic() const {
    return crypto::keccak256(as_bytes(signature_of(name, inputs)));
}

Result<AbiValue> DecodedEvent::field(std::string_view field_name) const {
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (fields[i].name == field_name) return values[i];
    }
    return fail(Errc::kCorrupt, "event " + name + " has no field " + std::string(field_name));
}

Result<ContractAbi> ContractAbi::parse(std::string_view json) {
    const Json entries = Json::parse(json, nullptr, false);
    if (!entries.is_array()) return fail(Errc::kInvalidInput, "ABI: not a JSON array");
    ContractAbi abi;
    for (const Json& entry : entries) {
        if (!entry.is_object()) return fail(Errc::kInvalidInput, "ABI: an entry is no object");
        const std::string kind = text_of(entry, "type");
        const std::string name = text_of(entry, "name");
        auto inputs = parse_parameters(entry, "inputs", 0);
        auto outputs = parse_parameters(entry, "outputs", 0);
        if (!inputs) return with_context(inputs.error(), "ABI entry " + name);
        if (!outputs) return with_context(outputs.error(), "ABI entry " + name);
        if (kind == "function") {
            abi.functions_.emplace(name, AbiFunction{name, *inputs, *outputs});
        } else if (kind == "event") {
            abi.events_.push_back({name, *inputs});
        } else if (kind == "error") {
            const AbiFunction error{name, *inputs, {}};
            const auto selector = error.selector();
            abi.errors_.emplace(Bytes(selector.begin(), selector.end()), error);
        } else if (kind == "constructor") {
            abi.constructor_ = *inputs;
        }
    }
    return abi;
}

Result<AbiFunction> ContractAbi::function(std::string_view name) const {
    const std::string_view plain = name.substr(0, name.find('('));
    const auto [first, last] = functions_.equal_range(plain);
    for (auto it = first; it != last; ++it) {
        if (plain.size() == name.size() ? std::next(first) == last
                                        : it->second.signature() == name) {
            return it->second;
        }
    }
    return fail(Errc::kNotFound, "the ABI has no single function " + std::string(name));
}

Result<AbiEvent> ContractAbi::event(std::string_view name) const {
    for (const AbiEvent& event : events_) {
        if (event.name == name) return event;
    }
    return fail(Errc::kNotFound, "the ABI has no event " + std::string(name));
}

Result<Bytes> ContractAbi::encode_call(std::string_view name,
                                       std::vector<AbiValue> arguments) const {
    FS_ASSIGN(const AbiFunction called, function(name));
    auto encoded = abi_encode(tuple_of(called.inputs), AbiValue::list(std::move(arguments)));
    if (!encoded) return with_context(encoded.error(), "calling " + called.signature());
    const auto selector = called.selector();
    encoded->insert(encoded->begin(), selector.begin(), selector.end());
    return *std::move(encoded);
}

Result<Bytes> ContractAbi::encode_constructor(std::vector<AbiValue> arguments) const {
    auto encoded = abi_encode(tuple_of(constructor_), AbiValue::list(std::move(arguments)));
    if (!encoded) return with_context(encoded.error(), "calling a constructor");
    return *std::move(encoded);
}

Result<std::vector<AbiValue>> ContractAbi::decode_result(std::string_view name,
                                                         ByteView data) const {
    FS_ASSIGN(const AbiFunction called, function(name));
    auto decoded = abi_decode(tuple_of(called.outputs), data);
    if (!decoded) return with_context(decoded.error(), "result of " + called.signature());
    return decoded->as_list();
}

void ContractAbi::add_errors_of(const ContractAbi& other) {
    errors_.insert(other.errors_.begin(), other.errors_.end());
}

}  // namespace fedstake::evm
