// Names, parameters, bounds and sources of the rules by columns.
#include "aggregation/rules/column_table.hpp"

#include <array>

#include "aggregation/rules/column_rules.hpp"
#include "aggregation/rules/trusted_parameter.hpp"

namespace fedstake::aggregation {
namespace {

constexpr std::string_view kYin =
    "Yin, Chen, Ramchandran, Bartlett, \"Byzantine-Robust Distributed Learning: Towards Optimal "
    "Statistical Rates\", ICML 2018";
constexpr std::string_view kSortCost =
    "O(n d log^2 n) comparisons in a sorting network, one pass over the updates";
constexpr std::string_view kFeaturesLost =
    "Each coordinate is judged alone: where sites differ, values that only a minority holds are "
    "lost, and a hostile site that stays inside the honest spread of each coordinate (ALIE, "
    "Min-Max) is not noticed.";

constexpr std::array kFraction{
    ParameterInfo{.name = "beta",
                  .meaning = "share of the values dropped at each end, rounded down to whole rows",
                  .minimum = 0.0,
                  .maximum = 0.4999,
                  .required = true}};
constexpr std::array kClosest{
    kTrustedParameter,
    ParameterInfo{.name = "count",
                  .meaning = "values averaged in each coordinate; default n - f, lowered to n",
                  .minimum = 1.0,
                  .maximum = 512.0,
                  .integer = true}};
constexpr std::array kSlsgd{
    ParameterInfo{.name = "alpha",
                  .meaning = "share of the aggregate in the new model, the rest is the old model",
                  .minimum = 0x1p-10,
                  .maximum = 1.0,
                  .required = true}};
constexpr std::array kVotes{
    ParameterInfo{.name = "threshold",
                  .meaning = "least surplus of one sign over the other, in rows, that keeps a "
                             "coordinate's direction; lowered to n",
                  .minimum = 1.0,
                  .maximum = 512.0,
                  .integer = true,
                  .required = true}};

constexpr std::array kRules{
    RuleInfo{.name = "mean",
             .id = 1,
             .summary = "Mean of all rows.",
             .breaks = "Always, under attack: one hostile row moves it anywhere. Use it as the "
                       "baseline, or behind pre-aggregations that bound each row.",
             .cost = "O(n d), one pass over the updates",
             .requirement = "n >= 1 (tolerates no hostile site, whatever f says)",
             .source = "McMahan, Moore, Ramage, Hampson, Aguera y Arcas, "
                       "\"Communication-Efficient Learning of Deep Networks from Decentralized "
                       "Data\", AISTATS 2017; each site counts once, not by the number of rows "
                       "that it claims",
             .supports = any_rows,
             .combine = coordinate_mean},
    RuleInfo{.name = "median",
             .id = 2,
             .summary = "Median of each coordinate; mean of the middle two for even n.",
             .breaks = kFeaturesLost,
             .cost = kSortCost,
             .requirement = "n > 2f",
             .source = kYin,
             .supports = half_honest,
             .combine = coordinate_median},
    RuleInfo{.name = "trimmed-mean",
             .id = 3,
             .summary = "Mean of each coordinate without its f smallest and f largest values.",
             .breaks = kFeaturesLost,
             .cost = kSortCost,
             .requirement = "n > 2f",
             .source = kYin,
             .supports = half_honest,
             .combine = trimmed_mean},
    RuleInfo{.name = "trimmed-mean-fraction",
             .id = 4,
             .summary = "As trimmed-mean, dropping floor(beta n) values at each end.",
             .breaks = kFeaturesLost,
             .cost = kSortCost,
             .requirement = "f <= floor(beta n) and 2 floor(beta n) < n",
             .source = kYin,
             .parameters = kFraction,
             .supports = trimmed_mean_fraction_supports,
             .combine = trimmed_mean_fraction},
    RuleInfo{.name = "winsorized-mean",
             .id = 60,
             .summary = "Mean of each coordinate with its f smallest and f largest values set to "
                        "the nearest one that stays.",
             .breaks = "A hostile value still counts, as the most extreme one that stays: the bias "
                       "under attack is larger than that of trimmed-mean, the noise without an "
                       "attack smaller.",
             .cost = kSortCost,
             .requirement = "n > 2f",
             .source = "Dixon, \"Simplified Estimation from Censored Normal Samples\", Annals of "
                       "Mathematical Statistics 1960; by f instead of a share",
             .supports = half_honest,
             .combine = winsorized_mean},
    RuleInfo{.name = "meamed",
             .id = 61,
             .summary = "Mean of the n - f values of each coordinate that are nearest to its "
                        "median.",
             .breaks = "Values on one side of the median only can be dropped, so a group of f "
                       "sites just outside the honest ones shifts every coordinate by a little.",
             .cost = "O(n d log^2 n) comparisons, one pass over the updates",
             .requirement = "n > 2f",
             .source = "Xie, Koyejo, Gupta, \"Generalized Byzantine-tolerant SGD\", 2018, "
                       "definition of mean-around-median; of two values that are equally near the "
                       "smaller one comes first",
             .supports = half_honest,
             .combine = meamed},
    RuleInfo{.name = "n-closest-mean",
             .id = 62,
             .summary = "Mean of the values of each coordinate that are nearest to those of a "
                        "trusted update, its own among them.",
             .breaks = "A trusted site whose data differ pulls the model to its own side, and a "
                       "hostile site at the trusted place decides alone.",
             .cost = "O(n d log^2 n) comparisons, one pass over the updates",
             .requirement = "n > f, trusted < n",
             .source = "The last step of Bulyan (El Mhamdi, Guerraoui, Rouault, \"The Hidden "
                       "Vulnerability of Distributed Learning in Byzantium\", ICML 2018) "
                       "with a trusted row in the place of the median",
             .parameters = kClosest,
             .supports = n_closest_mean_supports,
             .combine = n_closest_mean},
    RuleInfo{.name = "robust-learning-rate",
             .id = 63,
             .summary = "Mean of each coordinate, with its sign turned round where the signs of "
                        "the updates agree too little.",
             .breaks = "Against backdoors only: sizes are not bounded, so one large row still "
                       "decides the coordinates whose signs agree. Where honest sites disagree, "
                       "learning runs backwards; a threshold near n stops it.",
             .cost = "O(n d), one pass over the updates",
             .requirement = "n >= 1 (the paper: threshold between f + 1 and n - f)",
             .source = "Ozdayi, Kantarcioglu, Gel, \"Defending against Backdoors in Federated "
                       "Learning with Robust Learning Rate\", AAAI 2021, on the plain "
                       "mean",
             .parameters = kVotes,
             .supports = robust_learning_rate_supports,
             .combine = robust_learning_rate},
    RuleInfo{.name = "slsgd",
             .id = 64,
             .summary = "trimmed-mean by f, of which the model takes the share alpha only.",
             .breaks =
                 "As trimmed-mean. A small alpha makes every step shorter, honest ones too: it "
                 "slows an attack down and learning with it.",
             .cost = kSortCost,
             .requirement = "n > 2f",
             .source = "Xie, Koyejo, Gupta, \"SLSGD: Secure and Efficient Distributed On-device "
                       "Machine Learning\", ECML PKDD 2019; alpha stays "
                       "the same in all rounds",
             .parameters = kSlsgd,
             .supports = half_honest,
             .combine = slsgd},
};

}  // namespace

std::span<const RuleInfo> column_rules() noexcept {
    return kRules;
}

}  // namespace fedstake::aggregation
