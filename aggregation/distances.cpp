// The streaming pass over column blocks, and the matrix that it fills.
#include "aggregation/distances.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "aggregation/column_program.hpp"
#include "aggregation/kernels/gram.hpp"
#include "proto/base/check.hpp"

namespace fedstake::aggregation {
namespace {

constexpr std::size_t kColumnsStep = 64;
// Of a block: reads from files are long, and all panels of a block but the last fetch the next one
// ahead. Measured; the panels are what stays in the second cache.
constexpr std::size_t kColumnsBest = 16384;
constexpr std::size_t kBlocksPerThread = 4;

// How the work is cut; results never depend on it.
struct Cut {
    std::size_t threads = 1;
    std::size_t panel_columns = kColumnsStep;
    std::size_t block_columns = kColumnsStep;  // a multiple of 64
};

// What one thread owns: a block of rows, the centre of a panel of it, and its share of the sums.
class Bench {
public:
    Bench(std::size_t rows, const ColumnProgram* median, const Cut& cut)
        : median_(median),
          panel_columns_(cut.panel_columns),
          block_(rows, cut.block_columns),
          centre_(median == nullptr ? 0 : cut.panel_columns),
          scratch_(median == nullptr ? 0 : median->scratch_values()),
          points_(rows),
          gram_(rows + (median == nullptr ? 0 : 1), cut.panel_columns) {}

    static std::size_t bytes(std::size_t rows, const ColumnProgram* median, const Cut& cut) {
        const std::size_t extra = median == nullptr ? 0 : 1;
        const std::size_t scratch = median == nullptr ? 0 : median->scratch_values();
        return kernels::Gram::bytes(rows + extra, cut.panel_columns) +
               RowBlock::bytes(rows, cut.block_columns) +
               (extra * cut.panel_columns + scratch) * sizeof(std::int32_t) +
               rows * sizeof(const std::int32_t*);
    }

    [[nodiscard]] const kernels::Gram& gram() const noexcept { return gram_; }
    [[nodiscard]] kernels::Gram& gram() noexcept { return gram_; }

    Status add_block(std::span<const Row> rows, std::uint64_t first, std::size_t columns) {
        FS_TRY(block_.load(rows, first, columns));
        points_.resize(rows.size());
        for (std::size_t i = 0; i < rows.size(); ++i) {
            points_[i] = block_.row(i);
        }
        for (std::size_t start = 0; start < columns; start += panel_columns_) {
            const std::size_t width = std::min(panel_columns_, columns - start);
            if (median_ != nullptr) {
                const std::span<const std::int32_t* const> updates(points_.data(),
                                                                   median_->rows().size());
                median_->run(updates, nullptr, width, scratch_, centre_.data());
                gram_.fill(rows.size(), centre_.data(), width);
            }
            for (std::size_t i = 0; i < rows.size(); ++i) {
                gram_.fill(i, points_[i], width);
                points_[i] += width;
            }
            gram_.multiply(points_, std::min(panel_columns_, columns - start - width));
        }
        return {};
    }

private:
    const ColumnProgram* median_;  // null without a centre
    std::size_t panel_columns_;
    RowBlock block_;
    std::vector<std::int32_t> centre_;
    std::vector<std::int32_t> scratch_;
    std::vector<const std::int32_t*> points_;
    kernels::Gram gram_;
};

// The most threads that leave room for blocks of some width; the narrowest blocks for one thread.
Result<Cut> cut_for(std::size_t rows, std::uint64_t coordinates, const ColumnProgram* median,
                    std::size_t threads, std::size_t memory_bytes) {
    const std::size_t fixed = Distances::bytes(rows);
    const std::size_t room = memory_bytes > fixed ? memory_bytes - fixed : 0;
    const auto whole = static_cast<std::size_t>(std::min<std::uint64_t>(
        (coordinates + kColumnsStep - 1) / kColumnsStep * kColumnsStep, kColumnsBest));
    const std::size_t best =
        std::max(kColumnsStep, std::min(whole, kernels::Gram::best_panel_columns(rows)));
    const std::size_t row_bytes = RowBlock::bytes(rows, 1);
    Cut cut{.threads = threads, .panel_columns = best, .block_columns = best};
    while (cut.threads > 1 && Bench::bytes(rows, median, cut) > room / cut.threads) {
        --cut.threads;
    }
    if (Bench::bytes(rows, median, cut) > room) {
        cut.panel_columns = cut.block_columns = kColumnsStep;
    }
    const std::size_t least = Bench::bytes(rows, median, cut);
    if (least > room) {
        return fail(Errc::kLimitExceeded,
                    fmt::format("the distances of {} rows need at least {} bytes, but "
                                "memory_bytes_max allows {}: raise it",
                                rows, least + fixed, memory_bytes));
    }
    const std::size_t affordable = cut.block_columns + (room / cut.threads - least) / row_bytes;
    // Some blocks for each thread, so that all have work until the end.
    const auto share = static_cast<std::size_t>(
        std::min<std::uint64_t>(coordinates / (kBlocksPerThread * cut.threads), kColumnsBest));
    const std::size_t columns = std::min(affordable, std::max(share, best));
    // Whole panels where there are several.
    cut.block_columns = std::max(columns / cut.panel_columns, std::size_t{1}) * cut.panel_columns;
    return cut;
}

Distances distances_of(const kernels::Gram& gram, std::size_t rows, bool centre) {
    Distances result(rows);
    const std::size_t points = rows + (centre ? 1 : 0);
    std::vector<SignedWide> norms(points);
    for (std::size_t i = 0; i < points; ++i) {
        norms[i] = gram.inner(i, i);
        // The centre is the point behind the zero vector.
        result.add(i < rows ? i : rows + 1, rows, static_cast<Wide>(norms[i]));
        for (std::size_t j = 0; j < i; ++j) {
            const SignedWide square = norms[i] + norms[j] - 2 * gram.inner(i, j);
            result.add(i < rows ? i : rows + 1, j, static_cast<Wide>(square));
        }
    }
    return result;
}

}  // namespace

Distances::Distances(std::size_t rows) : rows_(rows), squares_((rows + 2) * (rows + 1) / 2) {}

std::size_t Distances::bytes(std::size_t rows) noexcept {
    return (rows + 2) * (rows + 1) / 2 * sizeof(Wide);
}

SignedWide Distances::inner(std::size_t i, std::size_t j) const noexcept {
    const Wide first = between(i, rows_);
    const Wide second = between(j, rows_);
    return (static_cast<SignedWide>(first + second) - static_cast<SignedWide>(between(i, j))) / 2;
}

Distances Distances::restricted_to(std::span<const std::size_t> rows) const {
    Distances result(rows.size());
    std::vector<std::size_t> points(rows.begin(), rows.end());
    points.push_back(rows_);
    points.push_back(rows_ + 1);
    for (std::size_t i = 0; i < points.size(); ++i) {
        for (std::size_t j = i + 1; j < points.size(); ++j) {
            result.add(i, j, between(points[i], points[j]));
        }
    }
    return result;
}

void Distances::add(std::size_t i, std::size_t j, Wide value) noexcept {
    squares_[place(i, j)] += value;
}

void Distances::add(const Distances& other) noexcept {
    for (std::size_t k = 0; k < squares_.size(); ++k) {
        squares_[k] += other.squares_[k];
    }
}

Result<Distances> measure_distances(std::span<const Row> rows, std::uint64_t coordinates,
                                    WorkerPool& pool, std::size_t memory_bytes, bool centre,
                                    std::size_t memory_rows) {
    FS_CHECK(memory_rows < rows.size() && rows.size() <= kDistanceRowsMax);
    std::optional<ColumnProgram> program;
    if (centre) {
        program.emplace(median_of(rows.size() - memory_rows));
    }
    const ColumnProgram* const median = centre ? &*program : nullptr;
    FS_ASSIGN(const Cut cut,
              cut_for(rows.size(), coordinates, median, pool.workers(), memory_bytes));
    std::vector<Bench> benches;
    benches.reserve(cut.threads);
    for (std::size_t worker = 0; worker < cut.threads; ++worker) {
        benches.emplace_back(rows.size(), median, cut);
    }
    const auto add_block = [&](std::size_t worker, std::size_t index) {
        const std::uint64_t first = std::uint64_t{index} * cut.block_columns;
        const auto columns = std::min<std::uint64_t>(cut.block_columns, coordinates - first);
        return benches[worker].add_block(rows, first, static_cast<std::size_t>(columns));
    };
    const std::uint64_t blocks = (coordinates + cut.block_columns - 1) / cut.block_columns;
    if (cut.threads == pool.workers()) {
        FS_TRY(pool.for_each(blocks, add_block));
    } else {
        WorkerPool few(static_cast<unsigned>(cut.threads));
        FS_TRY(few.for_each(blocks, add_block));
    }
    for (std::size_t worker = 1; worker < cut.threads; ++worker) {
        benches[0].gram().add(benches[worker].gram());
    }
    return distances_of(benches[0].gram(), rows.size(), centre);
}

}  // namespace fedstake::aggregation
