// Names, parameters, bounds and sources of the rules that weigh or cluster rows.
#include "aggregation/rules/weighting_table.hpp"

#include <array>

#include "aggregation/rules/centered_clipping.hpp"
#include "aggregation/rules/clipped_clustering.hpp"
#include "aggregation/rules/dnc.hpp"
#include "aggregation/rules/flame.hpp"
#include "aggregation/rules/fltrust.hpp"
#include "aggregation/rules/foolsgold.hpp"
#include "aggregation/rules/geometric_median.hpp"
#include "aggregation/rules/norm_difference.hpp"
#include "aggregation/rules/signguard.hpp"
#include "aggregation/rules/trusted_parameter.hpp"
#include "aggregation/rules/weighted_mean.hpp"
#include "aggregation/rules/weiszfeld_steps.hpp"

namespace fedstake::aggregation {
namespace {

// Norms that a parameter may name, in model units.
constexpr double kNormMin = 0x1p-16;
constexpr double kNormMax = 65536.0;

constexpr std::array kMedianParameters{
    ParameterInfo{.name = "tolerance",
                  .meaning = "ends when a step is shorter than this share of the median distance "
                             "to the start; default 1e-6",
                  .minimum = 1e-12,
                  .maximum = 0.1},
    ParameterInfo{.name = "iterations_max",
                  .meaning = "most steps; default 1000",
                  .minimum = 1.0,
                  .maximum = 10000.0,
                  .integer = true}};
constexpr std::array kCenteredParameters{
    ParameterInfo{.name = "tau",
                  .meaning = "largest distance to the previous aggregate, in model units, that "
                             "counts in full",
                  .minimum = kNormMin,
                  .maximum = kNormMax,
                  .required = true},
    ParameterInfo{.name = "iterations",
                  .meaning = "clipping steps in each round; default 1",
                  .minimum = 1.0,
                  .maximum = 100.0,
                  .integer = true}};
constexpr std::array kDncParameters{
    ParameterInfo{.name = "coordinates",
                  .meaning = "coordinates drawn in each iteration; default 10000, all where the "
                             "model has fewer",
                  .minimum = 1.0,
                  .maximum = 1'000'000.0,
                  .integer = true},
    ParameterInfo{.name = "iterations",
                  .meaning = "independent draws; default 1",
                  .minimum = 1.0,
                  .maximum = 100.0,
                  .integer = true},
    ParameterInfo{.name = "c",
                  .meaning = "floor(c f) rows are dropped in each iteration; default 1",
                  .minimum = 0.5,
                  .maximum = 4.0}};
constexpr std::array kTrustParameters{kTrustedParameter};
constexpr std::array kGoldParameters{
    ParameterInfo{.name = "unnormalised",
                  .meaning = "1 sums the weighted rows as the authors' program does, 0 divides by "
                             "the sum of the weights; default 0",
                  .minimum = 0.0,
                  .maximum = 1.0,
                  .integer = true}};
constexpr std::array kFlameParameters{
    ParameterInfo{.name = "noise",
                  .meaning = "standard deviation of the Gaussian noise on each coordinate, as a "
                             "multiple of the median norm; the paper's lambda = "
                             "sqrt(2 ln(1.25 / delta)) / epsilon, 0.001 in programs that follow "
                             "it; default 0",
                  .minimum = 0.0,
                  .maximum = 1.0}};
constexpr std::array kNormParameters{
    ParameterInfo{.name = "norm",
                  .meaning = "largest L2 norm of an update, in model units, that counts in full",
                  .minimum = kNormMin,
                  .maximum = kNormMax,
                  .required = true}};

constexpr std::array kClaimParameters{
    ParameterInfo{.name = "cap",
                  .meaning = "no claim counts for more than this many times the median claim; "
                             "default 2",
                  .minimum = 1.0,
                  .maximum = 1024.0}};

constexpr std::array kStepParameters{
    ParameterInfo{.name = "nu",
                  .meaning = "distances below it count as it, in model units; default 0.1",
                  .minimum = 1e-9,
                  .maximum = 65536.0},
    ParameterInfo{.name = "steps",
                  .meaning = "steps; default 3",
                  .minimum = 1.0,
                  .maximum = 10000.0,
                  .integer = true}};

constexpr std::array kRules{
    RuleInfo{.name = "geometric-median",
             .id = 40,
             .summary = "The point with the least sum of distances to the rows, found by smoothed "
                        "Weiszfeld steps from the coordinate median.",
             .breaks = "Small consistent shifts (IPM with a small factor, ALIE) move it, and with "
                       "few sites it stays near the densest group of them. Mix rows first "
                       "(nearest-neighbour mixing, bucketing) where sites' data differ.",
             .cost = "O(n^2 d) for the distances and O(n^2) for each step, two passes over the "
                     "updates",
             .requirement = "n > 2f",
             .source = "Pillutla, Kakade, Harchaoui, \"Robust Aggregation for Federated "
                       "Learning\", IEEE Transactions on Signal Processing 2022, the smoothed "
                       "Weiszfeld algorithm; "
                       "every site weighs the same, the start is the coordinate median instead of "
                       "the mean or zero, and steps go on until they are short",
             .parameters = kMedianParameters,
             .needs = {.geometry = true, .centre = true},
             .supports = geometric_median_supports,
             .combine = geometric_median},
    RuleInfo{.name = "centered-clipping",
             .id = 41,
             .summary = "The previous aggregate plus the mean of the rows' differences to it, each "
                        "cut to length tau.",
             .breaks = "tau must fit the updates: too small and learning crawls from zero, too "
                       "large and it is the mean. Attacks that stay within tau and keep their "
                       "direction over rounds (ROP) add up.",
             .cost = "O(n^2 d) for the distances, two passes over the updates and the previous "
                     "aggregate",
             .requirement = "n > 2f (the paper's guarantee: f < n / 10, and momentum at the sites)",
             .source = "Karimireddy, He, Jaggi, \"Learning from History for Byzantine Robust "
                       "Optimization\", ICML 2021; zero before the first round",
             .parameters = kCenteredParameters,
             .needs = {.geometry = true, .memory = MemoryRows::kOne},
             .supports = centered_clipping_supports,
             .combine = centered_clipping},
    RuleInfo{.name = "dnc",
             .id = 42,
             .summary = "Mean of the rows that stand out least along the main direction of "
                        "randomly drawn coordinates; floor(c f) rows are dropped.",
             .breaks = "Hostile rows inside the honest spread (ALIE) do not show in the main "
                       "direction; honest sites with unusual data do, and are dropped in every "
                       "round. Rows are dropped even when nobody attacks.",
             .cost = "O(n^2 b + n^3) for each iteration, two passes over the updates, the first "
                     "one over b coordinates; 56 b bytes of the memory allowed",
             .requirement = "n > 2f and floor(c f) < n",
             .source = "Shejwalkar, Houmansadr, \"Manipulating the Byzantine: Optimizing Model "
                       "Poisoning Attacks and Defenses for Federated Learning\", NDSS 2021, "
                       "algorithm 2; where no row is kept by all iterations, those kept most often "
                       "(the paper does not say)",
             .parameters = kDncParameters,
             .needs = {.columns = true},
             .supports = dnc_supports,
             .combine = dnc},
    RuleInfo{.name = "fltrust",
             .id = 43,
             .summary = "Rows weighed by the positive part of their cosine with a trusted root "
                        "update and brought to its length; the root update itself is not averaged.",
             .breaks = "Everything rests on the trusted row: if its site is hostile or its data "
                       "are unlike the others', the aggregate follows it. It tolerates any number "
                       "of other hostile sites only as far as that row is right.",
             .cost = "O(n^2 d) for the distances, two passes over the updates",
             .requirement = "n > f, trusted < n; the trusted site is honest",
             .source = "Cao, Fang, Liu, Gong, \"FLTrust: Byzantine-robust Federated Learning via "
                       "Trust Bootstrapping\", NDSS 2021, algorithm 2; the root update stands when "
                       "no row is trusted (the paper does not say), and no row is lengthened by "
                       "more than 1024",
             .parameters = kTrustParameters,
             .needs = {.geometry = true},
             .supports = fltrust_supports,
             .combine = fltrust},
    RuleInfo{.name = "foolsgold",
             .id = 44,
             .summary = "Rows weighed down the more their site's summed history resembles "
                        "another site's.",
             .breaks =
                 "Against many identities of one attacker only: a single hostile site has "
                 "full weight and no bound on its length. Honest sites with alike data lose "
                 "weight, and identities that add noise which cancels over pairs keep theirs. "
                 "Sums of history stop at the largest coordinate.",
             .cost = "O(n^2 d) for the distances of 2n rows, two passes over the updates and the "
                     "history",
             .requirement = "n > f (no bound on f; at least one honest site)",
             .source = "Fung, Yoon, Beschastnikh, \"The Limitations of Federated Learning in Sybil "
                       "Settings\", RAID 2020, algorithm 1, on all coordinates; divided by the sum "
                       "of the weights, which the authors' program does not do, so that the "
                       "length of a step does not grow with n; equal weights when every site has "
                       "a twin",
             .parameters = kGoldParameters,
             .needs = {.geometry = true, .memory = MemoryRows::kPerRow},
             .supports = foolsgold_supports,
             .combine = foolsgold},
    RuleInfo{.name = "signguard",
             .id = 45,
             .summary = "Mean, clipped to the median norm, of the rows with a usual norm in the "
                        "largest cluster of sign shares on a random tenth of the coordinates.",
             .breaks = "Attacks that keep the shares of signs (Min-Max, Min-Sum, permuted signs) "
                       "pass. With fewer than about eight sites clusters are accidents.",
             .cost = "O(n^2 d) for the norms, O(n d / 10) for the signs, two passes over the "
                     "updates",
             .requirement = "n > 2f",
             .source = "Xu, Huang, Song, Lan, \"Byzantine-robust Federated Learning through "
                       "Collaborative Malicious Gradient Filtering\", ICDCS 2022, with "
                       "mean shift, which starts at every point instead of binned ones; where the "
                       "two filters keep no row in common, the norm filter alone",
             .needs = {.geometry = true, .columns = true},
             .supports = signguard_supports,
             .combine = signguard},
    RuleInfo{.name = "clipped-clustering",
             .id = 46,
             .summary = "Rows clipped to the median norm of the whole history; mean of the larger "
                        "of two clusters by angle.",
             .breaks = "Two clusters are cut even when nobody attacks, which drops the honest "
                       "sites with unusual data. Where hostile rows are the tighter group of a "
                       "split honest side, they are kept.",
             .cost = "O(n^2 d) for the distances and O(n^3), two passes over the updates",
             .requirement = "n > 2f",
             .source = "Li, Ngai, Voigt, \"An Experimental Study of Byzantine-Robust Aggregation "
                       "Schemes in Federated Learning\", IEEE Transactions on Big Data 2023, "
                       "where the rule is called ClippedClustering; the newest 65536 norms are the "
                       "history, and of two equal "
                       "clusters the one with the lowest row is kept",
             .needs = {.geometry = true, .figures = true},
             .supports = clipped_clustering_supports,
             .combine = clipped_clustering},
    RuleInfo{.name = "flame",
             .id = 47,
             .summary = "Mean, clipped to the median norm, of the first group of more than half of "
                        "the rows that single linkage joins by angle.",
             .breaks = "Hostile rows near the honest directions join the group. When honest sites' "
                       "angles differ widely, almost half of them are dropped. Without noise, the "
                       "default, the paper's bound on backdoors does not hold; its noise follows "
                       "from the round's seed, so it is no differential privacy towards sites and "
                       "auditors, and noise below one fixed-point step is rounded away.",
             .cost = "O(n^2 d) for the distances, two passes over the updates",
             .requirement = "n > 2f",
             .source = "Nguyen et al., \"FLAME: Taming Backdoors in Federated Learning\", USENIX "
                       "Security 2022, with HDBSCAN in the form that its least "
                       "cluster size of n / 2 + 1 leaves",
             .parameters = kFlameParameters,
             .needs = {.geometry = true},
             .supports = flame_supports,
             .combine = flame},
    RuleInfo{.name = "norm-difference-clipping",
             .id = 48,
             .summary = "Mean of the rows, each scaled down to a fixed norm if it is longer.",
             .breaks = "Bounds what one row can do, nothing more: f rows that point the wrong way "
                       "still move the aggregate by f / n of the norm.",
             .cost = "O(n^2 d) for the norms, two passes over the updates",
             .requirement = "n >= 1",
             .source = "Sun, Kairouz, Suresh, McMahan, \"Can You Really Backdoor Federated "
                       "Learning?\", 2019, without the noise; equal to the step "
                       "norm-clip in front of mean, with one rounding fewer",
             .parameters = kNormParameters,
             .needs = {.geometry = true},
             .supports = norm_difference_supports,
             .combine = norm_difference_clipping},
    RuleInfo{.name = "weighted-mean",
             .id = 49,
             .summary = "Mean of the rows by the weights that sites claim for themselves, each "
                        "capped at a multiple of the median claim.",
             .breaks = "As mean: one hostile row moves it anywhere. Sites gain by claiming up to "
                       "the cap, so claims above it say nothing.",
             .cost = "O(n d), one pass over the updates",
             .requirement = "n > 2f (so that the median claim lies among honest ones)",
             .source = "McMahan, Moore, Ramage, Hampson, Aguera y Arcas, "
                       "\"Communication-Efficient Learning of Deep Networks from Decentralized "
                       "Data\", AISTATS 2017, algorithm 1, where claims are not capped; plain mean "
                       "where more than half of the sites claim nothing",
             .parameters = kClaimParameters,
             .needs = {.claims = true},
             .supports = weighted_mean_supports,
             .combine = weighted_mean},
    RuleInfo{.name = "weiszfeld-steps",
             .id = 50,
             .summary = "A fixed number of smoothed Weiszfeld steps from the zero vector: the "
                        "geometric median as other libraries ship it.",
             .breaks = "f sites that send zeros keep it near zero. For comparison with published "
                       "figures; use geometric-median.",
             .cost = "O(n^2 d) for the distances and O(n^2) for each step, two passes over the "
                     "updates",
             .requirement = "n > 2f",
             .source =
                 "Pillutla, Kakade, Harchaoui, \"Robust Aggregation for Federated "
                 "Learning\", IEEE Transactions on Signal Processing 2022, smoothed Weiszfeld, "
                 "from zero as in ByzFL (nu = 0.1, 3 steps)",
             .parameters = kStepParameters,
             .needs = {.geometry = true},
             .supports = weiszfeld_steps_supports,
             .combine = weiszfeld_steps},
};

}  // namespace

std::span<const RuleInfo> weighting_rules() noexcept {
    return kRules;
}

}  // namespace fedstake::aggregation
