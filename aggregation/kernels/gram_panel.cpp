// Vector code for the tiles of the exact Gram matrix.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "aggregation/kernels/gram_panel.cpp"  // NOLINT: Highway's convention
#include "aggregation/kernels/gram_panel.hpp"

#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "aggregation/kernels/aligned.hpp"
#include "aggregation/kernels/gram_tile-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace fedstake::aggregation::kernels::panel::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

HWY_INLINE std::size_t place_of(std::size_t column) {
    return column / kStep * kGroup * kStep + column % kStep;
}

#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128

constexpr std::uint32_t kLimit = 1U << 24U;

std::uint32_t largest_of(const std::int32_t* values, std::size_t count) {
    std::uint32_t largest = 0;
    for (std::size_t j = 0; j < count; ++j) {
        const auto bits = static_cast<std::uint32_t>(values[j]);
        const std::uint32_t magnitude = values[j] < 0 ? 0U - bits : bits;
        largest = magnitude > largest ? magnitude : largest;
    }
    return largest;
}

std::uint32_t widen_row(const std::int32_t* values, std::size_t columns, double* out) {
    for (std::size_t j = 0; j < columns; ++j) {
        out[place_of(j)] = values[j];
    }
    return largest_of(values, columns);
}

// Sums of at most 2^53 / 2^48 products are exact in a double.
void multiply(const View& view, std::size_t group, std::size_t other, std::int64_t* out) {
    constexpr std::size_t kRun = 32;
    for (std::size_t k = 0; k < kTile; ++k) {
        const double* const a = view.values + group * view.stride + k / kGroup * kStep;
        const double* const b = view.values + other * view.stride + k % kGroup * kStep;
        out[k] = 0;
        for (std::size_t start = 0; start < view.columns; start += kRun) {
            const std::size_t end = start + kRun < view.columns ? start + kRun : view.columns;
            double sum = 0.0;
            for (std::size_t j = start; j < end; ++j) {
                sum += a[place_of(j)] * b[place_of(j)];
            }
            out[k] += static_cast<std::int64_t>(sum);
        }
    }
}

void add_products(const std::int64_t* products, std::int64_t* sums) {
    for (std::size_t k = 0; k < kTile; ++k) {
        sums[k] += products[k] & 0xffffffff;
        sums[k + kTile] += products[k] >> 32;
    }
}

#else

using Ints = hn::ScalableTag<std::int32_t>;
using HalfInts = hn::Rebind<std::int32_t, Doubles>;

std::uint32_t largest_of(const std::int32_t* values, std::size_t count) {
    const Ints d;
    const hn::RebindToUnsigned<Ints> unsigned_d;
    const std::size_t lanes = hn::Lanes(d);
    auto largest = hn::Zero(unsigned_d);
    std::size_t j = 0;
    for (; j + lanes <= count; j += lanes) {
        // Abs leaves INT32_MIN as it is, which is 2^31 without a sign.
        const auto value = hn::Abs(hn::LoadU(d, values + j));
        largest = hn::Max(largest, hn::BitCast(unsigned_d, value));
    }
    std::uint32_t result = hn::GetLane(hn::MaxOfLanes(unsigned_d, largest));
    for (; j < count; ++j) {
        const auto bits = static_cast<std::uint32_t>(values[j]);
        const std::uint32_t magnitude = values[j] < 0 ? 0U - bits : bits;
        result = magnitude > result ? magnitude : result;
    }
    return result;
}

std::uint32_t widen_row(const std::int32_t* values, std::size_t columns, double* out) {
    const Doubles d;
    const HalfInts ints;
    const hn::RebindToUnsigned<HalfInts> unsigned_ints;
    auto largest = hn::Zero(unsigned_ints);
    const std::size_t whole = columns / kStep * kStep;
    for (std::size_t j = 0; j < whole; j += kStep) {
        for (std::size_t lane = 0; lane < kStep; lane += hn::Lanes(d)) {
            const auto value = hn::LoadU(ints, values + j + lane);
            largest = hn::Max(largest, hn::BitCast(unsigned_ints, hn::Abs(value)));
            hn::Store(hn::PromoteTo(d, value), d, out + j * kGroup + lane);
        }
    }
    for (std::size_t j = whole; j < columns; ++j) {
        out[place_of(j)] = values[j];
    }
    const std::uint32_t rest = largest_of(values + whole, columns - whole);
    const std::uint32_t most = hn::GetLane(hn::MaxOfLanes(unsigned_ints, largest));
    return most < rest ? rest : most;
}

HWY_INLINE void multiply(const View& view, std::size_t group, std::size_t other,
                         std::int64_t* out) {
    const std::uint64_t largest = std::uint64_t{view.magnitudes[group]} * view.magnitudes[other];
    // Columns whose products the lanes may sum: kLimit leaves at least one step.
    const std::uint64_t products = kExact / (largest == 0 ? 1 : largest);
    const std::uint64_t all = view.columns;
    const std::size_t run = products > all ? all : products * hn::Lanes(Doubles()) / kStep * kStep;
    const double* const a = view.values + group * view.stride;
    const double* const b = view.values + other * view.stride;
    for (std::size_t k = 0; k < kTile; ++k) {
        out[k] = 0;
    }
    for (std::size_t start = 0; start < view.columns; start += run) {
        const std::size_t width = run < view.columns - start ? run : view.columns - start;
        if constexpr (kSecondRows == 4) {
            run_of_four(a + start * kGroup, b + start * kGroup, width, out);
        } else {
            run_of_two(a + start * kGroup, b + start * kGroup, width, out);
            run_of_two(a + start * kGroup, b + start * kGroup + 2 * kStep, width, out + 2);
        }
    }
}

HWY_INLINE void add_products(const std::int64_t* products, std::int64_t* sums) {
    const Longs d;
    const VLong mask = hn::Set(d, 0xffffffff);
    for (std::size_t k = 0; k < kTile; k += hn::Lanes(d)) {
        const VLong value = hn::Load(d, products + k);
        hn::Store(hn::Add(hn::Load(d, sums + k), hn::And(value, mask)), d, sums + k);
        hn::Store(hn::Add(hn::Load(d, sums + kTile + k), hn::ShiftRight<32>(value)), d,
                  sums + kTile + k);
    }
}

#endif

void split_row(const std::int32_t* values, std::size_t columns, double* low, double* high) {
    std::size_t j = 0;
#if HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128
    const Doubles d;
    const HalfInts ints;
    const std::size_t lanes = hn::Lanes(d);
    const auto middle = hn::Set(ints, std::int32_t{kLowMagnitude});
    const auto mask = hn::Set(ints, (std::int32_t{1} << kSplitBits) - 1);
    for (; j + lanes <= columns; j += lanes) {
        const auto value = hn::LoadU(ints, values + j);
        const auto rest = hn::Sub(hn::And(hn::Add(value, middle), mask), middle);
        const VDouble bottom = hn::PromoteTo(d, rest);
        const VDouble top = hn::Sub(hn::PromoteTo(d, value), bottom);
        hn::Store(bottom, d, low + place_of(j));
        hn::Store(hn::Mul(top, hn::Set(d, 0x1p-15)), d, high + place_of(j));
    }
#endif
    for (; j < columns; ++j) {
        const std::int64_t top = (std::int64_t{values[j]} + kLowMagnitude) >> kSplitBits;
        high[place_of(j)] = static_cast<double>(top);
        low[place_of(j)] = static_cast<double>(values[j] - (top << kSplitBits));
    }
}

std::uint32_t limit_of() {
    return kLimit;
}

void multiply_groups(const View& view, std::size_t group, std::size_t first, std::size_t last,
                     std::int64_t* out) {
    for (std::size_t other = first; other < last; ++other) {
        multiply(view, group, other, out + (other - first) * kTile);
    }
}

void add_groups(const View& view, std::size_t group, std::size_t count, std::size_t last,
                std::int64_t* const* sums) {
    alignas(kLineBytes) std::int64_t products[kTile];
    // Each later group meets all of these while it is in the first cache.
    for (std::size_t other = group; other < last; ++other) {
        for (std::size_t k = 0; k < count && group + k <= other; ++k) {
            multiply(view, group + k, other, products);
            add_products(products, sums[k] + (other - group - k) * 2 * kTile);
        }
    }
}

}  // namespace fedstake::aggregation::kernels::panel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include "aggregation/kernels/targets.hpp"

namespace fedstake::aggregation::kernels::panel {

HWY_EXPORT(largest_of);
HWY_EXPORT(widen_row);
HWY_EXPORT(split_row);
HWY_EXPORT(limit_of);
HWY_EXPORT(multiply_groups);
HWY_EXPORT(add_groups);

namespace {

void fill_up(std::size_t columns, double* out) {
    const std::size_t used = columns % kStep;
    double* const step = out + columns / kStep * kGroup * kStep;
    for (std::size_t j = used; used != 0 && j < kStep; ++j) {
        step[j] = 0.0;
    }
}

}  // namespace

std::uint32_t magnitude_limit() {
    ready_targets();
    return HWY_DYNAMIC_DISPATCH(limit_of)();
}

std::uint32_t magnitude(const std::int32_t* values, std::size_t count) {
    ready_targets();
    return HWY_DYNAMIC_DISPATCH(largest_of)(values, count);
}

std::uint32_t widen(const std::int32_t* values, std::size_t columns, double* out) {
    fill_up(columns, out);
    return HWY_DYNAMIC_DISPATCH(widen_row)(values, columns, out);
}

void widen_split(const std::int32_t* values, std::size_t columns, double* low, double* high) {
    fill_up(columns, low);
    fill_up(columns, high);
    HWY_DYNAMIC_DISPATCH(split_row)(values, columns, low, high);
}

void multiply_strip(const View& view, std::size_t group, std::size_t first, std::size_t last,
                    std::int64_t* out) {
    HWY_DYNAMIC_DISPATCH(multiply_groups)(view, group, first, last, out);
}

void add_strips(const View& view, std::size_t group, std::size_t count, std::size_t last,
                std::int64_t* const* sums) {
    HWY_DYNAMIC_DISPATCH(add_groups)(view, group, count, last, sums);
}

}  // namespace fedstake::aggregation::kernels::panel

#endif  // HWY_ONCE
