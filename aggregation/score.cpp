// Scores from cosines.
#include "aggregation/score.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "proto/base/limits.hpp"

namespace fedstake::aggregation {
namespace {

double inner(const Geometry& geometry, const ScoredRow& a, const ScoredRow& b) {
    double sum = 0.0;
    for (const std::size_t i : a.members) {
        for (const std::size_t j : b.members) {
            sum += i == j ? geometry.norm_square(i) : geometry.inner(i, j);
        }
    }
    return sum / static_cast<double>(a.members.size() * b.members.size());
}

class CosineMatrix {
public:
    CosineMatrix(const Geometry& geometry, std::span<const ScoredRow> rows)
        : n_(rows.size()), values_(n_ * n_, 1.0) {
        for (const ScoredRow& row : rows) {
            norms_.push_back(std::sqrt(std::max(0.0, inner(geometry, row, row))));
        }
        for (std::size_t i = 0; i < n_; ++i) {
            for (std::size_t j = 0; j < i; ++j) {
                const double lengths = norms_[i] * norms_[j];
                const double cosine =
                    lengths == 0.0
                        ? 0.0
                        : std::clamp(inner(geometry, rows[i], rows[j]) / lengths, -1.0, 1.0);
                values_[i * n_ + j] = cosine;
                values_[j * n_ + i] = cosine;
            }
            if (norms_[i] == 0.0) {
                values_[i * n_ + i] = 0.0;
            }
        }
    }

    [[nodiscard]] std::size_t size() const noexcept { return n_; }
    [[nodiscard]] double at(std::size_t i, std::size_t j) const noexcept {
        return values_[i * n_ + j];
    }
    [[nodiscard]] const std::vector<double>& norms() const noexcept { return norms_; }

private:
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

std::vector<std::uint64_t> contribution_scores(const Geometry& geometry,
                                               std::span<const ScoredRow> rows) {
    std::vector<std::uint64_t> scores(geometry.rows(), 0);
    std::vector<ScoredRow> counted;
    for (const ScoredRow& row : rows) {
        if (row.weight > 0.0) {
            counted.push_back(row);
        }
    }
    if (counted.empty()) {
        return scores;
    }
    const CosineMatrix cosines(geometry, counted);
    const std::vector<double> shares = shares_of(cosines);
    const std::vector<double> along = agreement(cosines, shares);
    std::vector<double> lengths;  // in the aggregate
    for (std::size_t i = 0; i < counted.size(); ++i) {
        lengths.push_back(cosines.norms()[i] * counted[i].weight);
    }
    const double reference = weighted_median(lengths, shares);
    for (std::size_t i = 0; i < counted.size(); ++i) {
        const double length = lengths[i];
        const double magnitude =
            length >= reference ? (length > 0.0 ? 1.0 : 0.0) : length / reference;
        const double direction = 0.5 * (1.0 + along[i]);
        const double value = shares[i] * (direction * direction) * magnitude;
        const auto score =
            static_cast<std::uint64_t>(std::floor(value * static_cast<double>(limits::kScoreMax)));
        for (const std::size_t member : counted[i].members) {
            scores[member] = score / counted[i].members.size();
        }
    }
    return scores;
}

std::vector<std::uint64_t> contribution_scores(const Geometry& geometry) {
    std::vector<ScoredRow> rows(geometry.rows());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i].members = {i};
    }
    return contribution_scores(geometry, rows);
}

}  // namespace fedstake::aggregation
