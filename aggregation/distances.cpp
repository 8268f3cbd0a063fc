// The streaming pass over column blocks.
#include "aggregation/distances.hpp"

#include <algorithm>

#include "aggregation/column_network.hpp"
#include "aggregation/kernels/kernels.hpp"
#include "proto/base/check.hpp"

namespace fedstake::aggregation {
namespace {

// What one worker owns: a block of rows and its centre, and its share of the sums.
struct Bench {
    Bench(std::size_t rows, std::size_t columns)
        : block(rows, columns),
          centre(columns),
          zeros(columns),
          scratch(rows * kernels::kTileColumns),
          sums(rows) {}

    RowBlock block;
    std::vector<std::int32_t> centre;
    std::vector<std::int32_t> zeros;
    std::vector<std::int32_t> scratch;
    Distances sums;
};

bool is_narrow(const kernels::Kernels& kernel, std::span<const std::int32_t* const> points,
               std::size_t columns) {
    return std::all_of(points.begin(), points.end(), [&](const std::int32_t* values) {
        return kernel.max_magnitude(values, columns) <= kernels::kNarrowMagnitudeMax;
    });
}

// Adds the distances within one run of columns. The points are rows, zero, centre.
void add_run(const kernels::Kernels& kernel, std::span<const std::int32_t* const> points,
             std::size_t columns, Distances& sums) {
    if (is_narrow(kernel, points, columns)) {
        std::vector<std::uint64_t> out(points.size());
        for (std::size_t i = 0; i + 1 < points.size(); ++i) {
            const auto others = points.subspan(i + 1);
            kernel.distances_narrow(points[i], others.data(), others.size(), columns, out.data());
            for (std::size_t k = 0; k < others.size(); ++k) {
                sums.add(i, i + 1 + k, out[k]);
            }
        }
        return;
    }
    for (std::size_t i = 0; i + 1 < points.size(); ++i) {
        for (std::size_t j = i + 1; j < points.size(); ++j) {
            std::uint64_t low = 0;
            std::uint64_t high = 0;
            kernel.distance_wide(points[i], points[j], columns, &low, &high);
            sums.add(i, j, (Wide{high} << 32U) + low);
        }
    }
}

void add_block(Bench& bench, const ColumnNetwork& median, std::size_t rows) {
    const kernels::Kernels& kernel = kernels::active();
    const std::size_t columns = bench.block.columns();
    std::vector<const std::int32_t*> points(rows);
    for (std::size_t i = 0; i < rows; ++i) {
        points[i] = bench.block.row(i);
    }
    kernel.sorted_mean(points.data(), rows, columns, median.comparators.data(),
                       median.comparators.size(), median.first, median.last, bench.scratch.data(),
                       bench.centre.data());
    points.push_back(bench.zeros.data());
    points.push_back(bench.centre.data());
    for (std::size_t start = 0; start < columns; start += kernels::kNarrowColumnsMax) {
        add_run(kernel, points, std::min(kernels::kNarrowColumnsMax, columns - start), bench.sums);
        for (const std::int32_t*& point : points) {
            point += std::min(kernels::kNarrowColumnsMax, columns - start);
        }
    }
}

}  // namespace

Distances::Distances(std::size_t rows)
    : rows_(rows), points_(rows + 2), squares_(points_ * points_) {}

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
    squares_[i * points_ + j] += value;
    squares_[j * points_ + i] += value;
}

void Distances::add(const Distances& other) noexcept {
    for (std::size_t k = 0; k < squares_.size(); ++k) {
        squares_[k] += other.squares_[k];
    }
}

Result<Distances> measure_distances(std::span<const Row> rows, std::uint64_t coordinates,
                                    WorkerPool& pool, std::size_t memory_bytes) {
    FS_CHECK(!rows.empty());
    FS_ASSIGN(const BlockLayout layout,
              block_layout(coordinates, pool.workers(), rows.size() + 3, memory_bytes));
    const ColumnNetwork median = median_network(rows.size());
    std::vector<Bench> benches;
    benches.reserve(pool.workers());
    for (std::size_t worker = 0; worker < pool.workers(); ++worker) {
        benches.emplace_back(rows.size(), layout.columns);
    }
    const auto add_to_bench = [&](std::size_t worker, std::size_t index) -> Status {
        Bench& bench = benches[worker];
        const std::uint64_t first = std::uint64_t{index} * layout.columns;
        const std::uint64_t columns = std::min<std::uint64_t>(layout.columns, coordinates - first);
        FS_TRY(bench.block.load(rows, first, static_cast<std::size_t>(columns)));
        add_block(bench, median, rows.size());
        return {};
    };
    FS_TRY(pool.for_each(layout.blocks, add_to_bench));
    Distances total(rows.size());
    for (const Bench& bench : benches) {
        total.add(bench.sums);
    }
    return total;
}

}  // namespace fedstake::aggregation
