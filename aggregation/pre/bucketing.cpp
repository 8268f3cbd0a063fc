// Permutation and groups.
#include "aggregation/pre/bucketing.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <span>
#include <string_view>

#include "proto/base/bytes.hpp"
#include "proto/base/rng.hpp"
#include "proto/crypto/sha256.hpp"

namespace fedstake::aggregation {
namespace {

constexpr std::size_t kParameterSize = 0;
constexpr std::string_view kLabel = "fedstake bucketing";

std::size_t groups_of(std::size_t n, std::size_t size) {
    return (n + size - 1) / size;
}

}  // namespace

std::vector<std::size_t> bucket_order(std::size_t n, const Digest& seed) {
    const Digest mixed = crypto::sha256({as_bytes(kLabel), seed.view()});
    std::uint64_t first = 0;
    for (std::size_t k = 0; k < 8; ++k) {
        first = (first << 8U) | mixed.bytes[k];
    }
    Rng rng(first);
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    rng.shuffle(std::span(order));
    return order;
}

std::size_t buckets_of(const Arguments& a) {
    return groups_of(a.n, a.count(kParameterSize, kBucketSizeDefault));
}

bool bucketing_supports(const Arguments& a) {
    const std::size_t size = a.count(kParameterSize, kBucketSizeDefault);
    return a.n >= 1 && size >= 1 && 2 * std::size_t{a.f} < groups_of(a.n, size);
}

Result<RowMap> bucketing(const PreInput& input) {
    const std::size_t n = input.arguments.n;
    const std::size_t size = std::min(n, input.arguments.count(kParameterSize, kBucketSizeDefault));
    if (size == 1) {
        return RowMap::identity(n);
    }
    const std::size_t groups = groups_of(n, size);
    const std::size_t last_size = n - (groups - 1) * size;
    const std::size_t denominator = std::lcm(size, last_size);
    RowMap map(groups, n, static_cast<std::uint32_t>(denominator));
    const std::vector<std::size_t> order = bucket_order(n, input.seed);
    for (std::size_t place = 0; place < n; ++place) {
        const std::size_t group = place / size;
        const std::size_t members = group + 1 == groups ? last_size : size;
        map.set(group, order[place], static_cast<std::uint32_t>(denominator / members));
    }
    return map;
}

}  // namespace fedstake::aggregation
