// Signals, verdicts, groups.
#include "aggregation/judgement.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "aggregation/detect/detect.hpp"
#include "proto/base/check.hpp"

namespace fedstake::aggregation {
namespace {

constexpr std::uint32_t kExactDenominatorMax = 1U << 20U;

std::vector<Row> rows_of(std::span<const AdmittedUpdate* const> gated) {
    std::vector<Row> rows;
    for (const AdmittedUpdate* entry : gated) {
        rows.push_back({.values = entry->update->values});
    }
    return rows;
}

std::vector<SiteId> sites_of(std::span<const AdmittedUpdate* const> gated) {
    std::vector<SiteId> sites;
    for (const AdmittedUpdate* entry : gated) {
        sites.push_back(entry->update->signed_update.statement.site);
    }
    return sites;
}

// The rows of this round and of earlier ones in one geometry, for signals that look back.
class LookBack {
public:
    // Nothing to look at without a state.
    static Result<LookBack> measure(const RoundInput& input, const RoundOptions& options,
                                    std::vector<Row> rows, const EarlierVectors& earlier,
                                    WorkerPool& pool) {
        LookBack result;
        if (input.state == nullptr || !input.rules->anomaly.look_back ||
            input.state->earlier.empty()) {
            return result;
        }
        const auto next_rows = [&rows](std::vector<std::size_t>& places, const VectorSource* row) {
            places.push_back(rows.size());
            rows.push_back({.values = row});
        };
        result.rows_.resize(rows.size());
        std::iota(result.rows_.begin(), result.rows_.end(), std::size_t{0});
        for (const SiteVector& update : input.state->earlier.back().updates) {
            result.sites_before_.push_back(update.site);
            next_rows(result.rows_before_, earlier.at(update.root));
        }
        for (const Digest& aggregate : input.state->aggregates) {
            next_rows(result.aggregates_, earlier.at(aggregate));
        }
        FS_ASSIGN(const Distances distances,
                  measure_distances(rows, input.rules->coordinates, pool, options.memory_bytes_max,
                                    /*centre=*/false));
        result.geometry_ = Geometry(distances);
        return result;
    }

    [[nodiscard]] detect::EarlierRounds earlier() const {
        if (rows_.empty()) {
            return {};
        }
        // An aggregate is both the change that its round made and its mean update.
        return {.geometry = &geometry_,
                .rows = rows_,
                .sites_before = sites_before_,
                .rows_before = rows_before_,
                .changes = aggregates_,
                .means = aggregates_};
    }

private:
    Geometry geometry_;
    std::vector<std::size_t> rows_;
    std::vector<SiteId> sites_before_;
    std::vector<std::size_t> rows_before_;
    std::vector<std::size_t> aggregates_;
};

std::uint64_t number_of(const Digest& seed) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < 8; ++i) {
        number = number << 8U | seed.bytes[i];
    }
    return number;
}

std::vector<Figures> figures_of(const detect::Detection& detection, const Geometry& geometry,
                                double unit) {
    std::vector<Figures> figures;
    for (std::size_t i = 0; i < detection.figures.size(); ++i) {
        figures.push_back({.norm = geometry.norm(i) * unit,
                           .distance = std::sqrt(geometry.square(i, Anchor::kCentre)) * unit,
                           .signals = detection.figures[i]});
    }
    return figures;
}

// Each row in the largest of its coalitions, but only with rows that share as well.
std::vector<std::vector<std::size_t>> groups_of(const detect::Detection& detection,
                                                std::span<const detect::Verdict> verdicts,
                                                std::span<const SiteId> sites) {
    std::vector<const detect::Coalition*> coalitions;
    for (const detect::Coalition& coalition : detection.coalitions) {
        coalitions.push_back(&coalition);
    }
    std::stable_sort(coalitions.begin(), coalitions.end(), [](const auto* a, const auto* b) {
        return a->sites.size() > b->sites.size();
    });
    std::vector<bool> taken(sites.size(), false);
    std::vector<std::vector<std::size_t>> groups;
    for (const detect::Coalition* coalition : coalitions) {
        std::vector<std::size_t> group;
        for (std::size_t i = 0; i < sites.size(); ++i) {
            if (!taken[i] && verdicts[i].outcome == detect::Outcome::kDownWeighted &&
                std::binary_search(coalition->sites.begin(), coalition->sites.end(), sites[i])) {
                group.push_back(i);
            }
        }
        if (group.size() < 2) {
            continue;
        }
        for (const std::size_t i : group) {
            taken[i] = true;
        }
        groups.push_back(std::move(group));
    }
    return groups;
}

// Verdicts say how many share a weight in the end: a coalition may have lost members to others.
void settle_shares(std::span<detect::Verdict> verdicts,
                   std::span<const std::vector<std::size_t>> groups) {
    for (detect::Verdict& verdict : verdicts) {
        if (verdict.outcome == detect::Outcome::kDownWeighted) {
            detect::acquit(verdict);
        }
    }
    for (const std::vector<std::size_t>& group : groups) {
        for (const std::size_t i : group) {
            verdicts[i].outcome = detect::Outcome::kDownWeighted;
            verdicts[i].clause = detect::Clause::kShared;
            verdicts[i].shared_between = group.size();
        }
    }
}

}  // namespace

Result<Judgement> judge_updates(const RoundInput& input, const RoundOptions& options,
                                std::span<const AdmittedUpdate* const> gated,
                                const EarlierVectors& earlier, const Digest& seed,
                                WorkerPool& pool) {
    FS_CHECK(!gated.empty());
    const std::vector<Row> rows = rows_of(gated);
    const std::vector<SiteId> sites = sites_of(gated);
    Judgement result;
    FS_ASSIGN(result.distances, measure_distances(rows, input.rules->coordinates, pool,
                                                  options.memory_bytes_max, /*centre=*/true));
    const Geometry geometry(result.distances);
    FS_ASSIGN(const LookBack look_back, LookBack::measure(input, options, rows, earlier, pool));
    std::vector<detect::SignCounts> signs;
    for (const AdmittedUpdate* entry : gated) {
        signs.push_back(entry->signs);
    }
    const rules::AnomalyRules& anomaly = input.rules->anomaly;
    detect::Detection detection =
        detect::detect_round({.round = input.context->round,
                              .sites = sites,
                              .geometry = &geometry,
                              .f = input.rules->aggregation.f,
                              .seed = number_of(seed),
                              .signs = signs,
                              .earlier = look_back.earlier()},
                             input.state == nullptr ? detect::History{} : input.state->history,
                             detect::limits_for(gated.size(), anomaly));
    result.verdicts = detect::verdicts(detection, detect::policy_of(anomaly));
    result.groups = groups_of(detection, result.verdicts, sites);
    settle_shares(result.verdicts, result.groups);
    result.figures =
        figures_of(detection, geometry,
                   std::ldexp(1.0, -static_cast<int>(input.rules->aggregation.scale_bits)));
    result.limits = detection.limits;
    result.history = std::move(detection.history);
    return result;
}

RowMap merge_groups(std::size_t rows, std::span<const std::vector<std::size_t>> groups) {
    std::uint64_t denominator = 1;
    std::size_t merged = 0;
    for (const std::vector<std::size_t>& group : groups) {
        merged += group.size() - 1;
        if (denominator <= kExactDenominatorMax) {
            denominator = std::lcm(denominator, static_cast<std::uint64_t>(group.size()));
        }
    }
    const auto one =
        denominator <= kExactDenominatorMax ? static_cast<std::uint32_t>(denominator) : kWeightOne;
    RowMap map(rows - merged, rows, one);
    std::vector<bool> done(rows, false);
    std::size_t out = 0;
    for (std::size_t row = 0; row < rows; ++row) {
        if (done[row]) {
            continue;
        }
        const auto in_group = std::find_if(groups.begin(), groups.end(), [row](const auto& group) {
            return std::find(group.begin(), group.end(), row) != group.end();
        });
        if (in_group == groups.end()) {
            map.set(out, row, one);
        } else {
            for (const std::size_t member : *in_group) {
                map.set(out, member, one / static_cast<std::uint32_t>(in_group->size()));
                done[member] = true;
            }
        }
        ++out;
    }
    return map;
}

}  // namespace fedstake::aggregation
