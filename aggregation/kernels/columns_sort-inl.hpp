// Sorts and merges rows of one tile of columns in registers, for one instruction set (included once
// for each).
#include <cstddef>
#include <cstdint>
#include <utility>

#include <hwy/highway.h>

#include "aggregation/kernels/columns.hpp"

// A guard that lets each instruction set include the file once: Highway's own convention.
#if defined(FEDSTAKE_COLUMNS_SORT_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FEDSTAKE_COLUMNS_SORT_INL
#undef FEDSTAKE_COLUMNS_SORT_INL
#else
#define FEDSTAKE_COLUMNS_SORT_INL
#endif

HWY_BEFORE_NAMESPACE();
namespace fedstake::aggregation::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Rows = const std::int32_t* const*;
using Integers = hn::ScalableTag<std::int32_t>;
using IntegerVector = hn::Vec<Integers>;

HWY_INLINE constexpr std::size_t lanes() {
    return hn::MaxLanes(Integers());
}

// Values of scratch are the values of the rows plus kBias. Both forms hold them as int32; they
// differ in what compares them.
struct IntegerForm {
    using Tag = Integers;
    static constexpr std::int32_t kBias = 0;
    static constexpr std::int32_t kLargest = 0x7fffffff;  // of scratch; for wires without a row
};
// For values in [-2^28, 2^28), which become 001x in their highest bits. No float of that range is
// zero, subnormal, infinite or NaN, so the order is that of the integers.
struct FloatForm {
    using Tag = hn::ScalableTag<float>;
    static constexpr std::int32_t kBias = 0x30000000;
    static constexpr std::int32_t kHighBits = 0x20000000;
    static constexpr std::int32_t kLargest = 0x3fffffff;
};

// The biased values; bits 29 to 31 of `seen` become non-zero when one is outside the form's range.
template <class Form>
HWY_INLINE IntegerVector load_row(const std::int32_t* row, IntegerVector& seen) {
    const Integers d;
    const IntegerVector values = hn::LoadU(d, row);
    if constexpr (Form::kBias == 0) {
        return values;
    } else {
        const IntegerVector biased = hn::Add(values, hn::Set(d, Form::kBias));
        seen = hn::Or(seen, hn::Xor(biased, hn::Set(d, Form::kHighBits)));
        return biased;
    }
}

template <class Form>
HWY_INLINE hn::Vec<typename Form::Tag> load_wire(const std::int32_t* wire) {
    return hn::BitCast(typename Form::Tag(), hn::Load(Integers(), wire));
}

template <class Vector>
HWY_INLINE void store_wire(Vector values, std::int32_t* wire) {
    hn::Store(hn::BitCast(Integers(), values), Integers(), wire);
}

template <class Vector>
HWY_INLINE void exchange(Vector& low, Vector& high) {
    const Vector smaller = hn::Min(low, high);
    high = hn::Max(low, high);
    low = smaller;
}

// Unrolled, rows stay in registers. Without vectors there are none to keep them in, and sanitizers
// watch every step of the unrolled code, which takes compilers minutes.
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128 || defined(FEDSTAKE_COLUMNS_SANITIZED)
inline constexpr bool kUnrolled = false;
#else
inline constexpr bool kUnrolled = true;
#endif

template <std::size_t kCount>
using Indices = std::make_index_sequence<kUnrolled ? kCount : 0>;

// A few vectors. Where loops are unrolled every index is a constant. Wires lie `stride` values
// apart.
template <class Form, std::size_t kCount>
struct Registers {
    hn::Vec<typename Form::Tag> values[kCount];

    HWY_INLINE void load_one(const std::int32_t* wires, std::size_t stride, std::size_t i) {
        values[i] = load_wire<Form>(wires + i * stride);
    }
    HWY_INLINE void store_one(std::int32_t* wires, std::size_t stride, std::size_t i) const {
        store_wire(values[i], wires + i * stride);
    }
    HWY_INLINE void load_row_one(Rows rows, std::size_t column, IntegerVector& seen,
                                 std::size_t i) {
        values[i] = hn::BitCast(typename Form::Tag(), load_row<Form>(rows[i] + column, seen));
    }
    HWY_INLINE void exchange_one(const Exchange& pair) {
        exchange(values[pair.low], values[pair.high]);
    }

    // Wires kFirst .. kFirst + kSize - 1.
    template <std::size_t kFirst, std::size_t kSize, std::size_t... kIndex>
    HWY_INLINE void load(const std::int32_t* wires, std::size_t stride,
                         std::index_sequence<kIndex...>) {
        (load_one(wires, stride, kFirst + kIndex), ...);
        for (std::size_t i = sizeof...(kIndex); i < kSize; ++i) {
            load_one(wires, stride, kFirst + i);
        }
    }
    template <std::size_t kFirst, std::size_t kSize, std::size_t... kIndex>
    HWY_INLINE void store(std::int32_t* wires, std::size_t stride,
                          std::index_sequence<kIndex...>) const {
        (store_one(wires, stride, kFirst + kIndex), ...);
        for (std::size_t i = sizeof...(kIndex); i < kSize; ++i) {
            store_one(wires, stride, kFirst + i);
        }
    }
    template <std::size_t... kIndex>
    HWY_INLINE void load_rows(Rows rows, std::size_t column, IntegerVector& seen,
                              std::index_sequence<kIndex...>) {
        (load_row_one(rows, column, seen, kIndex), ...);
        for (std::size_t i = sizeof...(kIndex); i < kCount; ++i) {
            load_row_one(rows, column, seen, i);
        }
    }
    template <const SmallNetwork& kNetwork, std::size_t... kIndex>
    HWY_INLINE void apply(std::index_sequence<kIndex...>) {
        (exchange_one(kNetwork.exchanges[kIndex]), ...);
        for (std::size_t i = sizeof...(kIndex); i < kNetwork.size; ++i) {
            exchange_one(kNetwork.exchanges[i]);
        }
    }
    // values[i] = values[i + kCount / 2] for 1 <= i < kCount / 2
    template <std::size_t... kIndex>
    HWY_INLINE void move_down(std::index_sequence<kIndex...>) {
        ((values[1 + kIndex] = values[1 + kIndex + kCount / 2]), ...);
        for (std::size_t i = 1 + sizeof...(kIndex); i < kCount / 2; ++i) {
            values[i] = values[i + kCount / 2];
        }
    }
};

// Rows 0 .. kCount - 1 at one tile, ascending to `wires`. seen: lanes() values, as in load_row.
template <class Form, std::size_t kCount>
HWY_NOINLINE void sort_rows(Rows rows, std::size_t column, std::int32_t* wires,
                            std::int32_t* seen) {
    constexpr Indices<kCount> kAll;
    constexpr Indices<kSortNetwork<kCount>.size> kExchanges;
    Registers<Form, kCount> registers;
    IntegerVector bits = hn::Load(Integers(), seen);
    registers.load_rows(rows, column, bits, kAll);
    hn::Store(bits, Integers(), seen);
    registers.template apply<kSortNetwork<kCount>>(kExchanges);
    registers.template store<0, kCount>(wires, lanes(), kAll);
}

// kMergeRun ascending wires and the ascending ones behind them, every `stride` values.
template <class Form, std::size_t kCount>
HWY_NOINLINE void merge_wires(std::int32_t* wires, std::size_t stride, std::size_t times) {
    constexpr Indices<kCount> kAll;
    constexpr Indices<kMergeNetwork<kCount>.size> kExchanges;
    for (std::size_t i = 0; i < times; ++i) {
        Registers<Form, kCount> registers;
        registers.template load<0, kCount>(wires, stride, kAll);
        registers.template apply<kMergeNetwork<kCount>>(kExchanges);
        registers.template store<0, kCount>(wires, stride, kAll);
        wires += lanes();
    }
}

// The last levels of a merge on `groups` groups of kSize wires. A group leaves kSize - 1 wires
// unfinished, which stay in registers for the next one.
template <class Form, std::size_t kSize>
HWY_NOINLINE void clean_wires(std::int32_t* wires, std::size_t stride, std::size_t groups) {
    constexpr Indices<kSize - 1> kCarried;
    constexpr Indices<kSize> kGroup;
    constexpr Indices<kCleanNetwork<kSize>.size> kExchanges;
    Registers<Form, 2 * kSize> registers;
    registers.template load<1, kSize - 1>(wires, stride, kCarried);
    for (std::size_t group = 0; group < groups; ++group) {
        registers.template load<kSize, kSize>(wires, stride, kGroup);
        registers.template apply<kCleanNetwork<kSize>>(kExchanges);
        registers.template store<1, kSize>(wires, stride, kGroup);
        registers.move_down(kCarried);
        wires += kSize * stride;
    }
    registers.template store<1, kSize - 1>(wires, stride, kCarried);
}

}  // namespace fedstake::aggregation::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
