// Bucketing: the rows are put into random groups of s, and each group becomes its mean.
//
// A seeded permutation of the rows, cut into groups of s; a shorter last group divides by its own
// size. f hostile rows spoil at most f of the ceil(n / s) groups, so they must stay a minority of
// them. Source: Karimireddy, He, Jaggi, "Byzantine-Robust Learning on Heterogeneous Datasets via
// Bucketing", ICLR 2022, algorithm 1.
#pragma once

#include <cstddef>
#include <vector>

#include "aggregation/rule.hpp"
#include "proto/base/ids.hpp"

namespace fedstake::aggregation {

inline constexpr std::size_t kBucketSizeDefault = 2;

// 0 .. n - 1 in the order in which they are cut into groups: Fisher-Yates with the generator of
// proto/base/rng.hpp, whose seed is the first 8 bytes (big-endian) of
// SHA-256("fedstake bucketing" || seed).
[[nodiscard]] std::vector<std::size_t> bucket_order(std::size_t n, const Digest& seed);

// ceil(n / s)
[[nodiscard]] std::size_t buckets_of(const Arguments& arguments);
[[nodiscard]] bool bucketing_supports(const Arguments& arguments);  // 2f < ceil(n / s)
// Rows out: ceil(n / s), in the order of the groups; s = 1 leaves all rows as they are. Integer
// weights over the least common multiple of s and the size of the last group. O(n^2).
[[nodiscard]] Result<RowMap> bucketing(const PreInput& input);

}  // namespace fedstake::aggregation
