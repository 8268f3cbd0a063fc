// Row by row, in double, with the overflow-free forms of softplus and log-sum-exp.
#include "client/training/evaluation.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "proto/base/check.hpp"

namespace fedstake::training {

namespace {

double softplus(double x) {
    return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x)));
}

double log_sum_exp(std::span<const float> row) {
    const auto largest = static_cast<double>(*std::max_element(row.begin(), row.end()));
    double sum = 0.0;
    for (const float value : row) sum += std::exp(static_cast<double>(value) - largest);
    return largest + std::log(sum);
}

// Chance that a positive scores above a negative (Mann-Whitney), ties count one half.
std::optional<double> auc(std::span<const double> scores, std::span<const std::int32_t> labels) {
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
    double negatives = 0.0;
    double positives = 0.0;
    double wins = 0.0;
    for (std::size_t i = 0; i < order.size();) {
        double tied_positives = 0.0;
        double tied_negatives = 0.0;
        const double score = scores[order[i]];
        for (; i < order.size() && scores[order[i]] == score; ++i) {
            (labels[order[i]] == 1 ? tied_positives : tied_negatives) += 1.0;
        }
        wins += tied_positives * (negatives + tied_negatives / 2.0);
        negatives += tied_negatives;
        positives += tied_positives;
    }
    if (negatives == 0.0 || positives == 0.0) return std::nullopt;
    return wins / (negatives * positives);
}

}  // namespace

Evaluation evaluate_logits(std::span<const float> logits, std::size_t outputs,
                           std::span<const std::int32_t> labels) {
    FS_CHECK(logits.size() == outputs * labels.size());
    Evaluation result;
    result.rows = labels.size();
    // NaN has no place in an ordering.
    const bool ordered =
        std::none_of(logits.begin(), logits.end(), [](float z) { return std::isnan(z); });
    std::vector<double> scores;
    double loss = 0.0;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const auto row = logits.subspan(i * outputs, outputs);
        const auto label = static_cast<std::size_t>(labels[i]);
        std::size_t predicted = 0;
        if (outputs == 1) {
            const auto z = static_cast<double>(row[0]);
            predicted = z > 0.0 ? 1 : 0;
            loss += softplus(label == 1 ? -z : z);
            scores.push_back(z);
        } else {
            predicted = static_cast<std::size_t>(
                std::distance(row.begin(), std::max_element(row.begin(), row.end())));
            loss += log_sum_exp(row) - static_cast<double>(row[label]);
            if (outputs == 2) {
                scores.push_back(static_cast<double>(row[1]) - static_cast<double>(row[0]));
            }
        }
        if (predicted == label) ++result.correct;
    }
    if (!labels.empty()) result.loss = loss / static_cast<double>(labels.size());
    if (ordered && outputs <= 2) result.auc = auc(scores, labels);
    return result;
}

}  // namespace fedstake::training
