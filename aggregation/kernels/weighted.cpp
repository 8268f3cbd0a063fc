// Vector code for weighted sums of rows.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "aggregation/kernels/weighted.cpp"  // NOLINT: Highway's convention
#include "aggregation/kernels/weighted.hpp"

#include <vector>

#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "aggregation/integer_math.hpp"

// Types that all passes share.
#ifndef FEDSTAKE_KERNELS_WEIGHTED_TERM
#define FEDSTAKE_KERNELS_WEIGHTED_TERM
namespace fedstake::aggregation::kernels {

// weight * row; weights of 2^31 are two terms.
struct Term {
    const std::int32_t* row = nullptr;
    std::int32_t weight = 0;
};

inline constexpr std::int32_t kMeanMax = INT32_MAX;

}  // namespace fedstake::aggregation::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace fedstake::aggregation::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Columns [first, columns), one by one.
HWY_INLINE void weighted_rest(std::span<const Term> terms, std::int32_t denominator,
                              std::size_t first, std::size_t columns, std::int32_t* out) {
    for (std::size_t j = first; j < columns; ++j) {
        std::int64_t sum = 0;
        for (const Term& term : terms) {
            sum += std::int64_t{term.weight} * term.row[j];
        }
        const std::int64_t mean = rounded_div(sum, denominator);
        const std::int64_t limited = mean > kMeanMax ? kMeanMax : mean;
        out[j] = static_cast<std::int32_t>(limited < -kMeanMax ? -kMeanMax : limited);
    }
}

#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128

void weighted(std::span<const Term> terms, std::int32_t denominator, std::size_t columns,
              std::int32_t* out) {
    weighted_rest(terms, denominator, 0, columns, out);
}

#else

using Longs = hn::ScalableTag<std::int64_t>;
using Doubles = hn::ScalableTag<double>;
using Ints = hn::Repartition<std::int32_t, Longs>;  // as many bits
using HalfInts = hn::Rebind<std::int32_t, Longs>;   // as many lanes
using VLong = hn::Vec<Longs>;
using VDouble = hn::Vec<Doubles>;

// Products of the low halves of the lanes.
HWY_INLINE VLong product(VLong a, VLong b) {
    return hn::MulEven(hn::BitCast(Ints(), a), hn::BitCast(Ints(), b));
}

HWY_INLINE VLong add_term(VLong sum, const std::int32_t* values, VLong weight) {
    const Longs d;
    return hn::Add(sum, product(hn::PromoteTo(d, hn::LoadU(HalfInts(), values)), weight));
}

// floor((sum + floor(denominator / 2)) / denominator), which equals rounded_div. The estimate in
// doubles is off by one at most, or beyond int32, where the correction reaches the limits.
HWY_INLINE void store_mean(VLong sum, VLong denominator, VDouble inverse, std::int32_t* out) {
    const Longs d;
    const Doubles doubles;
    const VLong numerator = hn::Add(sum, hn::ShiftRight<1>(denominator));
    const VDouble estimate = hn::Floor(hn::Mul(hn::ConvertTo(doubles, numerator), inverse));
    const VDouble inside =
        hn::Min(hn::Max(estimate, hn::Set(doubles, -0x1p31)), hn::Set(doubles, 0x1p31 - 1.0));
    VLong quotient = hn::PromoteTo(d, hn::DemoteTo(HalfInts(), inside));
    const VLong rest = hn::Sub(numerator, product(quotient, denominator));
    quotient = hn::Add(quotient, hn::VecFromMask(d, hn::Lt(rest, hn::Zero(d))));
    quotient =
        hn::Sub(quotient, hn::VecFromMask(d, hn::Gt(rest, hn::Sub(denominator, hn::Set(d, 1)))));
    const VLong most = hn::Set(d, kMeanMax);
    quotient = hn::Min(hn::Max(quotient, hn::Neg(most)), most);
    const hn::RebindToUnsigned<Longs> unsigned_d;
    const hn::RebindToUnsigned<HalfInts> unsigned_ints;
    const auto bits = hn::TruncateTo(unsigned_ints, hn::BitCast(unsigned_d, quotient));
    hn::StoreU(hn::BitCast(HalfInts(), bits), HalfInts(), out);
}

// Columns that are asked for ahead of their use. Many rows are more streams than a CPU follows by
// itself; asked for row by row they come as fast as from a copy. Each of the tiles asks for its
// share of the rows, so that memory and arithmetic work at the same time.
inline constexpr std::size_t kAhead = 256;
inline constexpr std::size_t kLineValues = 16;

HWY_INLINE void fetch_ahead(const std::int32_t* row, std::size_t first, std::size_t columns) {
    const std::size_t end = first + kAhead < columns ? first + kAhead : columns;
    for (std::size_t j = first; j < end; j += kLineValues) {
        __builtin_prefetch(row + j, 0, 2);
    }
}

void weighted(std::span<const Term> terms, std::int32_t denominator, std::size_t columns,
              std::int32_t* out) {
    const Longs d;
    const std::size_t lanes = hn::Lanes(d);
    const VLong divisor = hn::Set(d, denominator);
    const VDouble inverse = hn::Set(Doubles(), 1.0 / static_cast<double>(denominator));
    const std::size_t tiles = kAhead / (4 * lanes);
    std::size_t j = 0;
    for (; j + 4 * lanes <= columns; j += 4 * lanes) {
        std::size_t fetched = j / (4 * lanes) % tiles;  // the row that this tile asks for next
        const std::size_t ahead = j / kAhead * kAhead + kAhead;
        VLong s0 = hn::Zero(d);
        VLong s1 = s0, s2 = s0, s3 = s0;
        for (std::size_t i = 0; i < terms.size(); ++i) {
            if (i == fetched) {
                fetch_ahead(terms[i].row, ahead, columns);
                fetched += tiles;
            }
            const VLong weight = hn::Set(d, terms[i].weight);
            const std::int32_t* const values = terms[i].row + j;
            s0 = add_term(s0, values, weight);
            s1 = add_term(s1, values + lanes, weight);
            s2 = add_term(s2, values + 2 * lanes, weight);
            s3 = add_term(s3, values + 3 * lanes, weight);
        }
        store_mean(s0, divisor, inverse, out + j);
        store_mean(s1, divisor, inverse, out + j + lanes);
        store_mean(s2, divisor, inverse, out + j + 2 * lanes);
        store_mean(s3, divisor, inverse, out + j + 3 * lanes);
    }
    weighted_rest(terms, denominator, j, columns, out);
}

#endif

}  // namespace fedstake::aggregation::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include "aggregation/kernels/targets.hpp"
#include "proto/base/check.hpp"

namespace fedstake::aggregation::kernels {

HWY_EXPORT(weighted);

void weighted_mean(std::span<const std::int32_t* const> rows,
                   std::span<const std::uint32_t> weights, std::uint32_t denominator,
                   std::size_t columns, std::int32_t* out) {
    constexpr std::uint32_t kWhole = 1U << 31U;
    FS_CHECK(rows.size() == weights.size() && denominator >= 1 && denominator <= kWhole / 2);
    std::vector<Term> terms;
    terms.reserve(rows.size() + 1);
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        sum += weights[i];
        if (weights[i] == kWhole) {
            terms.push_back({.row = rows[i], .weight = std::int32_t{kWhole / 2}});
            terms.push_back(terms.back());
        } else if (weights[i] != 0) {
            terms.push_back({.row = rows[i], .weight = static_cast<std::int32_t>(weights[i])});
        }
    }
    FS_CHECK(sum <= kWhole);
    ready_targets();
    HWY_DYNAMIC_DISPATCH(weighted)(terms, static_cast<std::int32_t>(denominator), columns, out);
}

}  // namespace fedstake::aggregation::kernels

#endif  // HWY_ONCE
