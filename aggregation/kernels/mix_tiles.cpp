// Vector code for the tiles of mixed rows.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "aggregation/kernels/mix_tiles.cpp"  // NOLINT: Highway's convention
#include "aggregation/kernels/mix_tiles.hpp"

#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace fedstake::aggregation::kernels::mix::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128

bool vector_code() {
    return false;
}
void widen_rows(std::span<const std::int32_t* const>, std::size_t, double*) {}
void multiply_rows(const double*, const double*, std::size_t, double, std::int32_t* const*) {}
void add_rows(std::span<const std::int32_t* const>, std::size_t, std::int32_t*) {}
void mean_of_rows(std::span<const std::int32_t* const>, std::span<const std::uint32_t>, std::size_t,
                  const std::int32_t*, double, double, std::int32_t*) {}

#else

using Doubles = hn::ScalableTag<double>;
using Ints = hn::ScalableTag<std::int32_t>;
using HalfInts = hn::Rebind<std::int32_t, Doubles>;
using VDouble = hn::Vec<Doubles>;
using VInt = hn::Vec<Ints>;

// What a division needs: half is floor(denominator / 2).
struct Divisor {
    VDouble denominator;
    VDouble inverse;
    VDouble half;
};

HWY_INLINE Divisor divisor_of(double denominator) {
    const Doubles d;
    const double half = static_cast<double>(static_cast<std::int64_t>(denominator) / 2);
    return {hn::Set(d, denominator), hn::Set(d, 1.0 / denominator), hn::Set(d, half)};
}

// floor(numerator / denominator) of integers: the estimate is off by one at most, and its rest is
// exact. numerator is the sum plus half, which makes it rounded_div.
HWY_INLINE void store_mean(VDouble numerator, const Divisor& by, std::int32_t* out) {
    const Doubles d;
    const VDouble one = hn::Set(d, 1.0);
    VDouble quotient = hn::Floor(hn::Mul(numerator, by.inverse));
    const VDouble rest = hn::NegMulAdd(quotient, by.denominator, numerator);
    quotient = hn::Sub(quotient, hn::IfThenElseZero(hn::Lt(rest, hn::Zero(d)), one));
    quotient = hn::Add(quotient, hn::IfThenElseZero(hn::Ge(rest, by.denominator), one));
    hn::StoreU(hn::DemoteTo(HalfInts(), quotient), HalfInts(), out);
}

bool vector_code() {
    return true;
}

void widen_rows(std::span<const std::int32_t* const> rows, std::size_t first, double* values) {
    const Doubles d;
    for (std::size_t a = 0; a < rows.size(); ++a) {
        for (std::size_t k = 0; k < kProductColumns; k += hn::Lanes(d)) {
            const auto row = hn::LoadU(HalfInts(), rows[a] + first + k);
            hn::Store(hn::PromoteTo(d, row), d, values + a * kProductColumns + k);
        }
    }
}

// Two vectors of columns of four rows.
HWY_INLINE void multiply_two(const double* HWY_RESTRICT values, const double* HWY_RESTRICT weights,
                             std::size_t rows_in, const Divisor& by, std::size_t first,
                             std::int32_t* const* out) {
    const Doubles d;
    const std::size_t lanes = hn::Lanes(d);
    VDouble s00 = by.half, s01 = by.half, s10 = by.half, s11 = by.half;
    VDouble s20 = by.half, s21 = by.half, s30 = by.half, s31 = by.half;
    for (std::size_t a = 0; a < rows_in; ++a) {
        const VDouble x0 = hn::Load(d, values + a * kProductColumns + first);
        const VDouble x1 = hn::Load(d, values + a * kProductColumns + first + lanes);
        const double* const w = weights + a * kGroup;
        const VDouble w0 = hn::Set(d, w[0]);
        s00 = hn::MulAdd(w0, x0, s00);
        s01 = hn::MulAdd(w0, x1, s01);
        const VDouble w1 = hn::Set(d, w[1]);
        s10 = hn::MulAdd(w1, x0, s10);
        s11 = hn::MulAdd(w1, x1, s11);
        const VDouble w2 = hn::Set(d, w[2]);
        s20 = hn::MulAdd(w2, x0, s20);
        s21 = hn::MulAdd(w2, x1, s21);
        const VDouble w3 = hn::Set(d, w[3]);
        s30 = hn::MulAdd(w3, x0, s30);
        s31 = hn::MulAdd(w3, x1, s31);
    }
    const auto store = [&](std::size_t i, VDouble left, VDouble right) HWY_ATTR {
        if (out[i] != nullptr) {
            store_mean(left, by, out[i] + first);
            store_mean(right, by, out[i] + first + lanes);
        }
    };
    store(0, s00, s01);
    store(1, s10, s11);
    store(2, s20, s21);
    store(3, s30, s31);
}

// Four vectors of columns of four rows, for sets with 32 registers.
HWY_INLINE void multiply_four(const double* HWY_RESTRICT values, const double* HWY_RESTRICT weights,
                              std::size_t rows_in, const Divisor& by, std::size_t first,
                              std::int32_t* const* out) {
    const Doubles d;
    const std::size_t lanes = hn::Lanes(d);
    VDouble s00 = by.half, s01 = by.half, s02 = by.half, s03 = by.half;
    VDouble s10 = by.half, s11 = by.half, s12 = by.half, s13 = by.half;
    VDouble s20 = by.half, s21 = by.half, s22 = by.half, s23 = by.half;
    VDouble s30 = by.half, s31 = by.half, s32 = by.half, s33 = by.half;
    for (std::size_t a = 0; a < rows_in; ++a) {
        const double* const x = values + a * kProductColumns + first;
        const VDouble x0 = hn::Load(d, x);
        const VDouble x1 = hn::Load(d, x + lanes);
        const VDouble x2 = hn::Load(d, x + 2 * lanes);
        const VDouble x3 = hn::Load(d, x + 3 * lanes);
        const double* const w = weights + a * kGroup;
        const VDouble w0 = hn::Set(d, w[0]);
        s00 = hn::MulAdd(w0, x0, s00);
        s01 = hn::MulAdd(w0, x1, s01);
        s02 = hn::MulAdd(w0, x2, s02);
        s03 = hn::MulAdd(w0, x3, s03);
        const VDouble w1 = hn::Set(d, w[1]);
        s10 = hn::MulAdd(w1, x0, s10);
        s11 = hn::MulAdd(w1, x1, s11);
        s12 = hn::MulAdd(w1, x2, s12);
        s13 = hn::MulAdd(w1, x3, s13);
        const VDouble w2 = hn::Set(d, w[2]);
        s20 = hn::MulAdd(w2, x0, s20);
        s21 = hn::MulAdd(w2, x1, s21);
        s22 = hn::MulAdd(w2, x2, s22);
        s23 = hn::MulAdd(w2, x3, s23);
        const VDouble w3 = hn::Set(d, w[3]);
        s30 = hn::MulAdd(w3, x0, s30);
        s31 = hn::MulAdd(w3, x1, s31);
        s32 = hn::MulAdd(w3, x2, s32);
        s33 = hn::MulAdd(w3, x3, s33);
    }
    const auto store = [&](std::size_t i, VDouble v0, VDouble v1, VDouble v2, VDouble v3) HWY_ATTR {
        if (out[i] != nullptr) {
            store_mean(v0, by, out[i] + first);
            store_mean(v1, by, out[i] + first + lanes);
            store_mean(v2, by, out[i] + first + 2 * lanes);
            store_mean(v3, by, out[i] + first + 3 * lanes);
        }
    };
    store(0, s00, s01, s02, s03);
    store(1, s10, s11, s12, s13);
    store(2, s20, s21, s22, s23);
    store(3, s30, s31, s32, s33);
}

void multiply_rows(const double* values, const double* weights, std::size_t rows_in,
                   double denominator, std::int32_t* const* out) {
    const std::size_t lanes = hn::Lanes(Doubles());
    const Divisor by = divisor_of(denominator);
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_SSE4
    for (std::size_t first = 0; first < kProductColumns; first += 2 * lanes) {
        multiply_two(values, weights, rows_in, by, first, out);
    }
#else
    for (std::size_t first = 0; first < kProductColumns; first += 4 * lanes) {
        multiply_four(values, weights, rows_in, by, first, out);
    }
#endif
}

void add_rows(std::span<const std::int32_t* const> rows, std::size_t first, std::int32_t* totals) {
    const Ints d;
    for (std::size_t k = 0; k < kEqualColumns; k += hn::Lanes(d)) {
        VInt sum = hn::Zero(d);
        for (const std::int32_t* const row : rows) {
            sum = hn::Add(sum, hn::LoadU(d, row + first + k));
        }
        hn::Store(sum, d, totals + k);
    }
}

void mean_of_rows(std::span<const std::int32_t* const> rows, std::span<const std::uint32_t> list,
                  std::size_t first, const std::int32_t* totals, double weight, double denominator,
                  std::int32_t* out) {
    const Ints d;
    const Doubles doubles;
    const std::size_t lanes = hn::Lanes(d);
    alignas(64) std::int32_t sums[kEqualColumns];
    for (std::size_t k = 0; k < kEqualColumns; k += 4 * lanes) {
        VInt s0 = hn::Zero(d);
        VInt s1 = s0, s2 = s0, s3 = s0;
        for (const std::uint32_t a : list) {
            const std::int32_t* const row = rows[a] + first + k;
            s0 = hn::Add(s0, hn::LoadU(d, row));
            s1 = hn::Add(s1, hn::LoadU(d, row + lanes));
            s2 = hn::Add(s2, hn::LoadU(d, row + 2 * lanes));
            s3 = hn::Add(s3, hn::LoadU(d, row + 3 * lanes));
        }
        if (totals != nullptr) {
            s0 = hn::Sub(hn::Load(d, totals + k), s0);
            s1 = hn::Sub(hn::Load(d, totals + k + lanes), s1);
            s2 = hn::Sub(hn::Load(d, totals + k + 2 * lanes), s2);
            s3 = hn::Sub(hn::Load(d, totals + k + 3 * lanes), s3);
        }
        hn::Store(s0, d, sums + k);
        hn::Store(s1, d, sums + k + lanes);
        hn::Store(s2, d, sums + k + 2 * lanes);
        hn::Store(s3, d, sums + k + 3 * lanes);
    }
    const Divisor by = divisor_of(denominator);
    const VDouble factor = hn::Set(doubles, weight);
    for (std::size_t k = 0; k < kEqualColumns; k += hn::Lanes(doubles)) {
        const VDouble sum = hn::PromoteTo(doubles, hn::LoadU(HalfInts(), sums + k));
        store_mean(hn::MulAdd(factor, sum, by.half), by, out + k);
    }
}

#endif

}  // namespace fedstake::aggregation::kernels::mix::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include "aggregation/kernels/targets.hpp"

namespace fedstake::aggregation::kernels::mix {

HWY_EXPORT(vector_code);
HWY_EXPORT(widen_rows);
HWY_EXPORT(multiply_rows);
HWY_EXPORT(add_rows);
HWY_EXPORT(mean_of_rows);

bool has_tiles() {
    ready_targets();
    return HWY_DYNAMIC_DISPATCH(vector_code)();
}

void widen_tile(std::span<const std::int32_t* const> rows, std::size_t first, double* values) {
    HWY_DYNAMIC_DISPATCH(widen_rows)(rows, first, values);
}

void product_tile(const double* values, const double* weights, std::size_t rows_in,
                  double denominator, std::int32_t* const* out) {
    HWY_DYNAMIC_DISPATCH(multiply_rows)(values, weights, rows_in, denominator, out);
}

void total_tile(std::span<const std::int32_t* const> rows, std::size_t first,
                std::int32_t* totals) {
    HWY_DYNAMIC_DISPATCH(add_rows)(rows, first, totals);
}

void equal_tile(std::span<const std::int32_t* const> rows, std::span<const std::uint32_t> list,
                std::size_t first, const std::int32_t* totals, double weight, double denominator,
                std::int32_t* out) {
    HWY_DYNAMIC_DISPATCH(mean_of_rows)(rows, list, first, totals, weight, denominator, out);
}

}  // namespace fedstake::aggregation::kernels::mix

#endif  // HWY_ONCE
