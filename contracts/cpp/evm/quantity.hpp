// The two hexadecimal forms of Ethereum JSON-RPC: quantities and data, read strictly.
//
// Source: Ethereum JSON-RPC API, "Hex value encoding".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "contracts/cpp/evm/rpc.hpp"
#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"

namespace fedstake::evm {

// "0x0", "0x1b4": no leading zeros.
[[nodiscard]] std::string to_quantity(Amount value);
// RETURNS kCorrupt, naming `field`, for anything else or a value of more than 128 (64) bits.
[[nodiscard]] Result<Amount> parse_quantity(const Json& value, std::string_view field);
[[nodiscard]] Result<std::uint64_t> parse_quantity_u64(const Json& value, std::string_view field);

// "0x" and an even number of digits.
[[nodiscard]] Result<Bytes> parse_data(const Json& value, std::string_view field);

// As parse_data, of a fixed size.
template <class Fixed>
[[nodiscard]] Result<Fixed> parse_fixed(const Json& value, std::string_view field) {
    FS_ASSIGN(const Bytes bytes, parse_data(value, field));
    if (bytes.size() != Fixed::kSize) {
        return fail(Errc::kCorrupt, "node answer: " + std::string(field) + " has the wrong size");
    }
    Fixed fixed;
    std::copy(bytes.begin(), bytes.end(), fixed.bytes.begin());
    return fixed;
}

// The member, or null when it is absent. REQUIRES nothing of `object`.
[[nodiscard]] const Json& member(const Json& object, const char* key);

}  // namespace fedstake::evm
