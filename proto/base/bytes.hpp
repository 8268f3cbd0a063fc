// Byte containers, hexadecimal text, and a bounded big-endian reader and writer.
//
// Writer and Reader define the canonical encodings that digests are taken over: fixed-width
// big-endian integers, raw fixed-size arrays, and u64-length-prefixed byte strings.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/result.hpp"

namespace fedstake {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

[[nodiscard]] ByteView as_bytes(std::string_view text) noexcept;
[[nodiscard]] std::string to_text(ByteView bytes);

// Lower-case hexadecimal without prefix; to_hex0x adds "0x".
[[nodiscard]] std::string to_hex(ByteView bytes);
[[nodiscard]] std::string to_hex0x(ByteView bytes);

// Accepts an optional "0x" and both cases. RETURNS kInvalidInput on odd length or other characters.
[[nodiscard]] Result<Bytes> from_hex(std::string_view text);

// As from_hex, and exactly out.size() bytes, else kInvalidInput naming both lengths.
[[nodiscard]] Status from_hex_into(std::string_view text, std::span<std::uint8_t> out);

// Appends canonical fields to a byte string.
class ByteWriter {
public:
    ByteWriter& u8(std::uint8_t value);
    ByteWriter& u16(std::uint16_t value);
    ByteWriter& u32(std::uint32_t value);
    ByteWriter& u64(std::uint64_t value);
    ByteWriter& i64(std::int64_t value);
    ByteWriter& u128(unsigned __int128 value);
    ByteWriter& f64_bits(double value);  // IEEE-754 bit pattern as u64
    ByteWriter& raw(ByteView bytes);     // no length
    ByteWriter& blob(ByteView bytes);    // u64 length, then the bytes
    ByteWriter& text(std::string_view value);

    [[nodiscard]] const Bytes& bytes() const noexcept { return bytes_; }
    [[nodiscard]] Bytes take() { return std::move(bytes_); }

private:
    Bytes bytes_;
};

// Reads what ByteWriter wrote. Every method fails with kCorrupt at the end of the input; blob() and
// text() also fail with kLimitExceeded above max_length, before allocating.
class ByteReader {
public:
    explicit ByteReader(ByteView bytes) noexcept : rest_(bytes) {}

    Result<std::uint8_t> u8();
    Result<std::uint16_t> u16();
    Result<std::uint32_t> u32();
    Result<std::uint64_t> u64();
    Result<std::int64_t> i64();
    Result<unsigned __int128> u128();
    Result<double> f64_bits();
    Status raw(std::span<std::uint8_t> out);
    Result<Bytes> blob(std::size_t max_length);
    Result<std::string> text(std::size_t max_length);

    // RETURNS kCorrupt unless everything was consumed.
    [[nodiscard]] Status finish() const;
    [[nodiscard]] std::size_t remaining() const noexcept { return rest_.size(); }

private:
    Result<std::uint64_t> integer(std::size_t width);
    ByteView rest_;
};

}  // namespace fedstake
