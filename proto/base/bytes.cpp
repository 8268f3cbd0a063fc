// Hexadecimal text and the canonical reader and writer.
#include "proto/base/bytes.hpp"

#include <algorithm>
#include <bit>

namespace fedstake {

namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

int digit_value(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

void append_integer(Bytes& out, std::uint64_t value, std::size_t width) {
    for (std::size_t i = width; i-- > 0;) {
        out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
}

}  // namespace

ByteView as_bytes(std::string_view text) noexcept {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string to_text(ByteView bytes) {
    return {bytes.begin(), bytes.end()};
}

std::string to_hex(ByteView bytes) {
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const std::uint8_t byte : bytes) {
        text.push_back(kDigits[byte >> 4U]);
        text.push_back(kDigits[byte & 15U]);
    }
    return text;
}

std::string to_hex0x(ByteView bytes) {
    return "0x" + to_hex(bytes);
}

Result<Bytes> from_hex(std::string_view text) {
    if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
    if (text.size() % 2 != 0) {
        return fail(Errc::kInvalidInput, "hexadecimal text has an odd number of digits");
    }
    Bytes bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = digit_value(text[i]);
        const int low = digit_value(text[i + 1]);
        if (high < 0 || low < 0) {
            return fail(Errc::kInvalidInput,
                        "not a hexadecimal digit at position " + std::to_string(i));
        }
        bytes.push_back(static_cast<std::uint8_t>(high * 16 + low));
    }
    return bytes;
}

Status from_hex_into(std::string_view text, std::span<std::uint8_t> out) {
    FS_ASSIGN(const Bytes bytes, from_hex(text));
    if (bytes.size() != out.size()) {
        return fail(Errc::kInvalidInput, "expected " + std::to_string(out.size()) +
                                             " bytes of hexadecimal, got " +
                                             std::to_string(bytes.size()));
    }
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return {};
}

ByteWriter& ByteWriter::u8(std::uint8_t value) {
    bytes_.push_back(value);
    return *this;
}

ByteWriter& ByteWriter::u16(std::uint16_t value) {
    append_integer(bytes_, value, 2);
    return *this;
}

ByteWriter& ByteWriter::u32(std::uint32_t value) {
    append_integer(bytes_, value, 4);
    return *this;
}

ByteWriter& ByteWriter::u64(std::uint64_t value) {
    append_integer(bytes_, value, 8);
    return *this;
}

ByteWriter& ByteWriter::i64(std::int64_t value) {
    return u64(static_cast<std::uint64_t>(value));
}

ByteWriter& ByteWriter::u128(unsigned __int128 value) {
    u64(static_cast<std::uint64_t>(value >> 64U));
    return u64(static_cast<std::uint64_t>(value));
}

ByteWriter& ByteWriter::f64_bits(double value) {
    return u64(std::bit_cast<std::uint64_t>(value));
}

ByteWriter& ByteWriter::raw(ByteView bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
}

ByteWriter& ByteWriter::blob(ByteView bytes) {
    u64(bytes.size());
    return raw(bytes);
}

ByteWriter& ByteWriter::text(std::string_view value) {
    return blob(as_bytes(value));
}

Result<std::uint64_t> ByteReader::integer(std::size_t width) {
    if (rest_.size() < width) return fail(Errc::kCorrupt, "input ends inside a field");
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < width; ++i) value = (value << 8U) | rest_[i];
    rest_ = rest_.subspan(width);
    return value;
}

Result<std::uint8_t> ByteReader::u8() {
    FS_ASSIGN(const std::uint64_t value, integer(1));
    return static_cast<std::uint8_t>(value);
}

Result<std::uint16_t> ByteReader::u16() {
    FS_ASSIGN(const std::uint64_t value, integer(2));
    return static_cast<std::uint16_t>(value);
}

Result<std::uint32_t> ByteReader::u32() {
    FS_ASSIGN(const std::uint64_t value, integer(4));
    return static_cast<std::uint32_t>(value);
}

Result<std::uint64_t> ByteReader::u64() {
    return integer(8);
}

Result<std::int64_t> ByteReader::i64() {
    FS_ASSIGN(const std::uint64_t value, integer(8));
    return static_cast<std::int64_t>(value);
}

Result<unsigned __int128> ByteReader::u128() {
    FS_ASSIGN(const std::uint64_t high, integer(8));
    FS_ASSIGN(const std::uint64_t low, integer(8));
    return (static_cast<unsigned __int128>(high) << 64U) | low;
}

Result<double> ByteReader::f64_bits() {
    FS_ASSIGN(const std::uint64_t bits, integer(8));
    return std::bit_cast<double>(bits);
}

Status ByteReader::raw(std::span<std::uint8_t> out) {
    if (rest_.size() < out.size()) return fail(Errc::kCorrupt, "input ends inside a field");
    std::copy_n(rest_.begin(), out.size(), out.begin());
    rest_ = rest_.subspan(out.size());
    return {};
}

Result<Bytes> ByteReader::blob(std::size_t max_length) {
    FS_ASSIGN(const std::uint64_t length, integer(8));
    if (length > max_length) {
        return fail(Errc::kLimitExceeded, "field of " + std::to_string(length) +
                                              " bytes, at most " + std::to_string(max_length) +
                                              " allowed");
    }
    if (length > rest_.size()) return fail(Errc::kCorrupt, "input ends inside a field");
    Bytes bytes(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(length));
    rest_ = rest_.subspan(length);
    return bytes;
}

Result<std::string> ByteReader::text(std::size_t max_length) {
    FS_ASSIGN(const Bytes bytes, blob(max_length));
    return to_text(bytes);
}

Status ByteReader::finish() const {
    if (!rest_.empty()) {
        return fail(Errc::kCorrupt,
                    std::to_string(rest_.size()) + " unexpected bytes after the last field");
    }
    return {};
}

}  // namespace fedstake
