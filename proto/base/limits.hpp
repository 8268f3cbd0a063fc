// Every bound of the system in one place, with the relations between them checked at compile time.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fedstake::limits {

// Sites in one federation. Auditor indices on the chain are one byte; proofs loop over sites.
inline constexpr std::size_t kSitesMax = 512;
inline constexpr std::size_t kAuditorsMax = 32;

// Wire: one chunk of a blob, and the largest frame (chunk plus message overhead).
inline constexpr std::size_t kChunkBytes = std::size_t{1} << 20U;
inline constexpr std::size_t kFrameBytesMax = kChunkBytes + 64 * 1024;
// Chunks a sender may have in flight. Memory a site can pin in the coordinator is
// kChunkCredits * kFrameBytesMax, 8.5 MiB.
inline constexpr std::size_t kChunkCredits = 8;

// Content tree: one leaf, and leaves in one wire chunk (the level-10 subtree).
inline constexpr std::size_t kLeafBytes = 1024;
inline constexpr unsigned kChunkLevel = 10;
static_assert(kLeafBytes << kChunkLevel == kChunkBytes);

// Coordinates of a model. 2^31 coordinates are 8 GiB of update.
inline constexpr std::uint64_t kCoordinatesMax = std::uint64_t{1} << 31U;
// The chunk roots of the largest blob must fit one frame.
static_assert(kCoordinatesMax * 4 / kChunkBytes * 32 <= 256 * 1024);

// int32 values summed over sites with 31-bit total weight fit an int64 accumulator.
inline constexpr std::uint64_t kWeightSumMax = (std::uint64_t{1} << 31U) - 1;

inline constexpr std::size_t kNameLengthMax = 32;
inline constexpr std::size_t kDetailsBytesMax = 4096;
inline constexpr std::size_t kReportBytesMax = std::size_t{1} << 20U;
inline constexpr std::uint64_t kScoreMax = 1'000'000;

}  // namespace fedstake::limits
