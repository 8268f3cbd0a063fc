#include "tests/aggregation/detect/federation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace fedstake::aggregation::detect::testing {
namespace {

double square_between(const Row& a, const Row& b) {
    double sum = 0.0;
    for (std::size_t k = 0; k < a.size(); ++k) sum += (a[k] - b[k]) * (a[k] - b[k]);
    return sum;
}

Row mean_of(const std::vector<Row>& rows) {
    Row mean(rows.front().size(), 0.0);
    for (const Row& row : rows) mean = sum_of(mean, row);
    return scaled(mean, 1.0 / static_cast<double>(rows.size()));
}

Row deviation_of(const std::vector<Row>& rows, const Row& mean) {
    Row result(mean.size(), 0.0);
    for (std::size_t k = 0; k < mean.size(); ++k) {
        for (const Row& row : rows) result[k] += (row[k] - mean[k]) * (row[k] - mean[k]);
        result[k] = std::sqrt(result[k] / static_cast<double>(rows.size() - 1));
    }
    return result;
}

double median_norm(const std::vector<Row>& rows) {
    std::vector<double> norms;
    for (const Row& row : rows) norms.push_back(norm_of(row));
    std::sort(norms.begin(), norms.end());
    return norms[norms.size() / 2];
}

Row noise_of_norm(Rng& rng, std::size_t coordinates, double norm) {
    const Row noise = random_row(rng, coordinates);
    return scaled(noise, norm / norm_of(noise));
}

}  // namespace

double about_normal(Rng& rng) {
    double sum = -6.0;
    for (int k = 0; k < 12; ++k) sum += rng.uniform();
    return sum;
}

Row random_row(Rng& rng, std::size_t coordinates) {
    Row row(coordinates);
    for (double& value : row) value = about_normal(rng);
    return row;
}

Row scaled(const Row& row, double factor) {
    Row result = row;
    for (double& value : result) value *= factor;
    return result;
}

Row sum_of(const Row& a, const Row& b) {
    Row result = a;
    for (std::size_t k = 0; k < a.size(); ++k) result[k] += b[k];
    return result;
}

double norm_of(const Row& row) {
    return std::sqrt(square_between(row, Row(row.size(), 0.0)));
}

Row centre_of(const std::vector<Row>& rows) {
    Row centre;
    for (std::size_t k = 0; k < rows.front().size(); ++k) {
        std::vector<double> column;
        for (const Row& row : rows) column.push_back(row[k]);
        std::sort(column.begin(), column.end());
        const std::size_t n = column.size();
        centre.push_back(0.5 * (column[(n - 1) / 2] + column[n / 2]));
    }
    return centre;
}

Geometry geometry_of(const std::vector<Row>& rows, std::size_t centred) {
    Geometry geometry(rows.size());
    std::vector<Row> points = rows;
    points.emplace_back(rows.front().size(), 0.0);
    points.push_back(
        centre_of({rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(centred)}));
    for (std::size_t i = 0; i < points.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j)
            geometry.set(i, j, square_between(points[i], points[j]));
    }
    return geometry;
}

Geometry geometry_of(const std::vector<Row>& rows) {
    return geometry_of(rows, rows.size());
}

std::string_view attack_name(Attack attack) {
    constexpr std::array<std::string_view, kAttacks> kNames = {
        "none",
        "sign flip, -4 x own",
        "scaling, 10 x own",
        "Gaussian, median norm",
        "ALIE, mean - 1.5 sd",
        "IPM, -0.1 x mean",
        "IPM, -2 x mean",
        "mimic, 1 % noise",
        "lazy resend, 1 % noise",
        "on-off, -1 x own in odd rounds",
        "sybils: copies, 1 % noise",
        "sybils: noise of half the norm",
        "sybils: split, x / k each",
        "sybils: +z and -z of full norm",
        "sybils: one at a time, others silent",
    };
    return kNames[static_cast<std::size_t>(attack)];
}

bool is_coalition(Attack attack) {
    return attack >= Attack::kSybilCopies;
}

Federation::Federation(const World& world, Attack attack, std::size_t hostile, std::uint64_t seed)
    : world_(&world),
      attack_(attack),
      hostile_(hostile),
      rng_(seed),
      model_(world.coordinates(), 0.0) {}

std::vector<std::optional<Row>> Federation::next_round() {
    ++round_;
    std::vector<Row> honest;
    for (std::size_t i = 0; i < world_->honest(); ++i) {
        honest.push_back(world_->train(i, model_, rng_));
    }
    std::vector<std::optional<Row>> all(honest.begin(), honest.end());
    for (std::optional<Row>& row : hostile_rows(honest)) all.push_back(std::move(row));
    return all;
}

void Federation::apply(const Row& aggregate) {
    model_ = sum_of(model_, aggregate);
}

Row Federation::collective(std::size_t k, const Row& poisoned, const Row& noise) {
    const std::size_t d = poisoned.size();
    const double norm = norm_of(poisoned);
    switch (attack_) {
        case Attack::kSybilNoisy: return sum_of(poisoned, noise_of_norm(rng_, d, 0.5 * norm));
        case Attack::kSybilSplit: {
            const Row share = scaled(poisoned, 1.0 / static_cast<double>(hostile_));
            return sum_of(share, noise_of_norm(rng_, d, 0.01 * norm_of(share)));
        }
        case Attack::kSybilOpposite:
            // Pairs of +z and -z; the last of an odd number goes without.
            if (k % 2 == 0 && k + 1 == hostile_) return poisoned;
            return sum_of(poisoned, scaled(noise, k % 2 == 0 ? 1.0 : -1.0));
        default: return sum_of(poisoned, noise_of_norm(rng_, d, 0.01 * norm));
    }
}

std::vector<std::optional<Row>> Federation::hostile_rows(const std::vector<Row>& honest) {
    std::vector<std::optional<Row>> result;
    const std::size_t d = world_->coordinates();
    const Row mean = mean_of(honest);
    const Row poisoned = world_->poisoned(model_, rng_);
    const Row noise = noise_of_norm(rng_, d, norm_of(poisoned));
    for (std::size_t k = 0; k < hostile_; ++k) {
        const Row own = world_->train(honest.size() + k, model_, rng_);
        std::optional<Row> row = own;
        switch (attack_) {
            case Attack::kNone: break;
            case Attack::kSignFlip: row = scaled(own, -4.0); break;
            case Attack::kScaling: row = scaled(own, 10.0); break;
            case Attack::kGaussian: row = noise_of_norm(rng_, d, median_norm(honest)); break;
            case Attack::kAlie:
                row = sum_of(mean, scaled(deviation_of(honest, mean), -1.5));
                row = sum_of(*row, noise_of_norm(rng_, d, 0.01 * norm_of(*row)));
                break;
            case Attack::kIpmSmall:
            case Attack::kIpmLarge:
                row = scaled(mean, attack_ == Attack::kIpmSmall ? -0.1 : -2.0);
                row = sum_of(*row, noise_of_norm(rng_, d, 0.01 * norm_of(*row)));
                break;
            case Attack::kMimic:
                row = sum_of(honest[0], noise_of_norm(rng_, d, 0.01 * norm_of(honest[0])));
                break;
            case Attack::kLazy:
                if (round_ > 1) {
                    row = sum_of(last_[k], noise_of_norm(rng_, d, 0.01 * norm_of(last_[k])));
                }
                break;
            case Attack::kOnOff:
                if (round_ % 2 == 1) row = scaled(own, -1.0);
                break;
            case Attack::kSybilTurns:
                row = collective(k, poisoned, noise);
                if (round_ % hostile_ != k) row.reset();
                break;
            default: row = collective(k, poisoned, noise); break;
        }
        result.push_back(std::move(row));
    }
    last_.clear();
    for (const std::optional<Row>& row : result) last_.push_back(row.value_or(Row(d, 0.0)));
    return result;
}

}  // namespace fedstake::aggregation::detect::testing
