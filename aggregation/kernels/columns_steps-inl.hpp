// Carries out the steps of a plan on one tile of columns, for one instruction set (included once
// for each).
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <hwy/highway.h>

#include "aggregation/kernels/columns.hpp"
#include "aggregation/kernels/columns_sort-inl.hpp"

// A guard that lets each instruction set include the file once: Highway's own convention.
#if defined(FEDSTAKE_COLUMNS_STEPS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FEDSTAKE_COLUMNS_STEPS_INL
#undef FEDSTAKE_COLUMNS_STEPS_INL
#else
#define FEDSTAKE_COLUMNS_STEPS_INL
#endif

HWY_BEFORE_NAMESPACE();
namespace fedstake::aggregation::kernels::HWY_NAMESPACE {

// Asks for the input of later tiles. A column of many rows is one cache line in each of many pages,
// which no CPU fetches ahead by itself; a strip of columns is a few consecutive lines of each.
// While the tiles of one strip are sorted, the next is fetched, a few lines at each step.
class Ahead {
public:
    // `steps` calls of step() for each tile.
    HWY_INLINE Ahead(Rows rows, std::size_t count, std::size_t columns, std::size_t steps)
        : rows_(rows), count_(count), columns_(columns), row_(count) {
        const std::size_t lines = (count * lanes() + kLine - 1) / kLine;
        lines_ = (lines + steps - 1) / steps;
    }
    HWY_INLINE void start_tile(std::size_t column) {
        if (column % kStrip == 0) {
            first_ = column + kStrip;
            last_ = std::min(first_ + kStrip, columns_);
            column_ = first_;
            row_ = first_ < last_ ? 0 : count_;
        }
    }
    HWY_INLINE void step() {
        for (std::size_t i = 0; i < lines_ && row_ < count_; ++i) {
            // To the second cache: the lines of many rows do not fit the first.
            __builtin_prefetch(rows_[row_] + column_, 0, 2);
            column_ += kLine;
            if (column_ >= last_) {
                column_ = first_;
                ++row_;
            }
        }
    }

private:
    static constexpr std::size_t kLine = 16;    // values of a cache line
    static constexpr std::size_t kStrip = 256;  // columns

    Rows rows_;
    std::size_t count_;
    std::size_t columns_;
    std::size_t lines_ = 0;  // for each step
    std::size_t first_ = 0;  // the strip
    std::size_t last_ = 0;
    std::size_t column_ = 0;  // the next line
    std::size_t row_;
};

// Rows as they are. seen: as in sort_rows.
template <class Form>
HWY_NOINLINE void copy_rows(Rows rows, std::size_t count, std::size_t column, std::int32_t* wires,
                            std::int32_t* seen) {
    IntegerVector bits = hn::Load(Integers(), seen);
    for (std::size_t i = 0; i < count; ++i) {
        store_wire(load_row<Form>(rows[i] + column, bits), wires + i * lanes());
    }
    hn::Store(bits, Integers(), seen);
}

template <class Form>
HWY_NOINLINE void exchange_wires(const Exchange* pairs, std::size_t count, std::int32_t* scratch) {
    for (std::size_t i = 0; i < count; ++i) {
        std::int32_t* const low = scratch + pairs[i].low * lanes();
        std::int32_t* const high = scratch + pairs[i].high * lanes();
        auto smaller = load_wire<Form>(low);
        auto larger = load_wire<Form>(high);
        exchange(smaller, larger);
        store_wire(smaller, low);
        store_wire(larger, high);
    }
}

using SortRows = void (*)(Rows, std::size_t, std::int32_t*, std::int32_t*);
using MergeWires = void (*)(std::int32_t*, std::size_t, std::size_t);

template <class Form, std::size_t... kIndex>
constexpr SortRows sort_function(std::size_t count, std::index_sequence<kIndex...>) {
    constexpr SortRows kFunctions[] = {&sort_rows<Form, kIndex + 1>...};
    return kFunctions[count - 1];
}

template <class Form, std::size_t... kIndex>
constexpr MergeWires merge_function(std::size_t count, std::index_sequence<kIndex...>) {
    constexpr MergeWires kFunctions[] = {&merge_wires<Form, kMergeRun + kIndex + 1>...};
    return kFunctions[count - kMergeRun - 1];
}

template <class Form>
HWY_INLINE void clean_step(const ColumnStep& step, std::int32_t* wires, std::size_t stride) {
    for (std::size_t i = 0; i < step.times; ++i) {
        switch (step.levels) {
            case 1: clean_wires<Form, 2>(wires, stride, step.count); break;
            case 2: clean_wires<Form, 4>(wires, stride, step.count); break;
            default: clean_wires<Form, 8>(wires, stride, step.count); break;
        }
        wires += lanes();
    }
}

template <class Form>
HWY_INLINE void run_step(const ColumnPlan& plan, const ColumnStep& step, Rows rows,
                         std::size_t column, std::int32_t* scratch, std::int32_t* seen) {
    using Kind = ColumnStep::Kind;
    std::int32_t* const wires = scratch + step.base * lanes();
    const std::size_t stride = step.stride * lanes();
    if (step.kind == Kind::kSort) {
        const auto sort = sort_function<Form>(step.count, std::make_index_sequence<kSortRowsMax>());
        sort(rows + step.base, column, wires, seen);
    } else if (step.kind == Kind::kMerge) {
        const auto merge = merge_function<Form>(step.count, std::make_index_sequence<kMergeRun>());
        merge(wires, stride, step.times);
    } else if (step.kind == Kind::kClean) {
        clean_step<Form>(step, wires, stride);
    } else if (step.kind == Kind::kCopy) {
        copy_rows<Form>(rows + step.base, step.count, column, wires, seen);
    } else {
        exchange_wires<Form>(plan.exchanges.data() + step.base, step.count, scratch);
    }
}

}  // namespace fedstake::aggregation::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
