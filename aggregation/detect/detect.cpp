// Collects the figures of a round.
#include "aggregation/detect/detect.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "aggregation/detect/own_history.hpp"
#include "aggregation/detect/prediction.hpp"
#include "proto/base/check.hpp"

namespace fedstake::aggregation::detect {
namespace {

std::optional<double>& figure(SiteFigures& figures, Signal signal) {
    return figures[static_cast<std::size_t>(signal)];
}

double& limit(Detection& detection, Signal signal) {
    return detection.limits[static_cast<std::size_t>(signal)];
}

void set_all(Detection& detection, Signal signal, std::span<const double> values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        figure(detection.figures[i], signal) = values[i];
    }
}

void add_round_signals(Detection& detection, const Geometry& geometry, std::uint32_t f,
                       std::span<const SignCounts> signs) {
    set_all(detection, Signal::kNorm, norm_deviations(geometry));
    set_all(detection, Signal::kCosine, cosines_to_centre(geometry));
    set_all(detection, Signal::kDistance, distance_deviations(geometry));
    set_all(detection, Signal::kNearest, neighbour_deviations(geometry, f));
    const TopDirection top = top_direction(geometry, f);
    detection.top_share = top.share;
    if (f >= 2) {
        set_all(detection, Signal::kSpectral, top.deviations);
    }
    if (!signs.empty()) {
        FS_CHECK(signs.size() == geometry.rows());
        set_all(detection, Signal::kSigns, sign_deviations(signs));
    }
}

// The row of each site's own last update.
std::vector<std::size_t> own_rows_before(const RoundInput& input) {
    const EarlierRounds& earlier = input.earlier;
    std::vector<std::size_t> result;
    for (const SiteId& site : input.sites) {
        const auto found =
            std::lower_bound(earlier.sites_before.begin(), earlier.sites_before.end(), site);
        const bool known = found != earlier.sites_before.end() && *found == site;
        result.push_back(
            known ? earlier
                        .rows_before[static_cast<std::size_t>(found - earlier.sites_before.begin())]
                  : kNoRow);
    }
    return result;
}

void add_own_signals(Detection& detection, const RoundInput& input, const OwnRows& own) {
    const auto changes = own_changes(*input.earlier.geometry, own);
    for (std::size_t i = 0; i < changes.size(); ++i) {
        if (changes[i]) {
            figure(detection.figures[i], Signal::kResend) = changes[i]->resend;
            figure(detection.figures[i], Signal::kJump) = changes[i]->jump;
        }
    }
}

void add_predictions(Detection& detection, const RoundInput& input, const OwnRows& own) {
    const auto errors = prediction_errors(
        *input.earlier.geometry,
        {.own = own, .changes = input.earlier.changes, .means = input.earlier.means});
    std::vector<std::size_t> judged;
    std::vector<double> scores;
    for (std::size_t i = 0; i < errors.size(); ++i) {
        if (!errors[i]) {
            continue;
        }
        std::vector<double>& kept =
            detection.history.sites[*position(detection.history, input.sites[i])].errors;
        kept.push_back(*errors[i]);
        if (kept.size() > kPredictionRounds) {
            kept.erase(kept.begin());
        }
        if (kept.size() < static_cast<std::size_t>(kRoundsToJudge)) {
            continue;
        }
        const double sum = std::accumulate(kept.begin(), kept.end(), 0.0);
        judged.push_back(i);
        scores.push_back(sum / static_cast<double>(kept.size()) *
                         static_cast<double>(input.sites.size()));
    }
    for (std::size_t k = 0; k < judged.size(); ++k) {
        figure(detection.figures[judged[k]], Signal::kPrediction) = scores[k];
    }
    const TwoGroups groups = two_groups(scores, input.seed);
    limit(detection, Signal::kPrediction) =
        groups.found ? groups.boundary : std::numeric_limits<double>::infinity();
}

void add_pair_signal(Detection& detection, const RoundInput& input, Signal signal,
                     const Coalitions& coalitions) {
    limit(detection, signal) = coalitions.limit;
    for (std::size_t i = 0; i < input.sites.size(); ++i) {
        const double value = coalitions.figures[*position(detection.history, input.sites[i])];
        if (coalitions.limit < std::numeric_limits<double>::infinity()) {
            figure(detection.figures[i], signal) = value;
        }
    }
}

// How many sites of the round each one shares a coalition with: the larger of its groups.
void count_coalitions(Detection& detection, std::span<const SiteId> sites) {
    detection.coalition.assign(sites.size(), 1);
    for (const Coalition& group : detection.coalitions) {
        std::vector<std::size_t> present;
        for (std::size_t i = 0; i < sites.size(); ++i) {
            if (std::binary_search(group.sites.begin(), group.sites.end(), sites[i])) {
                present.push_back(i);
            }
        }
        for (const std::size_t i : present) {
            detection.coalition[i] = std::max(detection.coalition[i], present.size());
        }
    }
}

}  // namespace

Detection detect_round(const RoundInput& input, const History& before, const Limits& limits) {
    FS_CHECK(!input.sites.empty() && input.geometry != nullptr &&
             input.geometry->rows() == input.sites.size());
    Detection detection;
    detection.limits = limits;
    detection.figures.resize(input.sites.size());
    detection.history = begin_round(before, input.round, input.sites);
    add_round_signals(detection, *input.geometry, input.f, input.signs);
    const EarlierRounds& earlier = input.earlier;
    if (earlier.geometry != nullptr) {
        const std::vector<std::size_t> own_before = own_rows_before(input);
        const OwnRows own{.now = earlier.rows, .before = own_before};
        add_own_signals(detection, input, own);
        if (!earlier.changes.empty()) {
            add_predictions(detection, input, own);
        }
        add_lagged(detection.history,
                   {.geometry = earlier.geometry,
                    .sites = input.sites,
                    .rows = earlier.rows,
                    .sites_before = earlier.sites_before,
                    .rows_before = earlier.rows_before},
                   input.f);
    }
    add_likeness(detection.history, input.sites, *input.geometry);
    const Coalitions open = alike(detection.history);
    const Coalitions hidden = alike_behind_noise(detection.history);
    Coalitions turns = taking_turns(detection.history);
    add_pair_signal(detection, input, Signal::kLikeness, open);
    add_pair_signal(detection, input, Signal::kHiddenLikeness, hidden);
    add_pair_signal(detection, input, Signal::kTurns, turns);
    detection.coalitions = open.groups;
    detection.coalitions.insert(detection.coalitions.end(), hidden.groups.begin(),
                                hidden.groups.end());
    detection.turns = std::move(turns.groups);
    count_coalitions(detection, input.sites);
    return detection;
}

Detection detect_rows(const Geometry& geometry, std::uint32_t f, std::span<const SignCounts> signs,
                      const Limits& limits) {
    FS_CHECK(geometry.rows() > 0);
    Detection detection;
    detection.limits = limits;
    detection.figures.resize(geometry.rows());
    detection.coalition.assign(geometry.rows(), 1);
    add_round_signals(detection, geometry, f, signs);
    return detection;
}

std::vector<Verdict> verdicts(const Detection& detection, const Policy& policy) {
    std::vector<Verdict> result;
    for (std::size_t i = 0; i < detection.figures.size(); ++i) {
        result.push_back(
            judge(detection.figures[i], detection.limits, policy, detection.coalition[i]));
    }
    return result;
}

}  // namespace fedstake::aggregation::detect
