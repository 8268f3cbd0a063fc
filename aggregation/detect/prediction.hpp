// FLDetector: how well a site's update fits what its last one and the model's change predict.
//
//   predicted x_i = x_i' + B (w_t - w_(t-1))
// with x_i' the site's last update, w the models, and B the compact L-BFGS matrix of the pairs
// (w_k - w_(k-1), mean update of round k - that of round k - 1). All of it is a combination of a
// few vectors, so the error |x_i - predicted x_i| needs their inner products only.
//
// Zhang, Cao, Jia, Gong, "FLDetector: Defending Federated Learning Against Model Poisoning Attacks
// via Detecting Malicious Clients", KDD 2022, section 3. The matrix is that of Byrd,
// Nocedal, Schnabel, "Representations of quasi-Newton matrices", 1994, theorem 2.3. Differs: pairs
// that make the small system singular are left out, oldest first; the two clusters are exact, not
// started at random; reference samples of the gap statistic are stretched to the range of the
// scores, as these are, since a few uniform values hardly ever span it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "aggregation/detect/own_history.hpp"
#include "aggregation/geometry.hpp"

namespace fedstake::aggregation::detect {

inline constexpr std::size_t kPredictionRounds = 10;  // pairs, and rounds in the mean of errors

struct PredictionRows {
    OwnRows own;
    // Rows that hold w_k - w_(k-1), oldest first. The last led to the model of this round; those
    // before it make the pairs, of which the newest kPredictionRounds are used.
    std::span<const std::size_t> changes;
    // Rows that hold mean updates: means[k] of the round that started where changes[k] began, so
    // the last one is of the round before this one. As many as changes.
    std::span<const std::size_t> means;
};

// Each site's error over the sum of all errors; nothing for a site without a last update. All zero
// where every prediction is exact. Without pairs the prediction is the last update.
// REQUIRES changes and means of one size >= 1. O(p^2 + p^3 + n p) for p pairs.
[[nodiscard]] std::vector<std::optional<double>> prediction_errors(const Geometry& geometry,
                                                                   const PredictionRows& rows);

struct TwoGroups {
    bool found = false;     // more than one cluster, and the upper one is a minority
    double boundary = 0.0;  // middle between the largest low and the smallest high value
};
// Gap statistic (Tibshirani, Walther, Hastie 2001) for one cluster against two, with 20 uniform
// reference samples from `seed`. Fewer than four values are one cluster. O(n^2).
[[nodiscard]] TwoGroups two_groups(std::span<const double> values, std::uint64_t seed);

}  // namespace fedstake::aggregation::detect
