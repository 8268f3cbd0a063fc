// <x_i - m, x_j - m> = (|x_i - m|^2 + |x_j - m|^2 - |x_i - x_j|^2) / 2.
#include "aggregation/rules/gram.hpp"

#include "proto/base/check.hpp"

namespace fedstake::aggregation {
namespace {

// to_mean[a]: the square from rows[a] to the mean.
std::vector<double> gram_about(const Geometry& geometry, std::span<const std::size_t> rows,
                               std::span<const double> to_mean) {
    std::vector<double> gram;
    gram.reserve(rows.size() * rows.size());
    for (std::size_t a = 0; a < rows.size(); ++a) {
        for (std::size_t b = 0; b < rows.size(); ++b) {
            gram.push_back((to_mean[a] + to_mean[b] - geometry.square(rows[a], rows[b])) / 2.0);
        }
    }
    return gram;
}

}  // namespace

std::vector<double> centred_gram(const Geometry& geometry, std::span<const std::size_t> rows) {
    FS_CHECK(!rows.empty());
    const auto count = static_cast<double>(rows.size());
    std::vector<double> to_mean(rows.size(), 0.0);
    double total = 0.0;
    for (std::size_t a = 0; a < rows.size(); ++a) {
        for (const std::size_t other : rows) {
            to_mean[a] += geometry.square(rows[a], other);
        }
        total += to_mean[a];
    }
    const double spread = total / (2.0 * count * count);
    for (double& value : to_mean) {
        value = value / count - spread;
    }
    return gram_about(geometry, rows, to_mean);
}

std::vector<double> centred_gram(const Geometry& geometry, std::span<const std::size_t> rows,
                                 const std::vector<double>& weights) {
    const std::vector<double> all = geometry.squares_to(weights);
    std::vector<double> to_mean;
    for (const std::size_t row : rows) {
        to_mean.push_back(all[row]);
    }
    return gram_about(geometry, rows, to_mean);
}

}  // namespace fedstake::aggregation
