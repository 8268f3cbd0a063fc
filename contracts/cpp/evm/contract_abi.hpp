// One contract's interface, read from its ABI JSON: calls, results, events and custom errors.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contracts/cpp/evm/abi_value.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"

namespace fedstake::evm {

struct AbiParameter {
    std::string name;
    AbiType type;
    bool indexed = false;  // events only
};

struct AbiFunction {
    std::string name;
    std::vector<AbiParameter> inputs;
    std::vector<AbiParameter> outputs;
    [[nodiscard]] std::string signature() const;
    [[nodiscard]] std::array<std::uint8_t, 4> selector() const;
};

struct AbiEvent {
    std::string name;
    std::vector<AbiParameter> inputs;
    [[nodiscard]] Digest topic() const;
};

// What a contract logged. Indexed values of dynamic types are their Keccak-256 digests.
struct DecodedEvent {
    std::string name;
    std::vector<AbiParameter> fields;
    std::vector<AbiValue> values;
    // The field's value; RETURNS kCorrupt when the event has no such field.
    [[nodiscard]] Result<AbiValue> field(std::string_view field_name) const;
};

// Why a call reverted: the error's name (empty when there was no data) and its arguments as text.
struct RevertReason {
    std::string name;
    std::vector<std::string> arguments;      // "available = 5"
    [[nodiscard]] std::string text() const;  // "Insufficient(available = 5)"
};

class ContractAbi {
public:
    // json: the ABI array as solc writes it. RETURNS kInvalidInput naming the entry.
    [[nodiscard]] static Result<ContractAbi> parse(std::string_view json);

    // The function by name, or by full signature where it is overloaded. RETURNS kNotFound.
    [[nodiscard]] Result<AbiFunction> function(std::string_view name) const;
    [[nodiscard]] Result<AbiEvent> event(std::string_view name) const;

    [[nodiscard]] Result<Bytes> encode_call(std::string_view name,
                                            std::vector<AbiValue> arguments) const;
    // Arguments of the constructor, to append to the bytecode.
    [[nodiscard]] Result<Bytes> encode_constructor(std::vector<AbiValue> arguments) const;
    [[nodiscard]] Result<std::vector<AbiValue>> decode_result(std::string_view name,
                                                              ByteView data) const;
    // Nothing for a log of an event that the ABI does not have.
    [[nodiscard]] Result<std::optional<DecodedEvent>> decode_event(
        const std::vector<Digest>& topics, ByteView data) const;
    // Knows the ABI's custom errors, Error(string) and Panic(uint256). Never fails: unknown data is
    // named by its selector.
    [[nodiscard]] RevertReason decode_revert(ByteView data) const;
    // Adds the custom errors of another contract, for calls that go on to it.
    void add_errors_of(const ContractAbi& other);

private:
    std::multimap<std::string, AbiFunction, std::less<>> functions_;
    std::vector<AbiEvent> events_;
    std::map<Bytes, AbiFunction> errors_;  // by selector
    std::vector<AbiParameter> constructor_;
};

}  // namespace fedstake::evm
