// Scores from cosines.
#include "aggregation/score.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "proto/base/limits.hpp"

namespace fedstake::aggregation {
namespace {

class CosineMatrix {
public:
    explicit CosineMatrix(const Distances& distances) : n_(distances.rows()), values_(n_ * n_) {
        for (std::size_t i = 0; i < n_; ++i) {
            norms_.push_back(std::sqrt(to_double(distances.norm(i))));
        }
        for (std::size_t i = 0; i < n_; ++i) {
            for (std::size_t j = 0; j < n_; ++j) {
                values_[i * n_ + j] = cosine(distances, i, j);
            }
        }
    }

    [[nodiscard]] std::size_t size() const noexcept { return n_; }
    [[nodiscard]] double at(std::size_t i, std::size_t j) const noexcept {
        return values_[i * n_ + j];
    }
    [[nodiscard]] const std::vector<double>& norms() const noexcept { return norms_; }

private:
    [[nodiscard]] double cosine(const Distances& distances, std::size_t i, std::size_t j) const {
        const double lengths = norms_[i] * norms_[j];
        if (lengths == 0.0) {
            return 0.0;
        }
        return i == j ? 1.0 : std::clamp(to_double(distances.inner(i, j)) / lengths, -1.0, 1.0);
    }

    std::size_t n_;
    std::vector<double> norms_;
    std::vector<double> values_;
};

std::vector<double> shares_of(const CosineMatrix& cosines) {
    std::vector<double> shares(cosines.size());
    for (std::size_t i = 0; i < shares.size(); ++i) {
        double alike = 1.0;
        for (std::size_t j = 0; j < shares.size(); ++j) {
            if (j != i) {
                alike += std::max(0.0, 4.0 * cosines.at(i, j) - 3.0);
            }
        }
        shares[i] = 1.0 / alike;
    }
    return shares;
}

// The least norm at which at least half of all shares is reached.
double weighted_median(const std::vector<double>& norms, const std::vector<double>& shares) {
    std::vector<std::size_t> order(norms.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return norms[a] < norms[b]; });
    const double half = 0.5 * std::accumulate(shares.begin(), shares.end(), 0.0);
    double reached = 0.0;
    for (const std::size_t index : order) {
        reached += shares[index];
        if (reached >= half) {
            return norms[index];
        }
    }
    return norms[order.back()];
}

// cos(x_i, g) for every row.
std::vector<double> agreement(const CosineMatrix& cosines, const std::vector<double>& shares) {
    std::vector<double> along(shares.size(), 0.0);
    double square = 0.0;
    for (std::size_t i = 0; i < shares.size(); ++i) {
        for (std::size_t j = 0; j < shares.size(); ++j) {
            along[i] += shares[j] * cosines.at(i, j);
        }
        square += shares[i] * along[i];
    }
    const double length = square > 0.0 ? std::sqrt(square) : 0.0;
    for (double& value : along) {
        value = length > 0.0 ? std::clamp(value / length, -1.0, 1.0) : 0.0;
    }
    return along;
}

}  // namespace

std::vector<std::uint64_t> contribution_scores(const Distances& distances) {
    const CosineMatrix cosines(distances);
    std::vector<std::uint64_t> scores(cosines.size(), 0);
    if (scores.empty()) {
        return scores;
    }
    const std::vector<double> shares = shares_of(cosines);
    const std::vector<double> along = agreement(cosines, shares);
    const double reference = weighted_median(cosines.norms(), shares);
    for (std::size_t i = 0; i < scores.size(); ++i) {
        const double norm = cosines.norms()[i];
        const double magnitude = norm >= reference ? (norm > 0.0 ? 1.0 : 0.0) : norm / reference;
        const double direction = 0.5 * (1.0 + along[i]);
        const double value = shares[i] * (direction * direction) * magnitude;
        scores[i] =
            static_cast<std::uint64_t>(std::floor(value * static_cast<double>(limits::kScoreMax)));
    }
    return scores;
}

}  // namespace fedstake::aggregation
