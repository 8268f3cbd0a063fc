// Goes through a block tile by tile, for every instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "aggregation/kernels/columns.cpp"  // NOLINT: Highway's own convention
#include "aggregation/kernels/columns.hpp"

#include <algorithm>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FEDSTAKE_COLUMNS_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define FEDSTAKE_COLUMNS_SANITIZED
#endif
#endif

#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "aggregation/kernels/columns_mean-inl.hpp"
#include "aggregation/kernels/columns_sort-inl.hpp"
#include "aggregation/kernels/columns_steps-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace fedstake::aggregation::kernels::HWY_NAMESPACE {

struct Block {
    Rows rows;
    const std::int32_t* reference;
    std::size_t columns;  // at least lanes()
    std::int32_t* scratch;
    std::int32_t* out;
};

// The first column of the tile that has `column`: the last tile overlaps the one before.
HWY_INLINE std::size_t tile_start(const Block& block, std::size_t column) {
    return std::min(column, block.columns - lanes());
}

template <class Form>
HWY_INLINE bool in_range(const std::int32_t* seen) {
    const Integers d;
    return Form::kBias == 0 ||
           hn::AllTrue(d, hn::Eq(hn::ShiftRight<29>(hn::Load(d, seen)), hn::Zero(d)));
}

// Tiles from `column` on. RETURNS the column of the first tile with a value out of the form's
// range, or the number of columns.
template <class Form>
HWY_NOINLINE std::size_t sorted_tiles(const ColumnPlan& plan, const Block& block,
                                      std::size_t column) {
    const Integers d;
    for (std::size_t i = plan.rows; i < plan.wires; ++i) {
        hn::Store(hn::Set(d, Form::kLargest), d, block.scratch + i * lanes());
    }
    Ahead ahead(block.rows, plan.rows, block.columns, plan.steps.size());
    for (; column < block.columns; column += lanes()) {
        const std::size_t start = tile_start(block, column);
        ahead.start_tile(column);
        IntegerVector bits = hn::Zero(d);
        if (plan.rule == ColumnRule::kNearestRow) {
            load_row<Form>(block.reference + start, bits);
        }
        HWY_ALIGN std::int32_t seen[lanes()];
        hn::Store(bits, d, seen);
        for (const ColumnStep& step : plan.steps) {
            ahead.step();
            run_step<Form>(plan, step, block.rows, start, block.scratch, seen);
        }
        if (!in_range<Form>(seen)) {
            return column;
        }
        finish_tile<Form>(plan, block.reference, start, block.scratch, block.out + start);
    }
    return block.columns;
}

HWY_NOINLINE void run_block(const ColumnPlan& plan, const Block& block) {
    std::size_t column = 0;
    if (plan.steps.empty()) {
        Ahead ahead(block.rows, plan.rows, block.columns, plan.rows);
        for (; column < block.columns; column += lanes()) {
            const std::size_t start = tile_start(block, column);
            ahead.start_tile(column);
            unsorted_mean(plan, block.rows, start, ahead, block.out + start);
        }
        return;
    }
#if HWY_TARGET <= HWY_AVX3
    // Two compares of floats start per cycle, but one of integers.
    column = sorted_tiles<FloatForm>(plan, block, column);
#endif
    sorted_tiles<IntegerForm>(plan, block, column);
}

// Fewer columns than lanes: the same on copies with zeros behind them.
HWY_NOINLINE void run_narrow(const ColumnPlan& plan, const Block& block) {
    const std::int32_t* rows[kColumnRowsMax];
    std::int32_t* const copies = block.scratch + plan.wires * lanes();
    std::int32_t* const reference = copies + plan.rows * lanes();
    std::int32_t* const out = reference + lanes();
    std::fill(copies, out, 0);
    for (std::size_t i = 0; i < plan.rows; ++i) {
        std::copy_n(block.rows[i], block.columns, copies + i * lanes());
        rows[i] = copies + i * lanes();
    }
    if (block.reference != nullptr) {
        std::copy_n(block.reference, block.columns, reference);
    }
    run_block(plan, {.rows = rows,
                     .reference = reference,
                     .columns = lanes(),
                     .scratch = block.scratch,
                     .out = out});
    std::copy_n(out, block.columns, block.out);
}

void run_columns_set(const ColumnPlan& plan, Rows rows, const std::int32_t* reference,
                     std::size_t columns, std::int32_t* scratch, std::int32_t* out) {
    static_assert(lanes() <= kColumnLanesMax);
    const Block block{rows, reference, columns, scratch, out};
    if (columns < lanes()) {
        run_narrow(plan, block);
    } else {
        run_block(plan, block);
    }
}

}  // namespace fedstake::aggregation::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <bit>

#include "aggregation/kernels/targets.hpp"

namespace fedstake::aggregation::kernels {

HWY_EXPORT(run_columns_set);

void run_columns(const ColumnPlan& plan, const std::int32_t* const* rows,
                 const std::int32_t* reference, std::size_t columns, std::int32_t* scratch,
                 std::int32_t* out) {
    ready_targets();
    // Wires are loaded and stored at multiples of the vectors' size.
    constexpr std::size_t kValues = kColumnAlignment / sizeof(std::int32_t);
    const auto address = std::bit_cast<std::uintptr_t>(scratch) / sizeof(std::int32_t);
    HWY_DYNAMIC_DISPATCH(run_columns_set)
    (plan, rows, reference, columns, scratch + (kValues - address % kValues) % kValues, out);
}

}  // namespace fedstake::aggregation::kernels

#endif  // HWY_ONCE
