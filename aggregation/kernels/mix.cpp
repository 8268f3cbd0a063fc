// The choice of the way for each row, and the walk over tiles.
#include "aggregation/kernels/mix.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "aggregation/kernels/gram.hpp"
#include "aggregation/kernels/mix_tiles.hpp"
#include "aggregation/kernels/weighted.hpp"
#include "proto/base/check.hpp"

namespace fedstake::aggregation::kernels {
namespace {

std::size_t groups_of(std::size_t rows) {
    return (rows + mix::kGroup - 1) / mix::kGroup;
}

}  // namespace

Mixer::Mixer(const RowMap& map)
    : map_(map), weights_(groups_of(map.rows_out()) * mix::kGroup * map.rows_in()) {
    equal_.reserve(map.rows_out());
    for (std::size_t i = 0; i < map.rows_out(); ++i) {
        equal_.push_back(equal_weights(map, i));
        double* const group = weights_.data() + i / mix::kGroup * mix::kGroup * map.rows_in();
        for (std::size_t a = 0; a < map.rows_in(); ++a) {
            group[a * mix::kGroup + i % mix::kGroup] = map.weight(i, a);
        }
    }
}

Mixer::EqualWeights Mixer::equal_weights(const RowMap& map, std::size_t out) {
    EqualWeights result;
    const std::span<const std::uint32_t> weights = map.weights(out);
    const auto weighted = static_cast<std::size_t>(
        std::count_if(weights.begin(), weights.end(), [](std::uint32_t w) { return w != 0; }));
    const std::uint32_t weight = *std::max_element(weights.begin(), weights.end());
    result.possible = std::all_of(weights.begin(), weights.end(),
                                  [&](std::uint32_t w) { return w == 0 || w == weight; });
    if (!result.possible) {
        return result;
    }
    const std::uint32_t factor = std::gcd(weight, map.denominator());
    result.weight = weight / factor;
    result.denominator = map.denominator() / factor;
    result.complement = weighted > weights.size() / 2;
    for (std::size_t a = 0; a < weights.size(); ++a) {
        if ((weights[a] != 0) != result.complement) {
            result.rows.push_back(static_cast<std::uint32_t>(a));
        }
    }
    return result;
}

std::size_t Mixer::scratch_size() const noexcept {
    return map_.rows_in() * mix::kProductColumns;
}

std::size_t Mixer::bytes() const noexcept {
    std::size_t bytes =
        weights_.size() * sizeof(double) + map_.rows_in() * map_.rows_out() * sizeof(std::uint32_t);
    for (const EqualWeights& equal : equal_) {
        bytes += sizeof(equal) + equal.rows.capacity() * sizeof(std::uint32_t);
    }
    return bytes;
}

std::vector<Mixer::Way> Mixer::ways(std::span<const std::int32_t* const> rows,
                                    std::size_t columns) const {
    std::vector<Way> result(map_.rows_out(), Way::kExact);
    if (!mix::has_tiles()) {
        return result;
    }
    std::vector<std::uint64_t> magnitudes;
    magnitudes.reserve(rows.size());
    for (const std::int32_t* const row : rows) {
        magnitudes.push_back(largest_magnitude(row, columns));
    }
    for (std::size_t i = 0; i < result.size(); ++i) {
        const std::span<const std::uint32_t> weights = map_.weights(i);
        std::uint64_t products = map_.denominator();
        std::uint64_t values = 0;
        bool limited = false;  // only INT32_MIN can give a result beyond the limits
        for (std::size_t a = 0; a < rows.size(); ++a) {
            products += weights[a] * magnitudes[a];  // at most 2^61 in all
            values += weights[a] == 0 ? 0 : magnitudes[a];
            limited = limited || (weights[a] != 0 && magnitudes[a] > INT32_MAX);
        }
        const EqualWeights& equal = equal_[i];
        // The sum of the values fits an int32, so it may be computed modulo 2^32.
        if (equal.possible && values <= INT32_MAX &&
            values * equal.weight + equal.denominator <= mix::kExactSum) {
            result[i] = Way::kEqual;
        } else if (products <= mix::kExactSum && !limited) {
            result[i] = Way::kProduct;
        }
    }
    return result;
}

void Mixer::run(std::span<const std::int32_t* const> rows, std::size_t columns,
                std::span<std::int32_t* const> out, AlignedArray<double>& scratch) const {
    FS_CHECK(rows.size() == rows_in() && out.size() == rows_out() &&
             scratch.size() >= scratch_size());
    const std::vector<Way> way = ways(rows, columns);
    const std::size_t tiled = columns / mix::kEqualColumns * mix::kEqualColumns;
    for (std::size_t first = 0; first < tiled; first += mix::kEqualColumns) {
        equal_rows(rows, first, way, out);
    }
    if (std::find(way.begin(), way.end(), Way::kProduct) != way.end()) {
        for (std::size_t first = 0; first < tiled; first += mix::kProductColumns) {
            product_rows(rows, first, way, out, scratch);
        }
    }
    // What the tiles leave: whole rows, or the last columns.
    std::vector<const std::int32_t*> rest(rows.begin(), rows.end());
    std::for_each(rest.begin(), rest.end(), [&](const std::int32_t*& row) { row += tiled; });
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (way[i] == Way::kExact) {
            weighted_mean(rows, map_.weights(i), map_.denominator(), columns, out[i]);
        } else if (tiled < columns) {
            weighted_mean(rest, map_.weights(i), map_.denominator(), columns - tiled,
                          out[i] + tiled);
        }
    }
}

void Mixer::equal_rows(std::span<const std::int32_t* const> rows, std::size_t first,
                       const std::vector<Way>& way, std::span<std::int32_t* const> out) const {
    alignas(kLineBytes) std::array<std::int32_t, mix::kEqualColumns> totals;
    bool summed = false;
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (way[i] != Way::kEqual) {
            continue;
        }
        const EqualWeights& equal = equal_[i];
        if (equal.complement && !summed) {
            mix::total_tile(rows, first, totals.data());
            summed = true;
        }
        mix::equal_tile(rows, equal.rows, first, equal.complement ? totals.data() : nullptr,
                        equal.weight, equal.denominator, out[i] + first);
    }
}

void Mixer::product_rows(std::span<const std::int32_t* const> rows, std::size_t first,
                         const std::vector<Way>& way, std::span<std::int32_t* const> out,
                         AlignedArray<double>& scratch) const {
    mix::widen_tile(rows, first, scratch.data());
    for (std::size_t group = 0; group < groups_of(out.size()); ++group) {
        std::array<std::int32_t*, mix::kGroup> targets{};
        bool any = false;
        for (std::size_t k = 0; k < mix::kGroup; ++k) {
            const std::size_t i = group * mix::kGroup + k;
            const bool wanted = i < out.size() && way[i] == Way::kProduct;
            targets[k] = wanted ? out[i] + first : nullptr;
            any = any || wanted;
        }
        if (any) {
            mix::product_tile(scratch.data(), weights_.data() + group * mix::kGroup * rows.size(),
                              rows.size(), map_.denominator(), targets.data());
        }
    }
}

}  // namespace fedstake::aggregation::kernels
