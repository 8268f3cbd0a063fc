// Strong types for the identities and quantities that must not be mixed up.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "proto/base/bytes.hpp"
#include "proto/base/result.hpp"

namespace fedstake {

// N raw bytes of one kind. Ordered as big-endian numbers, printed as 0x hexadecimal.
template <std::size_t N, class Tag>
struct FixedBytes {
    static constexpr std::size_t kSize = N;
    std::array<std::uint8_t, N> bytes{};

    [[nodiscard]] ByteView view() const noexcept { return bytes; }
    [[nodiscard]] bool is_zero() const noexcept { return *this == FixedBytes{}; }
    [[nodiscard]] std::string hex() const { return to_hex0x(bytes); }
    // First four bytes, for messages to people: "0x1a2b3c4d".
    [[nodiscard]] std::string short_hex() const { return hex().substr(0, 10); }

    // RETURNS kInvalidInput unless text is exactly N bytes of hexadecimal, "0x" optional.
    [[nodiscard]] static Result<FixedBytes> parse(std::string_view text) {
        FixedBytes value;
        FS_TRY(from_hex_into(text, value.bytes));
        return value;
    }

    friend auto operator<=>(const FixedBytes&, const FixedBytes&) = default;
};

using Digest = FixedBytes<32, struct DigestTag>;         // SHA-256 or Keccak-256 output
using Address = FixedBytes<20, struct AddressTag>;       // EVM account
using CurvePublicKey = FixedBytes<32, struct CurveTag>;  // transport (CURVE) public key
using FederationId = Digest;

// A site is its owner account on the chain. Order of sites everywhere = order of SiteId.
using SiteId = Address;

// Rounds count from 1; 0 means "before the first round".
using RoundNumber = std::uint64_t;

// Token amount in the token's smallest unit (uint128 on the chain).
using Amount = unsigned __int128;

[[nodiscard]] std::string amount_to_string(Amount value);
// Decimal digits only. RETURNS kInvalidInput on anything else or on overflow.
[[nodiscard]] Result<Amount> parse_amount(std::string_view text);

}  // namespace fedstake
