// Rows in, outputs out, one block at a time.
#include "aggregation/combiner.hpp"

#include <algorithm>
#include <limits>

#include "aggregation/kernels/weighted.hpp"
#include "proto/base/check.hpp"

namespace fedstake::aggregation {
namespace {

constexpr std::size_t kUnused = std::numeric_limits<std::size_t>::max();

// x * scale / 2^30, rounded as a mean is.
void scale_values(std::int32_t* values, std::size_t count, std::uint32_t scale) {
    for (std::size_t j = 0; j < count; ++j) {
        const std::int64_t product = std::int64_t{values[j]} * scale;
        values[j] = static_cast<std::int32_t>((product + (std::int64_t{1} << 29)) >> 30);
    }
}

}  // namespace

Combiner::Combiner(std::span<const Row> rows, const RowMap& map, const Combination& combination,
                   std::span<const Combination> memory_rows)
    : rows_(rows), positions_(rows.size(), kUnused), noise_(combination.noise) {
    FS_CHECK(map.rows_in() == rows.size() && combination.weights.size() == map.rows_out());
    if (combination.columns == ColumnRule::kWeightedMean) {
        weighted_.push_back(weighted(through(combination, map)));
    } else {
        prepare_columns(combination, map);
    }
    for (const Combination& memory_row : memory_rows) {
        weighted_.push_back(weighted(through(memory_row, map)));
    }
}

std::size_t Combiner::use(std::size_t row) {
    if (positions_[row] == kUnused) {
        positions_[row] = used_.size();
        used_.push_back(rows_[row]);
    }
    return positions_[row];
}

Combiner::Weighted Combiner::weighted(const Combination& of_rows) {
    Weighted result;
    result.denominator = of_rows.denominator;
    for (std::size_t i = 0; i < of_rows.weights.size(); ++i) {
        if (of_rows.weights[i] != 0) {
            result.rows.push_back(use(i));
            result.weights.push_back(of_rows.weights[i]);
        }
    }
    return result;
}

void Combiner::prepare_columns(const Combination& combination, const RowMap& map) {
    program_.emplace(combination);
    inputs_ = program_->rows().size();
    std::vector<std::size_t> mapped(program_->rows().begin(), program_->rows().end());
    if (program_->needs_reference()) {
        mapped.push_back(combination.reference);
    }
    scale_ = combination.scale;
    if (map.is_identity()) {
        for (const std::size_t row : mapped) {
            sources_.push_back(use(row));
        }
        return;
    }
    std::vector<std::size_t> read;
    for (std::size_t a = 0; a < map.rows_in(); ++a) {
        for (const std::size_t row : mapped) {
            if (map.weight(row, a) != 0) {
                read.push_back(a);
                break;
            }
        }
    }
    if (read.empty()) {
        read.push_back(0);  // everything is clipped to nothing: any row, with weights 0
    }
    RowMap reduced(mapped.size(), read.size(), map.denominator());
    for (std::size_t k = 0; k < mapped.size(); ++k) {
        for (std::size_t a = 0; a < read.size(); ++a) {
            reduced.set(k, a, map.weight(mapped[k], read[a]));
        }
    }
    for (const std::size_t a : read) {
        sources_.push_back(use(a));
    }
    mixer_.emplace(reduced);
    mixed_rows_ = mapped.size();
}

Combiner::Bench::Bench(const Combiner& combiner, std::size_t columns_max)
    : block_(combiner.used_.size(), columns_max),
      columns_max_(columns_max),
      mixed_(combiner.mixed_rows_ * columns_max),
      outputs_(combiner.output_count() * columns_max),
      scratch_(combiner.program_ ? combiner.program_->scratch_values() : 0),
      mix_scratch_(combiner.mixer_ ? combiner.mixer_->scratch_size() : 0) {}

std::size_t Combiner::rows_read() const noexcept {
    return static_cast<std::size_t>(std::count_if(used_.begin(), used_.end(), [](const Row& row) {
        return row.values->int32_values() == nullptr;
    }));
}

std::size_t Combiner::row_buffers() const noexcept {
    // Without a rule by columns, rows in memory are followed from end to end, in wide blocks.
    return (program_ ? used_.size() : rows_read()) + mixed_rows_ + output_count();
}

std::size_t Combiner::fixed_bytes() const noexcept {
    return (program_ ? program_->scratch_values() * sizeof(std::int32_t) : 0) +
           (mixer_ ? mixer_->scratch_size() * sizeof(double) : 0);
}

Status Combiner::run(std::uint64_t first, std::size_t columns, Bench& bench) const {
    FS_TRY(bench.block_.load(used_, first, columns));
    std::size_t output = 0;
    if (program_) {
        run_columns(columns, bench);
        output = 1;
    }
    std::vector<const std::int32_t*> rows;
    for (const Weighted& weighted : weighted_) {
        rows.clear();
        for (const std::size_t row : weighted.rows) {
            rows.push_back(bench.block_.row(row));
        }
        kernels::weighted_mean(rows, weighted.weights, weighted.denominator, columns,
                               bench.outputs_.data() + output * bench.columns_max_);
        ++output;
    }
    if (noise_.deviation > 0.0) {
        add_noise(noise_, first, std::span(bench.outputs_).first(columns));
    }
    return {};
}

void Combiner::run_columns(std::size_t columns, Bench& bench) const {
    std::vector<const std::int32_t*> rows;
    for (const std::size_t source : sources_) {
        rows.push_back(bench.block_.row(source));
    }
    if (mixer_) {
        std::vector<std::int32_t*> mixed;
        for (std::size_t k = 0; k < mixed_rows_; ++k) {
            mixed.push_back(bench.mixed_.data() + k * bench.columns_max_);
        }
        mixer_->run(rows, columns, mixed, bench.mix_scratch_);
        rows.assign(mixed.begin(), mixed.end());
    }
    const std::int32_t* const reference = rows.size() > inputs_ ? rows[inputs_] : nullptr;
    std::int32_t* const out = bench.outputs_.data();
    program_->run(std::span(rows).first(inputs_), reference, columns, bench.scratch_, out);
    if (scale_ != kWeightOne) {
        scale_values(out, columns, scale_);
    }
}

}  // namespace fedstake::aggregation
