// Which rows each training step sees: a pure function of seed, site, round and attempt.
#pragma once

#include <cstdint>
#include <vector>

#include "proto/base/ids.hpp"
#include "proto/base/rng.hpp"

namespace fedstake::training {

// Seed of a site's round: the first 8 bytes, big-endian, of
// SHA-256("fedstake/batches/v1" | u64 seed | 20-byte site | u64 round), with u32 attempt behind it
// in every attempt but the first: an auditor that saw an update of an aborted attempt must not know
// the bytes of the next one.
[[nodiscard]] std::uint64_t batch_seed(std::uint64_t seed, const SiteId& site, RoundNumber round,
                                       std::uint32_t attempt = 0);

// Endless passes over `rows` rows, each freshly shuffled; batches run across the passes' borders.
class BatchOrder {
public:
    // REQUIRES rows > 0.
    BatchOrder(std::size_t rows, std::uint64_t seed);
    // Fills `batch` with the next row numbers.
    void next(std::span<std::int64_t> batch);

private:
    std::vector<std::int64_t> order_;
    std::size_t position_ = 0;
    Rng rng_;
};

}  // namespace fedstake::training
