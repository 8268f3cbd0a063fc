// The byte form of a site's own parameters.
#include "client/training/local_state.hpp"

#include <algorithm>
#include <bit>
#include <string_view>

#include "proto/crypto/sha256.hpp"

namespace fedstake::training {

namespace {
constexpr std::string_view kMagic = "fedstake/local-state/v1";

tl::unexpected<Error> corrupt(std::string_view what) {
    return fail(Errc::kCorrupt, "local state: " + std::string(what));
}
}  // namespace

Bytes encode(const LocalState& state) {
    ByteWriter writer;
    writer.raw(as_bytes(kMagic)).u64(state.parameters.size());
    for (const float value : state.parameters) writer.u32(std::bit_cast<std::uint32_t>(value));
    const Digest digest = crypto::sha256(writer.bytes());
    writer.raw(digest.view());
    return writer.take();
}

Result<LocalState> decode_local_state(ByteView bytes) {
    constexpr std::size_t kFixed = kMagic.size() + 8 + Digest::kSize;
    if (bytes.size() < kFixed) return corrupt("too short");
    const ByteView body = bytes.first(bytes.size() - Digest::kSize);
    const ByteView stored = bytes.last(Digest::kSize);
    const Digest digest = crypto::sha256(body);
    if (!std::equal(stored.begin(), stored.end(), digest.bytes.begin())) {
        return corrupt("checksum does not match");
    }
    if (to_text(body.first(kMagic.size())) != kMagic) return corrupt("not a local state");
    ByteReader reader(body.subspan(kMagic.size()));
    FS_ASSIGN(const std::uint64_t count, reader.u64());
    // Checked before the allocation: the count is only as good as the bytes behind it.
    if (count != reader.remaining() / 4 || reader.remaining() % 4 != 0) {
        return corrupt("length does not match its count");
    }
    LocalState state;
    state.parameters.reserve(static_cast<std::size_t>(count));
    for (std::uint64_t i = 0; i < count; ++i) {
        FS_ASSIGN(const std::uint32_t bits, reader.u32());
        state.parameters.push_back(std::bit_cast<float>(bits));
    }
    return state;
}

}  // namespace fedstake::training
