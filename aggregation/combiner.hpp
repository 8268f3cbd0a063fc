// Carries out combinations on one block of columns: reads the rows that count, mixes them where a
// pre-aggregation says so, and applies the rule's columns.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "aggregation/column_program.hpp"
#include "aggregation/combination.hpp"
#include "aggregation/kernels/mix.hpp"
#include "aggregation/row_set.hpp"

namespace fedstake::aggregation {

class Combiner {
public:
    // rows: before the map. Outputs: the aggregate, then each of memory_rows.
    Combiner(std::span<const Row> rows, const RowMap& map, const Combination& combination,
             std::span<const Combination> memory_rows);

    // What one block at a time needs.
    class Bench {
    public:
        Bench(const Combiner& combiner, std::size_t columns_max);
        [[nodiscard]] const std::int32_t* output(std::size_t index) const noexcept {
            return outputs_.data() + index * columns_max_;
        }

    private:
        friend class Combiner;
        RowBlock block_;
        std::size_t columns_max_;
        std::vector<std::int32_t> mixed_;
        std::vector<std::int32_t> outputs_;
        std::vector<std::int32_t> scratch_;
        kernels::AlignedArray<double> mix_scratch_;
    };

    // Memory of all benches together, besides what is theirs.
    [[nodiscard]] std::size_t shared_bytes() const noexcept { return mixer_ ? mixer_->bytes() : 0; }
    // Rows that do not lie in memory and are read into a buffer.
    [[nodiscard]] std::size_t rows_read() const noexcept;
    // Rows of columns_max values in one bench, and its bytes besides them.
    [[nodiscard]] std::size_t row_buffers() const noexcept;
    [[nodiscard]] std::size_t fixed_bytes() const noexcept;

    // Fills the bench's outputs with columns [first, first + columns).
    [[nodiscard]] Status run(std::uint64_t first, std::size_t columns, Bench& bench) const;

private:
    struct Weighted {
        std::vector<std::size_t> rows;  // of used_
        std::vector<std::uint32_t> weights;
        std::uint32_t denominator = 1;
    };

    std::size_t use(std::size_t row);  // its place in used_
    [[nodiscard]] Weighted weighted(const Combination& of_rows);
    void prepare_columns(const Combination& combination, const RowMap& map);
    void run_columns(std::size_t columns, Bench& bench) const;
    [[nodiscard]] std::size_t output_count() const noexcept {
        return weighted_.size() + (program_ ? 1 : 0);
    }

    std::span<const Row> rows_;
    std::vector<std::size_t> positions_;  // of each row in used_
    std::vector<Row> used_;
    // Outputs that are weighted means of used rows, behind the rule by columns where there is one.
    std::vector<Weighted> weighted_;
    std::optional<ColumnProgram> program_;
    std::size_t inputs_ = 0;            // rows of the program; its reference row follows them
    std::vector<std::size_t> sources_;  // used rows that the program, or the mixer, works on
    std::optional<kernels::Mixer> mixer_;
    std::size_t mixed_rows_ = 0;
    std::uint32_t scale_ = kWeightOne;
    Noise noise_;  // of the aggregate
};

}  // namespace fedstake::aggregation
