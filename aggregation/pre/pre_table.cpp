// The table and its texts.
#include "aggregation/pre/pre_table.hpp"

#include <array>

#include "aggregation/pre/arc.hpp"
#include "aggregation/pre/bucketing.hpp"
#include "aggregation/pre/clipping.hpp"
#include "aggregation/pre/nnm.hpp"

namespace fedstake::aggregation {
namespace {

constexpr std::array kClipNorm{
    ParameterInfo{.name = "norm",
                  .meaning = "largest L2 norm of an update, in model units",
                  .minimum = kClipNormMin,
                  .maximum = kClipNormMax,
                  .required = true}};
constexpr std::array kBucketSize{ParameterInfo{.name = "s",
                                               .meaning = "rows in a group; default 2",
                                               .minimum = 1.0,
                                               .maximum = 512.0,
                                               .integer = true}};

constexpr std::array kPreAggregations{
    PreInfo{.name = "norm-clip",
            .id = 1,
            .summary = "Scales an update whose norm is above the limit down to it.",
            .breaks = "A limit below honest norms slows training; one far above them does "
                      "nothing. Directions are not looked at.",
            .cost = "O(n) behind the norms",
            .requirement = "n >= 1",
            .source = "Sun, Kairouz, Suresh, McMahan, \"Can You Really Backdoor Federated "
                      "Learning?\", 2019",
            .parameters = kClipNorm,
            .supports = norm_clip_supports,
            .apply = norm_clip},
    PreInfo{.name = "arc",
            .id = 10,
            .summary = "Adaptive robust clipping: scales the floor(2 f (n - f) / n) longest "
                       "updates down to the norm of the longest of the others.",
            .breaks = "Shortens honest updates in every round, attacked or not; sites with rare "
                      "data are often the longest.",
            .cost = "O(n log n) behind the norms",
            .requirement = "n > 2f",
            .source = "Allouah, Guerraoui, Gupta, Jellouli, Rizk, Stephan, \"Adaptive Gradient "
                      "Clipping for Robust Federated Learning\", ICLR 2025",
            .supports = arc_supports,
            .apply = arc},
    PreInfo{.name = "nnm",
            .id = 11,
            .summary = "Nearest-neighbour mixing: each update becomes the mean of the n - f "
                       "updates nearest to it, itself included.",
            .breaks = "Its gain is of the order f / n: for ten sites or fewer it can make "
                      "trimmed-mean worse. Sites with rare data are averaged away.",
            .cost = "O(n^2 log n) behind the distances",
            .requirement = "n > 2f",
            .source = "Allouah, Farhadkhani, Guerraoui, Gupta, Pinot, Stephan, \"Fixing by Mixing: "
                      "A Recipe for Optimal Byzantine ML under Heterogeneity\", AISTATS 2023",
            .supports = nnm_supports,
            .mixes = true,
            .apply = nnm},
    PreInfo{.name = "bucketing",
            .id = 12,
            .summary = "Puts the updates into random groups of s and replaces each group by its "
                       "mean.",
            .breaks = "f hostile updates may spoil f of only n / s groups, so the share that is "
                      "tolerated falls by the factor s.",
            .cost = "O(n^2)",
            .requirement = "2f < ceil(n / s)",
            .source = "Karimireddy, He, Jaggi, \"Byzantine-Robust Learning on Heterogeneous "
                      "Datasets via Bucketing\", ICLR 2022; the permutation follows from the "
                      "round's seed",
            .parameters = kBucketSize,
            .supports = bucketing_supports,
            .rows_after = buckets_of,
            .mixes = true,
            .apply = bucketing},
};

}  // namespace

std::span<const PreInfo> pre_aggregations() noexcept {
    return kPreAggregations;
}

}  // namespace fedstake::aggregation
