// Computes column blocks in parallel and hands them on in order.
#include "aggregation/combine.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "aggregation/combiner.hpp"
#include "proto/base/limits.hpp"
#include "proto/crypto/content_tree.hpp"

namespace fedstake::aggregation {
namespace {

// Blocks computed for each worker before they are handed on.
constexpr std::size_t kBlocksPerWorker = 2;

struct Slot {
    Slot(const Combiner& combiner, std::size_t columns_max, bool with_model)
        : bench(combiner, columns_max),
          base(with_model ? columns_max : 0),
          model(with_model ? columns_max : 0) {}

    Combiner::Bench bench;
    std::vector<float> base;
    std::vector<float> model;
    std::size_t columns = 0;
};

template <class Value>
ByteView bytes_of(std::span<const Value> values) {
    const auto bytes = std::as_bytes(values);
    return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

Status compute_model(Slot& slot, std::uint64_t first, std::uint8_t scale_bits) {
    const double unit = std::ldexp(1.0, -static_cast<int>(scale_bits));
    const std::int32_t* const aggregate = slot.bench.output(0);
    for (std::size_t j = 0; j < slot.columns; ++j) {
        const float base = slot.base[j];
        if (!std::isfinite(base)) {
            return fail(Errc::kCorrupt,
                        fmt::format("base model: parameter {} is not a finite number", first + j));
        }
        slot.model[j] = static_cast<float>(static_cast<double>(base) +
                                           static_cast<double>(aggregate[j]) * unit);
    }
    return {};
}

Status compute_slot(const CombineTask& task, const Combiner& combiner, std::uint64_t first,
                    Slot& slot) {
    FS_TRY(combiner.run(first, slot.columns, slot.bench));
    if (task.base_model == nullptr) {
        return {};
    }
    FS_TRY(task.base_model->read_float32(first, std::span(slot.base).first(slot.columns)));
    return compute_model(slot, first, task.scale_bits);
}

// One of the outputs: its bytes of a slot, its hasher, its sink.
struct Stream {
    std::function<ByteView(const Slot& slot)> bytes;
    const ByteSink* sink = nullptr;
    bool hashed = true;
    crypto::ContentHasher hasher{};

    Status take(std::span<const Slot> slots) {
        for (const Slot& slot : slots) {
            const ByteView view = bytes(slot);
            if (hashed) {
                hasher.update(view);
            }
            if (sink != nullptr && *sink) {
                FS_TRY((*sink)(view));
            }
        }
        return {};
    }
};

Stream output_stream(const CombineTask& task, std::size_t index, const ByteSink* sink) {
    return {.bytes =
                [index](const Slot& slot) {
                    return bytes_of<std::int32_t>({slot.bench.output(index), slot.columns});
                },
            .sink = sink,
            .hashed = task.roots};
}

// The aggregate, then the memory rows, then the new and the base model.
std::vector<Stream> make_streams(const CombineTask& task) {
    std::vector<Stream> streams;
    streams.push_back(output_stream(task, 0, task.aggregate_sink));
    for (std::size_t k = 0; k < task.memory_rows.size(); ++k) {
        streams.push_back(output_stream(
            task, 1 + k, task.memory_sinks.empty() ? nullptr : &task.memory_sinks[k]));
    }
    if (task.base_model != nullptr) {
        streams.push_back({.bytes =
                               [](const Slot& slot) {
                                   return bytes_of<float>({slot.model.data(), slot.columns});
                               },
                           .sink = task.model_sink,
                           .hashed = task.roots});
        streams.push_back({.bytes =
                               [](const Slot& slot) {
                                   return bytes_of<float>({slot.base.data(), slot.columns});
                               },
                           .sink = nullptr,
                           .hashed = task.roots});
    }
    return streams;
}

CombinedRoots roots_of(std::vector<Stream> streams, const CombineTask& task) {
    CombinedRoots roots;
    if (!task.roots) {
        return roots;
    }
    std::vector<Digest> digests;
    for (Stream& stream : streams) {
        digests.push_back(std::move(stream.hasher).finish().root);
    }
    roots.aggregate = digests.front();
    const auto memory = digests.begin() + 1;
    const auto models = memory + static_cast<std::ptrdiff_t>(task.memory_rows.size());
    roots.memory_rows.assign(memory, models);
    if (task.base_model != nullptr) {
        roots.model = *models;
        roots.base_model = *(models + 1);
    }
    return roots;
}

struct Cut {
    std::size_t slots = 0;
    BlockLayout layout;
};

// Of all hashers: a leaf and a root for each chunk, twice where a list grows.
std::size_t hasher_bytes(const CombineTask& task) {
    const std::size_t streams =
        1 + task.memory_rows.size() + (task.base_model != nullptr ? 2U : 0U);
    const auto chunks = static_cast<std::size_t>(task.coordinates * 4 / limits::kChunkBytes + 1);
    return task.roots
               ? streams * (sizeof(Stream) + 2 * limits::kLeafBytes + 2 * chunks * sizeof(Digest))
               : 0;
}

// As many blocks at once as memory allows, at most `wanted`.
Result<Cut> cut_blocks(const CombineTask& task, const Combiner& combiner, std::size_t wanted) {
    const std::size_t rows = combiner.row_buffers() + (task.base_model != nullptr ? 2 : 0);
    for (std::size_t slots = wanted;; --slots) {
        const std::size_t fixed =
            combiner.shared_bytes() + hasher_bytes(task) + combiner.fixed_bytes() * slots;
        const std::size_t left = task.memory_bytes - std::min(task.memory_bytes, fixed);
        auto layout = block_layout(task.coordinates, slots, rows, left, combiner.rows_read() > 0);
        if (layout) {
            return Cut{.slots = slots, .layout = *layout};
        }
        if (slots == 1) {
            return tl::unexpected(layout.error());
        }
    }
}

}  // namespace

Result<CombinedRoots> combine_rows(const CombineTask& task, WorkerPool& pool) {
    const Combiner combiner(task.rows, *task.map, *task.combination, task.memory_rows);
    FS_ASSIGN(const Cut cut, cut_blocks(task, combiner, pool.workers() * kBlocksPerWorker));
    const std::size_t slot_count = cut.slots;
    const BlockLayout& layout = cut.layout;
    std::vector<Slot> slots;
    slots.reserve(slot_count);
    for (std::size_t k = 0; k < slot_count; ++k) {
        slots.emplace_back(combiner, layout.columns, task.base_model != nullptr);
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
    return roots_of(std::move(streams), task);
}

}  // namespace fedstake::aggregation
