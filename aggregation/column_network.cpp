// Batcher's merge sort and its pruning.
#include "aggregation/column_network.hpp"

#include <algorithm>
#include <cstdint>

#include "proto/base/check.hpp"
#include "proto/base/limits.hpp"

namespace fedstake::aggregation {
namespace {

using kernels::Comparator;

// Knuth, The Art of Computer Programming 3, section 5.2.2, Algorithm M, for any number of rows.
std::vector<Comparator> merge_exchange(std::size_t rows) {
    std::vector<Comparator> network;
    std::size_t top = 1;
    while (2 * top < rows) {
        top *= 2;
    }
    for (std::size_t p = top; rows > 1 && p > 0; p /= 2) {
        std::size_t q = top;
        std::size_t r = 0;
        std::size_t d = p;
        while (true) {
            for (std::size_t i = 0; i + d < rows; ++i) {
                if ((i & p) == r) {
                    network.push_back({.low = static_cast<std::uint16_t>(i),
                                       .high = static_cast<std::uint16_t>(i + d)});
                }
            }
            if (q == p) {
                break;
            }
            d = q - p;
            q /= 2;
            r = p;
        }
    }
    return network;
}

enum class Use : std::uint8_t { kDropped, kSummed, kExact };

}  // namespace

ColumnNetwork column_network(std::size_t rows, std::size_t first, std::size_t last) {
    FS_CHECK(first < last && last <= rows && rows <= limits::kSitesMax);
    std::vector<Use> uses(rows, Use::kDropped);
    std::fill(uses.begin() + static_cast<std::ptrdiff_t>(first),
              uses.begin() + static_cast<std::ptrdiff_t>(last), Use::kSummed);
    const std::vector<Comparator> full = merge_exchange(rows);
    std::vector<Comparator> kept;
    for (auto it = full.rbegin(); it != full.rend(); ++it) {
        Use& low = uses[it->low];
        Use& high = uses[it->high];
        if (low == high && low != Use::kExact) {
            continue;
        }
        low = Use::kExact;
        high = Use::kExact;
        kept.push_back(*it);
    }
    std::reverse(kept.begin(), kept.end());
    return {.rows = rows, .first = first, .last = last, .comparators = std::move(kept)};
}

ColumnNetwork median_network(std::size_t rows) {
    return column_network(rows, (rows - 1) / 2, rows / 2 + 1);
}

}  // namespace fedstake::aggregation
