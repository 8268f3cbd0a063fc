// RLP prefixes and concatenation.
#include "contracts/cpp/evm/rlp.hpp"

namespace fedstake::evm {

namespace {

constexpr std::size_t kShortLengthMax = 55;
constexpr std::uint8_t kStringOffset = 0x80;
constexpr std::uint8_t kListOffset = 0xc0;

Bytes minimal_big_endian(Amount value) {
    Bytes bytes;
    for (unsigned shift = 128; shift > 0; shift -= 8) {
        const auto byte = static_cast<std::uint8_t>(value >> (shift - 8));
        if (byte != 0 || !bytes.empty()) bytes.push_back(byte);
    }
    return bytes;
}

Bytes with_prefix(std::uint8_t offset, ByteView payload) {
    Bytes out;
    out.reserve(payload.size() + 9);
    if (payload.size() <= kShortLengthMax) {
        out.push_back(static_cast<std::uint8_t>(offset + payload.size()));
    } else {
        const Bytes length = minimal_big_endian(payload.size());
        out.push_back(static_cast<std::uint8_t>(offset + kShortLengthMax + length.size()));
        out.insert(out.end(), length.begin(), length.end());
    }
    out.insert(out.end(), payload.begin(), payload.end());
    return out;
}

}  // namespace

Bytes rlp_bytes(ByteView bytes) {
    if (bytes.size() == 1 && bytes[0] < kStringOffset) return {bytes[0]};
    return with_prefix(kStringOffset, bytes);
}

Bytes rlp_number(Amount value) {
    return rlp_bytes(minimal_big_endian(value));
}

Bytes rlp_list(std::span<const Bytes> items) {
    Bytes payload;
    for (const Bytes& item : items) payload.insert(payload.end(), item.begin(), item.end());
    return with_prefix(kListOffset, payload);
}

}  // namespace fedstake::evm
