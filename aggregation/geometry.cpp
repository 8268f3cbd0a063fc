// Geometry of rows and of combinations of rows.
#include "aggregation/geometry.hpp"

#include <algorithm>
#include <cmath>

#include "proto/base/check.hpp"

namespace fedstake::aggregation {
namespace {

// The row whose median square to the other rows is the least: near most rows, wherever a hostile
// one lies. Inner products about it lose nothing to a far row.
std::size_t medoid(const Geometry& geometry) {
    std::size_t best = 0;
    double least = 0.0;
    std::vector<double> squares(geometry.rows());
    for (std::size_t i = 0; i < geometry.rows(); ++i) {
        for (std::size_t j = 0; j < geometry.rows(); ++j) {
            squares[j] = geometry.square(i, j);
        }
        const auto middle = squares.begin() + static_cast<std::ptrdiff_t>(squares.size() / 2);
        std::nth_element(squares.begin(), middle, squares.end());
        if (i == 0 || *middle < least) {
            best = i;
            least = *middle;
        }
    }
    return best;
}

// Points of the mapped geometry as affine combinations of the old points: old rows, zero, centre.
std::vector<std::vector<double>> affine_weights(const RowMap& map, std::size_t points) {
    std::vector<std::vector<double>> result;
    const auto denominator = static_cast<double>(map.denominator());
    for (std::size_t i = 0; i < map.rows_out(); ++i) {
        std::vector<double> weights(points, 0.0);
        std::uint64_t rest = map.denominator();
        for (std::size_t a = 0; a < map.rows_in(); ++a) {
            weights[a] = static_cast<double>(map.weight(i, a)) / denominator;
            rest -= map.weight(i, a);
        }
        weights[map.rows_in()] = static_cast<double>(rest) / denominator;
        result.push_back(std::move(weights));
    }
    for (std::size_t anchor = 0; anchor < kAnchors; ++anchor) {
        std::vector<double> weights(points, 0.0);
        weights[map.rows_in() + anchor] = 1.0;
        result.push_back(std::move(weights));
    }
    return result;
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0.0;
    for (std::size_t k = 0; k < a.size(); ++k) {
        sum += a[k] * b[k];
    }
    return sum;
}

}  // namespace

Geometry::Geometry(std::size_t rows)
    : rows_(rows), points_(rows + kAnchors), squares_(points_ * points_, 0.0) {}

Geometry::Geometry(const Distances& distances) : Geometry(distances.rows()) {
    for (std::size_t i = 0; i < points_; ++i) {
        for (std::size_t j = i + 1; j < points_; ++j) {
            set(i, j, to_double(distances.between(i, j)));
        }
    }
}

double Geometry::norm(std::size_t i) const noexcept {
    return std::sqrt(norm_square(i));
}

double Geometry::inner(std::size_t i, std::size_t j) const noexcept {
    return (norm_square(i) + norm_square(j) - square(i, j)) / 2.0;
}

double Geometry::cosine(std::size_t i, std::size_t j) const noexcept {
    const double norms = norm(i) * norm(j);
    return norms > 0.0 ? std::clamp(inner(i, j) / norms, -1.0, 1.0) : 0.0;
}

// |x_i - z|^2 = sum over j of w_j |x_i - x_j|^2 - |spread of w|, which is half the weighted sum of
// all squares.
std::vector<double> Geometry::squares_to(const std::vector<double>& weights) const {
    FS_CHECK(weights.size() == rows_);
    std::vector<double> result(rows_, 0.0);
    for (std::size_t i = 0; i < rows_; ++i) {
        for (std::size_t j = 0; j < rows_; ++j) {
            result[i] += weights[j] * square(i, j);
        }
    }
    const double spread = dot(weights, result) / 2.0;
    for (double& value : result) {
        value = std::max(0.0, value - spread);
    }
    return result;
}

void Geometry::set(std::size_t i, std::size_t j, double square) noexcept {
    squares_[i * points_ + j] = square;
    squares_[j * points_ + i] = square;
}

Geometry Geometry::first(std::size_t rows) const {
    FS_CHECK(rows <= rows_);
    Geometry result(rows);
    const auto old_point = [&](std::size_t point) {
        return point < rows ? point : point - rows + rows_;
    };
    for (std::size_t i = 0; i < result.points_; ++i) {
        for (std::size_t j = i + 1; j < result.points_; ++j) {
            result.set(i, j, square(old_point(i), old_point(j)));
        }
    }
    return result;
}

// With inner products G_ab of the old points about one of them, |y_i - y_j|^2 is the square of
// u = w_i - w_j under G.
Geometry Geometry::mapped(const RowMap& map) const {
    FS_CHECK(map.rows_in() == rows_);
    if (map.is_identity()) {
        return *this;
    }
    const std::size_t origin = medoid(*this);
    const auto inner_about_origin = [&](std::size_t a, std::size_t b) {
        return (square(a, origin) + square(b, origin) - square(a, b)) / 2.0;
    };
    const std::vector<std::vector<double>> weights = affine_weights(map, points_);
    // products[i][b] = sum over a of w_i[a] G_ab
    std::vector<std::vector<double>> products(weights.size(), std::vector<double>(points_, 0.0));
    for (std::size_t i = 0; i < weights.size(); ++i) {
        for (std::size_t a = 0; a < points_; ++a) {
            if (weights[i][a] == 0.0) {
                continue;
            }
            for (std::size_t b = 0; b < points_; ++b) {
                products[i][b] += weights[i][a] * inner_about_origin(a, b);
            }
        }
    }
    Geometry result(map.rows_out());
    for (std::size_t i = 0; i < weights.size(); ++i) {
        for (std::size_t j = i + 1; j < weights.size(); ++j) {
            if (weights[i] == weights[j]) {
                continue;  // the same point
            }
            double sum = 0.0;
            for (std::size_t b = 0; b < points_; ++b) {
                sum += (products[i][b] - products[j][b]) * (weights[i][b] - weights[j][b]);
            }
            result.set(i, j, std::max(0.0, sum));
        }
    }
    return result;
}

}  // namespace fedstake::aggregation
