// The have-bitmap.
#include "proto/transport/chunk_set.hpp"

#include <bit>
#include <numeric>

#include "proto/base/check.hpp"

namespace fedstake::transport {

ChunkSet::ChunkSet(std::uint64_t chunks)
    : chunks_(chunks), bits_(static_cast<std::size_t>((chunks + 7) / 8)) {}

Result<ChunkSet> ChunkSet::parse(ByteView bitmap, std::uint64_t chunks) {
    ChunkSet set(chunks);
    if (bitmap.size() != set.bits_.size()) {
        return fail(Errc::kInvalidInput, "a bitmap of " + std::to_string(bitmap.size()) +
                                             " bytes for " + std::to_string(chunks) + " chunks");
    }
    set.bits_.assign(bitmap.begin(), bitmap.end());
    if (chunks % 8 != 0 && (set.bits_.back() >> (chunks % 8)) != 0) {
        return fail(Errc::kInvalidInput, "a bitmap with chunks past the last one");
    }
    set.count_ = std::accumulate(bitmap.begin(), bitmap.end(), std::uint64_t{0},
                                 [](std::uint64_t sum, std::uint8_t byte) {
                                     return sum + static_cast<std::uint64_t>(std::popcount(byte));
                                 });
    return set;
}

bool ChunkSet::contains(std::uint64_t index) const noexcept {
    FS_CHECK(index < chunks_);
    const unsigned byte = bits_[static_cast<std::size_t>(index / 8)];
    return (byte >> (index % 8) & 1U) != 0;
}

void ChunkSet::insert(std::uint64_t index) noexcept {
    if (contains(index)) {
        return;
    }
    std::uint8_t& byte = bits_[static_cast<std::size_t>(index / 8)];
    byte = static_cast<std::uint8_t>(byte | (1U << (index % 8)));
    ++count_;
}

std::optional<std::uint64_t> ChunkSet::first_missing(std::uint64_t from) const noexcept {
    for (std::uint64_t index = from; index < chunks_; ++index) {
        if (!contains(index)) {
            return index;
        }
    }
    return std::nullopt;
}

}  // namespace fedstake::transport
