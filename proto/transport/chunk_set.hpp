// Which chunks of a blob are there: the have-bitmap of the wire.
#pragma once

#include <cstdint>
#include <optional>

#include "proto/base/bytes.hpp"
#include "proto/base/result.hpp"

namespace fedstake::transport {

class ChunkSet {
public:
    ChunkSet() = default;
    explicit ChunkSet(std::uint64_t chunks);
    // RETURNS kInvalidInput unless the bitmap has exactly ceil(chunks / 8) bytes and no bit set
    // past the last chunk.
    [[nodiscard]] static Result<ChunkSet> parse(ByteView bitmap, std::uint64_t chunks);

    [[nodiscard]] std::uint64_t size() const noexcept { return chunks_; }
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    [[nodiscard]] bool full() const noexcept { return count_ == chunks_; }
    // REQUIRES index < size() for both.
    [[nodiscard]] bool contains(std::uint64_t index) const noexcept;
    void insert(std::uint64_t index) noexcept;
    // Lowest chunk at or after `from` that is not in the set.
    [[nodiscard]] std::optional<std::uint64_t> first_missing(std::uint64_t from = 0) const noexcept;
    [[nodiscard]] const Bytes& bitmap() const noexcept { return bits_; }

private:
    std::uint64_t chunks_ = 0;
    std::uint64_t count_ = 0;
    Bytes bits_;
};

}  // namespace fedstake::transport
