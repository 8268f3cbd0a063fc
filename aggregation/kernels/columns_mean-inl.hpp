// From the sorted rows of one tile to the results of a rule, for one instruction set (included once
// for each).
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <hwy/highway.h>

#include "aggregation/kernels/columns.hpp"
#include "aggregation/kernels/columns_sort-inl.hpp"
#include "aggregation/kernels/columns_steps-inl.hpp"

// A guard that lets each instruction set include the file once: Highway's own convention.
#if defined(FEDSTAKE_COLUMNS_MEAN_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FEDSTAKE_COLUMNS_MEAN_INL
#undef FEDSTAKE_COLUMNS_MEAN_INL
#else
#define FEDSTAKE_COLUMNS_MEAN_INL
#endif

HWY_BEFORE_NAMESPACE();
namespace fedstake::aggregation::kernels::HWY_NAMESPACE {

// Sums of up to kColumnRowsMax values v per lane, exact: the sum of v modulo 2^32 and that of
// floor(v / 2^16), which tell the sum of the low halves, below 2^26.
struct Sums {
    IntegerVector all;
    IntegerVector high;

    static HWY_INLINE Sums zero() { return {hn::Zero(Integers()), hn::Zero(Integers())}; }
    HWY_INLINE void add(IntegerVector values) {
        all = hn::Add(all, values);
        high = hn::Add(high, hn::ShiftRight<16>(values));
    }
    HWY_INLINE void add_times(IntegerVector values, std::size_t times) {
        const IntegerVector factor = hn::Set(Integers(), static_cast<std::int32_t>(times));
        all = hn::Add(all, hn::Mul(values, factor));
        high = hn::Add(high, hn::Mul(hn::ShiftRight<16>(values), factor));
    }
    // Adds `gain` and takes `loss` away where the mask says so.
    HWY_INLINE void replace(hn::Mask<Integers> mask, IntegerVector gain, IntegerVector loss) {
        all = hn::Add(all, hn::IfThenElseZero(mask, hn::Sub(gain, loss)));
        const auto high_gain = hn::Sub(hn::ShiftRight<16>(gain), hn::ShiftRight<16>(loss));
        high = hn::Add(high, hn::IfThenElseZero(mask, high_gain));
    }
};

// out = rounded_div(sum of the values without their bias, count).
//
// N = 2 sum + count + 1/2 is exact and no multiple of 2 count, so floor(N / (2 count)) is that of
// N - 1/2. N / (2 count) is at least 2^-12 away from every integer; two roundings of a number below
// 2^32 move it by less than 2^-19.
HWY_INLINE void store_mean(const Sums& sums, std::size_t count, std::int32_t bias,
                           std::int32_t* out) {
    const hn::ScalableTag<double> d;
    const hn::Rebind<std::int32_t, decltype(d)> half;
    HWY_ALIGN std::int32_t high[lanes()];
    HWY_ALIGN std::int32_t low[lanes()];
    hn::Store(sums.high, Integers(), high);
    hn::Store(hn::Sub(sums.all, hn::ShiftLeft<16>(sums.high)), Integers(), low);
    const auto n = static_cast<double>(count);
    const auto shift = hn::Set(d, n + 0.5 - 2.0 * n * static_cast<double>(bias));
    const auto inverse = hn::Set(d, 1.0 / (2.0 * n));
    for (std::size_t j = 0; j < lanes(); j += hn::MaxLanes(d)) {
        const auto upper = hn::Mul(hn::PromoteTo(d, hn::Load(half, high + j)), hn::Set(d, 0x1p17));
        const auto lower = hn::PromoteTo(d, hn::Load(half, low + j));
        const auto numerator = hn::Add(hn::Add(upper, hn::Add(lower, lower)), shift);
        hn::StoreU(hn::DemoteTo(half, hn::Floor(hn::Mul(numerator, inverse))), half, out + j);
    }
}

// Mean of the wires [first, last).
HWY_INLINE void mean_of_wires(const std::int32_t* wires, std::size_t first, std::size_t last,
                              std::int32_t bias, std::int32_t* out) {
    const Integers d;
    const IntegerVector low = hn::Load(d, wires + first * lanes());
    const IntegerVector high = hn::Load(d, wires + (last - 1) * lanes());
    if (last - first <= 2) {  // floor((low + high + 1) / 2)
        const IntegerVector mean =
            hn::Sub(hn::Or(low, high), hn::ShiftRight<1>(hn::Xor(low, high)));
        hn::StoreU(hn::Sub(mean, hn::Set(d, bias)), d, out);
        return;
    }
    Sums sums = Sums::zero();
    for (std::size_t i = first; i < last; ++i) {
        sums.add(hn::Load(d, wires + i * lanes()));
    }
    store_mean(sums, last - first, bias, out);
}

HWY_INLINE void winsorized_mean(const std::int32_t* wires, const ColumnPlan& plan,
                                std::int32_t bias, std::int32_t* out) {
    const Integers d;
    Sums sums = Sums::zero();
    sums.add_times(hn::Load(d, wires + plan.first * lanes()), plan.first);
    sums.add_times(hn::Load(d, wires + (plan.last - 1) * lanes()), plan.rows - plan.last);
    for (std::size_t i = plan.first; i < plan.last; ++i) {
        sums.add(hn::Load(d, wires + i * lanes()));
    }
    store_mean(sums, plan.rows, bias, out);
}

// a + b in a form that compares without overflow.
struct PairSum {
    IntegerVector half;    // floor((a + b) / 2)
    IntegerVector parity;  // (a + b) mod 2

    HWY_INLINE PairSum(IntegerVector a, IntegerVector b)
        : half(hn::Add(hn::And(a, b), hn::ShiftRight<1>(hn::Xor(a, b)))),
          parity(hn::And(hn::Xor(a, b), hn::Set(Integers(), 1))) {}

    HWY_INLINE hn::Mask<Integers> below(const PairSum& other) const {
        return hn::Or(hn::Lt(half, other.half),
                      hn::And(hn::Eq(half, other.half), hn::Lt(parity, other.parity)));
    }
};

// The mean of the plan.count values nearest to the centre (a + b) / 2. The window starts at the
// smallest values and moves on while the value that enters is nearer than the one that leaves:
// s_(k + count) - centre < centre - s_k. Once that fails it fails for every larger k.
template <class Form>
HWY_INLINE void nearest_mean(const std::int32_t* wires, const ColumnPlan& plan, IntegerVector a,
                             IntegerVector b, std::int32_t* out) {
    const Integers d;
    Sums sums = Sums::zero();
    for (std::size_t i = 0; i < plan.count; ++i) {
        sums.add(hn::Load(d, wires + i * lanes()));
    }
    const PairSum centre(a, b);
    const IntegerVector twice = hn::Add(a, b);
    for (std::size_t k = 0; k + plan.count < plan.rows; ++k) {
        const IntegerVector leaves = hn::Load(d, wires + k * lanes());
        const IntegerVector enters = hn::Load(d, wires + (k + plan.count) * lanes());
        if constexpr (Form::kBias == 0) {
            sums.replace(PairSum(leaves, enters).below(centre), enters, leaves);
        } else {  // below 2^30 each
            sums.replace(hn::Lt(hn::Add(leaves, enters), twice), enters, leaves);
        }
    }
    store_mean(sums, plan.count, Form::kBias, out);
}

// Mean of the rows as they are, negated where fewer signs than the threshold agree.
HWY_INLINE void unsorted_mean(const ColumnPlan& plan, Rows rows, std::size_t column, Ahead& ahead,
                              std::int32_t* out) {
    const Integers d;
    Sums sums = Sums::zero();
    IntegerVector signs = hn::Zero(d);
    for (std::size_t i = 0; i < plan.rows; ++i) {
        ahead.step();
        const IntegerVector values = hn::LoadU(d, rows[i] + column);
        sums.add(values);
        const IntegerVector above = hn::VecFromMask(d, hn::Gt(values, hn::Zero(d)));  // -1 or 0
        signs = hn::Add(signs, hn::Sub(hn::ShiftRight<31>(values), above));
    }
    store_mean(sums, plan.rows, 0, out);
    if (plan.rule == ColumnRule::kSignVote) {
        const std::size_t threshold = std::min(plan.threshold, plan.rows + 1);
        const auto few = hn::Lt(hn::Abs(signs), hn::Set(d, static_cast<std::int32_t>(threshold)));
        const IntegerVector mean = hn::LoadU(d, out);
        // -(-2^31) is 2^31 - 1.
        const IntegerVector negated = hn::Neg(hn::Max(mean, hn::Set(d, -0x7fffffff)));
        hn::StoreU(hn::IfThenElse(few, negated, mean), d, out);
    }
}

// The rule's results for a tile whose rows are sorted.
template <class Form>
HWY_INLINE void finish_tile(const ColumnPlan& plan, const std::int32_t* reference,
                            std::size_t column, const std::int32_t* wires, std::int32_t* out) {
    const Integers d;
    switch (plan.rule) {
        case ColumnRule::kWinsorizedMean: return winsorized_mean(wires, plan, Form::kBias, out);
        case ColumnRule::kNearestMedian:
            return nearest_mean<Form>(wires, plan,
                                      hn::Load(d, wires + (plan.rows - 1) / 2 * lanes()),
                                      hn::Load(d, wires + plan.rows / 2 * lanes()), out);
        case ColumnRule::kNearestRow: {
            const IntegerVector centre =
                hn::Add(hn::LoadU(d, reference + column), hn::Set(d, Form::kBias));
            return nearest_mean<Form>(wires, plan, centre, centre, out);
        }
        default: return mean_of_wires(wires, plan.first, plan.last, Form::kBias, out);
    }
}

}  // namespace fedstake::aggregation::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
