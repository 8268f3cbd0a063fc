// The table itself.
#include "aggregation/registry.hpp"

#include <array>

#include "aggregation/norm_clip.hpp"
#include "aggregation/selection.hpp"

namespace fedstake::aggregation {
namespace {

constexpr std::size_t kParameter0 = 0;

bool any_support(const Arguments& a) {
    return a.n >= 1;
}
bool minority(const Arguments& a) {
    return a.n > 2 * std::size_t{a.f};
}
bool krum_paper_bound(const Arguments& a) {
    return a.n >= 2 * std::size_t{a.f} + 3;
}

std::size_t cut_of(const Arguments& a) {
    // 0.29 * 100 is 28.999...96 in binary: what a person writes as a decimal is meant as one.
    return static_cast<std::size_t>(
        a.parameters[kParameter0].value_or(0.0) * static_cast<double>(a.n) + 1e-9);
}
bool fraction_support(const Arguments& a) {
    return a.n >= 1 && cut_of(a) >= a.f && 2 * cut_of(a) < a.n;
}

Combination columns(const Arguments& a, std::size_t first, std::size_t last) {
    return {.kind = RuleKind::kColumnwise,
            .first = first,
            .last = last,
            .weights = std::vector<std::uint32_t>(a.n, 1)};
}

Combination mean(const Arguments& a, const Distances*) {
    return {.kind = RuleKind::kWeighted, .weights = std::vector<std::uint32_t>(a.n, 1)};
}
Combination median(const Arguments& a, const Distances*) {
    return columns(a, (a.n - 1) / 2, a.n / 2 + 1);
}
Combination trimmed_mean(const Arguments& a, const Distances*) {
    return columns(a, a.f, a.n - a.f);
}
Combination trimmed_fraction(const Arguments& a, const Distances*) {
    return columns(a, cut_of(a), a.n - cut_of(a));
}

// The number of neighbours in a Krum score; at least one of them while there are other rows.
std::size_t neighbours(const Arguments& a, std::size_t beyond_f) {
    const std::size_t others = a.n - 1;
    const std::size_t wanted = a.n > a.f + beyond_f ? a.n - a.f - beyond_f : 1;
    return wanted < others ? wanted : others;
}
std::size_t selectable_default(const Arguments& a) {
    return a.n - a.f;
}
std::size_t selectable_paper(const Arguments& a) {
    return a.n - a.f - 2;
}

Combination select(const Arguments& a, const Distances& distances, std::size_t neighbour_count,
                   std::size_t count) {
    Combination result{.kind = RuleKind::kWeighted, .weights = std::vector<std::uint32_t>(a.n, 0)};
    for (const std::size_t row : lowest_krum_scores(distances, neighbour_count, count)) {
        result.weights[row] = 1;
    }
    return result;
}
std::size_t wanted_rows(const Arguments& a, std::size_t most) {
    const auto m =
        static_cast<std::size_t>(a.parameters[kParameter0].value_or(static_cast<double>(most)));
    return m < most ? m : most;
}

Combination krum(const Arguments& a, const Distances* distances) {
    return select(a, *distances, neighbours(a, 1), 1);
}
Combination krum_paper(const Arguments& a, const Distances* distances) {
    return select(a, *distances, neighbours(a, 2), 1);
}
Combination multi_krum(const Arguments& a, const Distances* distances) {
    return select(a, *distances, neighbours(a, 1), wanted_rows(a, selectable_default(a)));
}
Combination multi_krum_paper(const Arguments& a, const Distances* distances) {
    return select(a, *distances, neighbours(a, 2), wanted_rows(a, selectable_paper(a)));
}

constexpr std::array kFraction{
    ParameterInfo{.name = "beta",
                  .meaning = "share of the values dropped at each end, rounded down to whole rows",
                  .minimum = 0.0,
                  .maximum = 0.4999,
                  .required = true}};
constexpr std::array kSelected{
    ParameterInfo{.name = "m",
                  .meaning = "rows averaged; default and upper end n - f",
                  .minimum = 1.0,
                  .maximum = 512.0,
                  .integer = true}};
constexpr std::array kSelectedPaper{
    ParameterInfo{.name = "m",
                  .meaning = "rows averaged; default and upper end n - f - 2",
                  .minimum = 1.0,
                  .maximum = 512.0,
                  .integer = true}};
constexpr std::array kClipNorm{
    ParameterInfo{.name = "norm",
                  .meaning = "largest L2 norm of an update, in model units",
                  .minimum = kClipNormMin,
                  .maximum = kClipNormMax,
                  .required = true}};

constexpr std::string_view kKrumPaper =
    "Blanchard, El Mhamdi, Guerraoui, Stainer, \"Machine Learning with Adversaries\", NeurIPS 2017";
constexpr std::string_view kKrumLibrary =
    "Krum with one more neighbour, for every n > 2f: Farhadkhani et al., \"Byzantine Machine "
    "Learning Made Easy By Resilient Averaging of Momentums\", ICML 2022";
constexpr std::string_view kYin =
    "Yin, Chen, Ramchandran, Bartlett, \"Byzantine-Robust Distributed Learning\", ICML 2018";

constexpr std::array kRules{
    RuleInfo{.name = "mean",
             .id = 1,
             .kind = RuleKind::kWeighted,
             .summary = "Mean of all rows; one hostile row moves it anywhere",
             .requirement = "n >= 1 (tolerates no hostile site, whatever f says)",
             .source = "McMahan et al., \"Communication-Efficient Learning\", AISTATS 2017",
             .supports = any_support,
             .combine = mean},
    RuleInfo{.name = "median",
             .id = 2,
             .kind = RuleKind::kColumnwise,
             .summary = "Median of each coordinate; mean of the middle two for even n",
             .requirement = "n > 2f",
             .source = kYin,
             .supports = minority,
             .combine = median},
    RuleInfo{.name = "trimmed-mean",
             .id = 3,
             .kind = RuleKind::kColumnwise,
             .summary = "Mean of each coordinate without its f smallest and f largest values",
             .requirement = "n > 2f",
             .source = kYin,
             .supports = minority,
             .combine = trimmed_mean},
    RuleInfo{.name = "trimmed-mean-fraction",
             .id = 4,
             .kind = RuleKind::kColumnwise,
             .summary = "As trimmed-mean, dropping floor(beta n) values at each end",
             .requirement = "f <= floor(beta n) and 2 floor(beta n) < n",
             .source = kYin,
             .parameters = kFraction,
             .supports = fraction_support,
             .combine = trimmed_fraction},
    RuleInfo{.name = "krum",
             .id = 5,
             .summary = "The row with the least sum of squared distances to its n - f - 1 nearest",
             .requirement = "n > 2f",
             .source = kKrumLibrary,
             .needs_distances = true,
             .supports = minority,
             .combine = krum},
    RuleInfo{.name = "krum-paper",
             .id = 6,
             .summary = "The row with the least sum of squared distances to its n - f - 2 nearest",
             .requirement = "n >= 2f + 3",
             .source = kKrumPaper,
             .needs_distances = true,
             .supports = krum_paper_bound,
             .combine = krum_paper},
    RuleInfo{.name = "multi-krum",
             .id = 7,
             .summary = "Mean of the m rows with the least krum scores",
             .requirement = "n > 2f",
             .source = kKrumLibrary,
             .parameters = kSelected,
             .needs_distances = true,
             .supports = minority,
             .selectable = selectable_default,
             .combine = multi_krum},
    RuleInfo{.name = "multi-krum-paper",
             .id = 8,
             .summary = "Mean of the m rows with the least krum-paper scores",
             .requirement = "n >= 2f + 3",
             .source = kKrumPaper,
             .parameters = kSelectedPaper,
             .needs_distances = true,
             .supports = krum_paper_bound,
             .selectable = selectable_paper,
             .combine = multi_krum_paper},
};

constexpr std::array kPreAggregations{
    PreInfo{.name = "norm-clip",
            .id = 1,
            .summary = "Scales an update whose norm is above the limit down to it",
            .source = "Sun, Kairouz, Suresh, McMahan, \"Can You Really Backdoor Federated "
                      "Learning?\", 2019",
            .parameters = kClipNorm,
            .apply = clip_norms},
};

}  // namespace

std::span<const RuleInfo> all_rules() noexcept {
    return kRules;
}
std::span<const PreInfo> all_pre_aggregations() noexcept {
    return kPreAggregations;
}

}  // namespace fedstake::aggregation
