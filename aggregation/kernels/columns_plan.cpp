// Which steps sort the rows of a tile, and which of them a rule needs.
#include <algorithm>

#include "aggregation/kernels/columns.hpp"
#include "proto/base/check.hpp"

namespace fedstake::aggregation::kernels {
namespace {

using Kind = ColumnStep::Kind;

std::vector<Exchange> on_wires(const SmallNetwork& network, const ColumnStep& step) {
    std::vector<Exchange> result;
    for (std::size_t i = 0; i < network.size; ++i) {
        const Exchange& pair = network.exchanges[i];
        result.push_back({.low = static_cast<std::uint16_t>(step.base + pair.low * step.stride),
                          .high = static_cast<std::uint16_t>(step.base + pair.high * step.stride)});
    }
    return result;
}

// The levels at distance 2^(levels - 1), ..., 2, 1 whose lower wire is one of `lower` wires from a
// group on, of which there are `wires` left.
std::vector<Exchange> clean_group(const ColumnStep& step, std::size_t group, std::size_t lower,
                                  std::size_t wires) {
    std::vector<Exchange> result;
    for (std::size_t distance = std::size_t{1} << step.levels >> 1U; distance > 0; distance /= 2) {
        for (std::size_t i = distance; i < lower; ++i) {
            if ((i & distance) != 0 && i + distance < wires) {
                const std::size_t low = step.base + ((group << step.levels) + i) * step.stride;
                result.push_back(
                    {.low = static_cast<std::uint16_t>(low),
                     .high = static_cast<std::uint16_t>(low + distance * step.stride)});
            }
        }
    }
    return result;
}

// A full sort, step by step.
class Sorter {
public:
    explicit Sorter(std::size_t rows) {
        wires_ = rows <= kSortRowsMax ? rows : (rows + kMergeRun - 1) / kMergeRun * kMergeRun;
        for (std::size_t base = 0; base < rows; base += kSortRowsMax) {
            add({.kind = Kind::kSort,
                 .base = static_cast<std::uint32_t>(base),
                 .count = static_cast<std::uint32_t>(std::min(kSortRowsMax, rows - base))});
        }
        for (std::size_t run = kSortRowsMax; run < wires_; run *= 2) {
            for (std::size_t base = 0; base + run < wires_; base += 2 * run) {
                merge(base, run, std::min(run, wires_ - base - run));
            }
        }
    }

    struct Entry {
        ColumnStep step;
        std::vector<Exchange> exchanges;
    };
    [[nodiscard]] std::vector<Entry>& entries() noexcept { return entries_; }
    [[nodiscard]] std::size_t wires() const noexcept { return wires_; }

private:
    void add(const ColumnStep& step) {
        entries_.push_back({.step = step, .exchanges = exchanges_of(step)});
    }

    // Orders `first` and `second` ascending wires from `base` on: first each of the `stride`
    // classes of wires by itself, then the levels of the odd-even merge at smaller distances.
    void merge(std::size_t base, std::size_t first, std::size_t second) {
        const std::size_t stride = first / kMergeRun;
        for (std::size_t k = 0; k < std::min(stride, second); ++k) {
            const std::size_t count = (second - k + stride - 1) / stride;
            add({.kind = Kind::kMerge,
                 .stride = static_cast<std::uint16_t>(stride),
                 .base = static_cast<std::uint32_t>(base + k),
                 .count = static_cast<std::uint32_t>(kMergeRun + count)});
        }
        std::size_t distance = stride;  // levels below it are missing
        while (distance > 1) {
            const std::size_t step = distance > kMergeRun ? kMergeRun : 1;
            std::uint8_t levels = 0;
            while ((step << levels) < distance) {
                ++levels;
            }
            clean(base, step, levels, (first + second) / step);
            distance = step;
        }
    }

    // The levels on each of the `stride` classes of wires: whole groups, then what is left.
    void clean(std::size_t base, std::size_t stride, std::uint8_t levels, std::size_t wires) {
        const std::size_t groups = (wires >> levels) - 1;
        const std::size_t left = wires - (groups << levels);
        std::vector<Entry> rest;
        for (std::size_t k = 0; k < stride; ++k) {
            const ColumnStep step{.kind = Kind::kClean,
                                  .levels = levels,
                                  .stride = static_cast<std::uint16_t>(stride),
                                  .base = static_cast<std::uint32_t>(base + k),
                                  .count = static_cast<std::uint32_t>(groups)};
            add(step);
            rest.push_back({.step = {.kind = Kind::kExchange},
                            .exchanges = clean_group(step, groups, left, left)});
        }
        entries_.insert(entries_.end(), rest.begin(), rest.end());
    }

    std::size_t wires_ = 0;
    std::vector<Entry> entries_;
};

enum class Use : std::uint8_t { kDropped, kSummed, kExact };

// What the rule takes from each wire.
std::vector<Use> uses_of(const ColumnPlan& plan) {
    std::vector<Use> uses(plan.wires, Use::kDropped);
    const auto mark = [&](std::size_t first, std::size_t last, Use use) {
        for (std::size_t i = first; i < last; ++i) {
            uses[i] = std::max(uses[i], use);
        }
    };
    if (plan.rule == ColumnRule::kWindowMean || plan.rule == ColumnRule::kWinsorizedMean) {
        mark(plan.first, plan.last, Use::kSummed);
    } else {
        mark(0, plan.rows, Use::kSummed);
        mark(0, plan.rows - plan.count, Use::kExact);
        mark(plan.count, plan.rows, Use::kExact);
    }
    if (plan.rule == ColumnRule::kWinsorizedMean) {
        mark(plan.first, plan.first + 1, Use::kExact);
        mark(plan.last - 1, plan.last, Use::kExact);
    }
    if (plan.rule == ColumnRule::kNearestMedian) {
        mark((plan.rows - 1) / 2, plan.rows / 2 + 1, Use::kExact);
    }
    return uses;
}

// Which exchanges matter for what is used after them; `uses` becomes what is used before them.
std::vector<bool> needed(const std::vector<Exchange>& exchanges, std::vector<Use>& uses) {
    std::vector<bool> result(exchanges.size());
    for (std::size_t i = exchanges.size(); i-- > 0;) {
        Use& low = uses[exchanges[i].low];
        Use& high = uses[exchanges[i].high];
        result[i] = low != high || low == Use::kExact;
        if (result[i]) {
            low = Use::kExact;
            high = Use::kExact;
        }
    }
    return result;
}

// Drops the first and last groups that do nothing needed.
void trim_clean(ColumnStep& step, std::vector<Exchange>& exchanges, std::vector<bool>& kept) {
    const std::size_t each = exchanges.size() / step.count;
    const std::size_t size = std::size_t{1} << step.levels;
    const auto begin = std::find(kept.begin(), kept.end(), true);
    const auto end = std::find(kept.rbegin(), kept.rend(), true).base();
    const auto first = static_cast<std::size_t>(begin - kept.begin()) / each;
    const auto last = (static_cast<std::size_t>(end - kept.begin()) + each - 1) / each;
    step.base += static_cast<std::uint32_t>(first * size * step.stride);
    step.count = static_cast<std::uint32_t>(last - first);
    const auto cut = [&](auto& list) {
        list.erase(list.begin() + static_cast<std::ptrdiff_t>(last * each), list.end());
        list.erase(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(first * each));
    };
    cut(exchanges);
    cut(kept);
}

// Makes `next` part of `step` where it is the same on the wires behind.
bool joined(ColumnStep& step, const ColumnStep& next) {
    const bool same = (step.kind == Kind::kMerge || step.kind == Kind::kClean) &&
                      step.kind == next.kind && step.levels == next.levels &&
                      step.stride == next.stride && step.count == next.count &&
                      step.base + step.times == next.base;
    step.times = static_cast<std::uint16_t>(step.times + (same ? 1 : 0));
    return same;
}

// An exchange by itself loads and stores two vectors, one inside a step works on registers: cost in
// units of the latter.
constexpr std::size_t kSingleCost = 2;

// Writes the steps, with what no result needs left out where that pays. An exchange that is not
// needed changes nothing that is, so steps are kept whole.
void write_steps(ColumnPlan& plan, std::vector<Sorter::Entry>& entries) {
    std::vector<Use> uses = uses_of(plan);
    std::vector<ColumnStep> steps;  // last first
    std::reverse(entries.begin(), entries.end());
    for (auto& [step, exchanges] : entries) {
        std::vector<bool> kept = needed(exchanges, uses);
        const auto count = static_cast<std::size_t>(std::count(kept.begin(), kept.end(), true));
        const bool loads = step.kind == Kind::kSort;
        if (count == 0 && !loads) {
            continue;
        }
        if (step.kind == Kind::kClean) {
            trim_clean(step, exchanges, kept);
        }
        if (step.kind != Kind::kExchange && kSingleCost * count >= kept.size()) {
            steps.push_back(step);
            continue;
        }
        if (count > 0) {
            steps.push_back({.kind = Kind::kExchange,
                             .base = static_cast<std::uint32_t>(plan.exchanges.size()),
                             .count = static_cast<std::uint32_t>(count)});
            for (std::size_t i = 0; i < kept.size(); ++i) {
                if (kept[i]) {
                    plan.exchanges.push_back(exchanges[i]);
                }
            }
        }
        if (loads) {
            steps.push_back({.kind = Kind::kCopy, .base = step.base, .count = step.count});
        }
    }
    std::reverse(steps.begin(), steps.end());
    for (const ColumnStep& step : steps) {
        if (plan.steps.empty() || !joined(plan.steps.back(), step)) {
            plan.steps.push_back(step);
        }
    }
}

}  // namespace

std::vector<Exchange> exchanges_of(const ColumnStep& step) {
    if (step.kind == Kind::kSort) {
        return on_wires(sort_network(step.count), step);
    }
    if (step.kind == Kind::kMerge) {
        return on_wires(merge_network(step.count), step);
    }
    FS_CHECK(step.kind == Kind::kClean);
    std::vector<Exchange> result;
    const std::size_t size = std::size_t{1} << step.levels;
    for (std::size_t group = 0; group < step.count; ++group) {
        const auto part = clean_group(step, group, size, 2 * size);
        result.insert(result.end(), part.begin(), part.end());
    }
    return result;
}

ColumnPlan make_column_plan(const Combination& combination, std::size_t rows) {
    FS_CHECK(rows >= 1 && rows <= kColumnRowsMax);
    ColumnPlan plan{.rule = combination.columns,
                    .rows = rows,
                    .first = combination.first,
                    .last = combination.last,
                    .count = combination.count,
                    .threshold = combination.threshold,
                    .wires = rows};
    switch (plan.rule) {
        case ColumnRule::kWindowMean:
        case ColumnRule::kWinsorizedMean:
            FS_CHECK(plan.first < plan.last && plan.last <= rows);
            break;
        case ColumnRule::kNearestMedian:
        case ColumnRule::kNearestRow: FS_CHECK(plan.count >= 1 && plan.count <= rows); break;
        case ColumnRule::kSignVote: return plan;
        case ColumnRule::kWeightedMean: FS_CHECK(plan.rule != ColumnRule::kWeightedMean);
    }
    const bool all = plan.rule == ColumnRule::kNearestMedian || plan.rule == ColumnRule::kNearestRow
                         ? plan.count == rows
                         : plan.first == 0 && plan.last == rows;
    if (all) {
        plan.rule = ColumnRule::kWindowMean;
        plan.first = 0;
        plan.last = rows;
        return plan;
    }
    Sorter sorter(rows);
    plan.wires = sorter.wires();
    write_steps(plan, sorter.entries());
    return plan;
}

std::size_t column_scratch(const ColumnPlan& plan) noexcept {
    // Wires, the input of a block with fewer columns than lanes, its reference and its result.
    // One vector more, for the alignment.
    return (plan.wires + plan.rows + 3) * kColumnLanesMax;
}

}  // namespace fedstake::aggregation::kernels
