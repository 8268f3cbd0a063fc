// Chooses the rows of a combination and hands their plan to the kernels.
#include "aggregation/column_program.hpp"

#include "proto/base/check.hpp"

namespace fedstake::aggregation {

ColumnProgram::ColumnProgram(const Combination& combination) {
    for (std::size_t i = 0; i < combination.weights.size(); ++i) {
        FS_CHECK(combination.weights[i] <= 1);
        if (combination.weights[i] == 1) {
            rows_.push_back(i);
        }
    }
    plan_ = kernels::make_column_plan(combination, rows_.size());
}

std::size_t ColumnProgram::scratch_values() const noexcept {
    return kernels::column_scratch(plan_);
}

void ColumnProgram::run(std::span<const std::int32_t* const> rows, const std::int32_t* reference,
                        std::size_t columns, std::span<std::int32_t> scratch,
                        std::int32_t* out) const {
    FS_CHECK(rows.size() == rows_.size() && scratch.size() >= scratch_values());
    FS_CHECK(reference != nullptr || !needs_reference());
    if (columns > 0) {
        kernels::run_columns(plan_, rows.data(), reference, columns, scratch.data(), out);
    }
}

Combination median_of(std::size_t n) {
    return {.columns = ColumnRule::kWindowMean,
            .weights = std::vector<std::uint32_t>(n, 1),
            .first = (n - 1) / 2,
            .last = n / 2 + 1};
}

}  // namespace fedstake::aggregation
