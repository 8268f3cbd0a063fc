// Pairs that are too much alike, and the groups that they make.
#include "aggregation/detect/coalitions.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "aggregation/detect/deviation.hpp"
#include "aggregation/rules/real_math.hpp"
#include "aggregation/rules/row_figures.hpp"

namespace fedstake::aggregation::detect {
namespace {

constexpr double kAlarmShare = 0.01;  // of rounds, for all pairs together
constexpr double kLeastLimit = 0.5;
constexpr double kMostLimit = 0.995;
constexpr std::size_t kPairsToCompare = 6;  // of four sites
// Pairs of one site whose spread is known well enough by itself: a MAD of k values is off by about
// 1 / sqrt(k).
constexpr std::size_t kPairsToStandAlone = 8;
constexpr double kPersistentShare = 0.25;  // of a site's energy, taken as kept at least
// kRoundsToJudge rounds in a row, decayed, less rounding.
constexpr double kLaggedToJudge = 1.0 + kDecay + kDecay * kDecay - 1e-9;
constexpr double kNever = std::numeric_limits<double>::infinity();

struct Pair {
    std::size_t i = 0;
    std::size_t j = 0;
    double figure = 0.0;
};

double limit_of(std::vector<double> figures, double z) {
    const double middle = middle_of(figures);
    for (double& figure : figures) {
        figure = std::fabs(figure - middle);
    }
    return std::clamp(middle + z * kMadToSigma * middle_of(figures), kLeastLimit, kMostLimit);
}

// Lowers figures of pairs whose sites have a limit of their own above the least one by the
// difference. RETURNS the least limit, infinite for too few pairs.
double apply_limits(std::vector<Pair>& pairs, std::size_t sites) {
    if (pairs.size() < kPairsToCompare) {
        return kNever;
    }
    const double z = normal_quantile_above(kAlarmShare / static_cast<double>(pairs.size()));
    std::vector<double> all;
    std::vector<std::vector<double>> of_site(sites);
    for (const Pair& pair : pairs) {
        all.push_back(pair.figure);
        of_site[pair.i].push_back(pair.figure);
        of_site[pair.j].push_back(pair.figure);
    }
    const double of_all = limit_of(std::move(all), z);
    std::vector<double> limits(sites, kMostLimit);
    for (std::size_t i = 0; i < sites; ++i) {
        const bool few = of_site[i].size() < kPairsToStandAlone;
        if (of_site[i].size() >= kOthersToCompare) {
            limits[i] = std::max(limit_of(std::move(of_site[i]), z), few ? of_all : kLeastLimit);
        }
    }
    for (Pair& pair : pairs) {
        pair.figure -= std::max(limits[pair.i], limits[pair.j]) - kLeastLimit;
    }
    return kLeastLimit;
}

// Groups in which each pair is above the limit: the most alike pairs are joined first, groups only
// where all their pairs allow it.
class Groups {
public:
    Groups(std::size_t sites, std::vector<Pair> pairs, double limit)
        : sites_(sites), above_(sites * sites, false), group_of_(sites) {
        for (std::size_t i = 0; i < sites; ++i) {
            group_of_[i] = i;
            members_.push_back({i});
        }
        std::erase_if(pairs, [&](const Pair& pair) { return !(pair.figure > limit); });
        std::stable_sort(pairs.begin(), pairs.end(),
                         [](const Pair& a, const Pair& b) { return a.figure > b.figure; });
        for (const Pair& pair : pairs) {
            above_[pair.i * sites + pair.j] = above_[pair.j * sites + pair.i] = true;
        }
        for (const Pair& pair : pairs) {
            join(group_of_[pair.i], group_of_[pair.j]);
        }
    }

    [[nodiscard]] const std::vector<std::size_t>& around(std::size_t site) const {
        return members_[group_of_[site]];
    }
    [[nodiscard]] bool together(const Pair& pair) const {
        return group_of_[pair.i] == group_of_[pair.j];
    }

private:
    void join(std::size_t a, std::size_t b) {
        if (a == b) {
            return;
        }
        for (const std::size_t i : members_[a]) {
            for (const std::size_t j : members_[b]) {
                if (!above_[i * sites_ + j]) {
                    return;
                }
            }
        }
        for (const std::size_t j : members_[b]) {
            group_of_[j] = a;
            members_[a].push_back(j);
        }
        members_[b].clear();
        std::sort(members_[a].begin(), members_[a].end());
    }

    std::size_t sites_;
    std::vector<bool> above_;
    std::vector<std::size_t> group_of_;
    std::vector<std::vector<std::size_t>> members_;
};

Coalitions coalitions_of(const History& history, const std::vector<Pair>& pairs, double limit) {
    const std::size_t n = history.sites.size();
    Coalitions result{.limit = limit, .figures = std::vector<double>(n, -1.0), .groups = {}};
    const Groups groups(n, pairs, limit);
    std::vector<bool> judged(n, false);
    for (const Pair& pair : pairs) {
        judged[pair.i] = judged[pair.j] = true;
    }
    const auto sites = static_cast<std::size_t>(std::count(judged.begin(), judged.end(), true));
    const auto is_majority = [&](std::size_t site) {
        return 2 * groups.around(site).size() >= sites;
    };
    std::vector<double> least(n, kNever);
    for (const Pair& pair : pairs) {
        if (!groups.together(pair)) {
            result.figures[pair.i] = std::max(result.figures[pair.i], pair.figure);
            result.figures[pair.j] = std::max(result.figures[pair.j], pair.figure);
        } else if (!is_majority(pair.i)) {
            result.figures[pair.i] = std::max(result.figures[pair.i], pair.figure);
            result.figures[pair.j] = std::max(result.figures[pair.j], pair.figure);
            double& of_group = least[groups.around(pair.i).front()];
            of_group = std::min(of_group, pair.figure);
        }
    }
    for (std::size_t i = 0; i < n; ++i) {
        const std::vector<std::size_t>& members = groups.around(i);
        if (members.front() != i || members.size() < 2 || is_majority(i)) {
            continue;
        }
        Coalition group{.sites = {}, .least = least[i]};
        for (const std::size_t member : members) {
            group.sites.push_back(history.sites[member].site);
        }
        result.groups.push_back(std::move(group));
    }
    return result;
}

// Decayed number of rounds with both, from their common bits.
double rounds_together(std::uint64_t both) {
    double sum = 0.0;
    double weight = 1.0;
    for (; both != 0; both >>= 1U) {
        sum += (both & 1U) != 0 ? weight : 0.0;
        weight *= kDecay;
    }
    return sum;
}

// REQUIRES sites that were never present together.
double turns_figure(const History& history, std::span<const std::size_t> group) {
    unsigned known = kPresenceRounds;
    for (const std::size_t i : group) {
        known = std::min(known, static_cast<unsigned>(std::bit_width(history.sites[i].presence)));
    }
    const std::uint64_t mask = ~std::uint64_t{0} >> (kPresenceRounds - known);
    const auto rounds = static_cast<double>(known);
    double none = 1.0;      // chance that none of the sites so far takes part
    double one = 0.0;       // exactly one
    double observed = 0.0;  // share of rounds
    double groups = 1.0;    // C(n, k)
    for (std::size_t k = 0; k < group.size(); ++k) {
        const int present = std::popcount(history.sites[group[k]].presence & mask);
        const double share = static_cast<double>(present) / rounds;
        one = one * (1.0 - share) + none * share;
        none *= 1.0 - share;
        observed += share;
        groups *= static_cast<double>(history.sites.size() - k) / static_cast<double>(k + 1);
    }
    return (observed - one) * std::sqrt(2.0 * rounds / natural_log(groups / kAlarmShare));
}

template <class Figure>
std::vector<Pair> judged_pairs(const History& history, Figure&& figure) {
    std::vector<Pair> pairs;
    for (std::size_t i = 0; i < history.sites.size(); ++i) {
        for (std::size_t j = i + 1; j < history.sites.size(); ++j) {
            if (const std::optional<double> value = figure(i, j)) {
                pairs.push_back({i, j, *value});
            }
        }
    }
    return pairs;
}

}  // namespace

Coalitions alike(const History& history) {
    std::vector<Pair> pairs =
        judged_pairs(history, [&](std::size_t i, std::size_t j) -> std::optional<double> {
            const std::uint64_t both = history.sites[i].presence & history.sites[j].presence;
            if (std::popcount(both) < kRoundsToJudge) {
                return std::nullopt;
            }
            return std::clamp(history.likeness.at(i, j) / rounds_together(both), -1.0, 1.0);
        });
    const double limit = apply_limits(pairs, history.sites.size());
    return coalitions_of(history, pairs, limit);
}

Coalitions alike_behind_noise(const History& history) {
    const auto known = [&](std::size_t i) {
        return std::popcount(history.sites[i].presence) >= kRoundsToJudge &&
               history.sites[i].energy > 0.0;
    };
    std::vector<Pair> pairs;
    if (history.lagged_rounds >= kLaggedToJudge) {
        pairs = judged_pairs(history, [&](std::size_t i, std::size_t j) -> std::optional<double> {
            if (!known(i) || !known(j)) {
                return std::nullopt;
            }
            const double kept = history.lagged.at(i, i) + history.lagged.at(j, j);
            const double energy = history.sites[i].energy + history.sites[j].energy;
            const double scale = std::max(kept, kPersistentShare * energy);
            return std::clamp(history.lagged.at(i, j) / scale, -1.0, 1.0);
        });
    }
    const double limit = apply_limits(pairs, history.sites.size());
    return coalitions_of(history, pairs, limit);
}

Coalitions taking_turns(const History& history) {
    const std::size_t n = history.sites.size();
    Coalitions result{
        .limit = n < 2 ? kNever : 1.0, .figures = std::vector<double>(n, -1.0), .groups = {}};
    for (std::size_t first = 0; first < n; ++first) {
        std::vector<std::size_t> group{first};
        std::vector<std::size_t> best;
        double best_figure = -1.0;
        std::uint64_t taken = history.sites[first].presence;
        for (std::size_t i = first + 1; i < n; ++i) {
            if ((history.sites[i].presence & taken) != 0) {
                continue;
            }
            group.push_back(i);
            taken |= history.sites[i].presence;
            const double figure = turns_figure(history, group);
            if (figure > best_figure) {
                best_figure = figure;
                best = group;
            }
        }
        bool is_new = best_figure > 1.0;
        for (const std::size_t i : best) {
            is_new = is_new && result.figures[i] <= 1.0;
        }
        for (const std::size_t i : best) {
            result.figures[i] = std::max(result.figures[i], best_figure);
        }
        if (is_new) {
            Coalition coalition{.sites = {}, .least = best_figure};
            for (const std::size_t i : best) {
                coalition.sites.push_back(history.sites[i].site);
            }
            result.groups.push_back(std::move(coalition));
        }
    }
    return result;
}

}  // namespace fedstake::aggregation::detect
