// Computes column blocks in parallel and hands them on in order.
#include "aggregation/combine.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "aggregation/column_network.hpp"
#include "aggregation/integer_math.hpp"
#include "aggregation/kernels/kernels.hpp"
#include "proto/crypto/content_tree.hpp"

namespace fedstake::aggregation {
namespace {

// Blocks computed for each worker before they are handed on.
constexpr std::size_t kBlocksPerWorker = 2;

struct Slot {
    Slot(std::size_t rows, std::size_t columns_max)
        : block(rows, columns_max),
          scratch(rows * kernels::kTileColumns),
          aggregate(columns_max),
          base(columns_max),
          model(columns_max) {}

    RowBlock block;
    std::vector<std::int32_t> scratch;
    std::vector<std::int32_t> aggregate;
    std::vector<float> base;
    std::vector<float> model;
    std::size_t columns = 0;
};

template <class Value>
ByteView bytes_of(std::span<const Value> values) {
    const auto bytes = std::as_bytes(values);
    return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

// Rows with a weight, and what the kernels need to combine them.
class Combiner {
public:
    Combiner(std::span<const Row> rows, const Combination& combination) : kind_(combination.kind) {
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (combination.weights[i] > 0) {
                rows_.push_back(rows[i]);
                weights_.push_back(static_cast<std::int32_t>(combination.weights[i]));
            }
        }
        weight_sum_ = std::accumulate(weights_.begin(), weights_.end(), std::int64_t{0});
        if (kind_ == RuleKind::kColumnwise) {
            network_ = column_network(rows_.size(), combination.first, combination.last);
        }
    }

    [[nodiscard]] std::span<const Row> rows() const noexcept { return rows_; }

    void run(Slot& slot) const {
        std::vector<const std::int32_t*> rows(rows_.size());
        for (std::size_t i = 0; i < rows.size(); ++i) {
            rows[i] = slot.block.row(i);
        }
        const kernels::Kernels& kernel = kernels::active();
        if (kind_ == RuleKind::kColumnwise) {
            kernel.sorted_mean(rows.data(), rows.size(), slot.columns, network_.comparators.data(),
                               network_.comparators.size(), network_.first, network_.last,
                               slot.scratch.data(), slot.aggregate.data());
        } else if (weight_sum_ <= kernels::kSmallWeightSumMax) {
            kernel.weighted_mean(rows.data(), weights_.data(), rows.size(), slot.columns,
                                 static_cast<std::int32_t>(weight_sum_), slot.aggregate.data());
        } else {
            weighted_mean_wide(rows, slot);
        }
    }

private:
    void weighted_mean_wide(std::span<const std::int32_t* const> rows, Slot& slot) const {
        for (std::size_t j = 0; j < slot.columns; ++j) {
            std::int64_t sum = 0;
            for (std::size_t i = 0; i < rows.size(); ++i) {
                sum += std::int64_t{weights_[i]} * rows[i][j];
            }
            slot.aggregate[j] = static_cast<std::int32_t>(rounded_div(sum, weight_sum_));
        }
    }

    RuleKind kind_;
    std::vector<Row> rows_;
    std::vector<std::int32_t> weights_;
    std::int64_t weight_sum_ = 0;
    ColumnNetwork network_;
};

Status compute_model(Slot& slot, std::uint64_t first, std::uint8_t scale_bits) {
    const double unit = std::ldexp(1.0, -static_cast<int>(scale_bits));
    for (std::size_t j = 0; j < slot.columns; ++j) {
        const float base = slot.base[j];
        if (!std::isfinite(base)) {
            return fail(Errc::kCorrupt,
                        fmt::format("base model: parameter {} is not a finite number", first + j));
        }
        slot.model[j] = static_cast<float>(static_cast<double>(base) +
                                           static_cast<double>(slot.aggregate[j]) * unit);
    }
    return {};
}

Status compute_slot(const CombineTask& task, const Combiner& combiner, std::uint64_t first,
                    Slot& slot) {
    FS_TRY(slot.block.load(combiner.rows(), first, slot.columns));
    FS_TRY(task.base_model->read_float32(first, std::span(slot.base).first(slot.columns)));
    combiner.run(slot);
    return compute_model(slot, first, task.scale_bits);
}

// One of the three outputs: its bytes of a slot, its hasher, its sink.
struct Stream {
    ByteView (*bytes)(const Slot& slot);
    const ByteSink* sink;
    crypto::ContentHasher hasher;

    Status take(std::span<const Slot> slots) {
        for (const Slot& slot : slots) {
            const ByteView view = bytes(slot);
            hasher.update(view);
            if (sink != nullptr && *sink) {
                FS_TRY((*sink)(view));
            }
        }
        return {};
    }
};

std::vector<Stream> make_streams(const CombineTask& task) {
    std::vector<Stream> streams;
    streams.push_back({.bytes =
                           [](const Slot& slot) {
                               return bytes_of<std::int32_t>({slot.aggregate.data(), slot.columns});
                           },
                       .sink = task.aggregate_sink,
                       .hasher = {}});
    streams.push_back({.bytes =
                           [](const Slot& slot) {
                               return bytes_of<float>({slot.model.data(), slot.columns});
                           },
                       .sink = task.model_sink,
                       .hasher = {}});
    streams.push_back({.bytes =
                           [](const Slot& slot) {
                               return bytes_of<float>({slot.base.data(), slot.columns});
                           },
                       .sink = nullptr,
                       .hasher = {}});
    return streams;
}

}  // namespace

Result<CombinedRoots> combine_rows(const CombineTask& task, WorkerPool& pool) {
    const Combiner combiner(task.rows, *task.combination);
    const std::size_t slot_count = pool.workers() * kBlocksPerWorker;
    FS_ASSIGN(
        const BlockLayout layout,
        block_layout(task.coordinates, slot_count, combiner.rows().size() + 3, task.memory_bytes));
    std::vector<Slot> slots;
    slots.reserve(slot_count);
    for (std::size_t k = 0; k < slot_count; ++k) {
        slots.emplace_back(combiner.rows().size(), layout.columns);
    }
    std::vector<Stream> streams = make_streams(task);
    for (std::uint64_t start = 0; start < layout.blocks; start += slot_count) {
        const auto count =
            static_cast<std::size_t>(std::min<std::uint64_t>(slot_count, layout.blocks - start));
        FS_TRY(pool.for_each(count, [&](std::size_t, std::size_t index) {
            const std::uint64_t first = (start + index) * layout.columns;
            slots[index].columns = static_cast<std::size_t>(
                std::min<std::uint64_t>(layout.columns, task.coordinates - first));
            return compute_slot(task, combiner, first, slots[index]);
        }));
        FS_TRY(pool.for_each(streams.size(), [&](std::size_t, std::size_t index) {
            return streams[index].take(std::span(slots).first(count));
        }));
    }
    return CombinedRoots{.aggregate = std::move(streams[0].hasher).finish().root,
                         .model = std::move(streams[1].hasher).finish().root,
                         .base_model = std::move(streams[2].hasher).finish().root};
}

}  // namespace fedstake::aggregation
