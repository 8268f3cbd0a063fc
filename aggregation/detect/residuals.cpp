// Adds one round's inner products of residuals to a history.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <vector>

#include "aggregation/detect/coalitions.hpp"
#include "aggregation/rules/row_figures.hpp"
#include "proto/base/check.hpp"

namespace fedstake::aggregation::detect {
namespace {

// The n - f of these rows with the least sums of squares to their n - f - 1 nearest.
std::vector<std::size_t> core_of(const Geometry& geometry, std::span<const std::size_t> rows,
                                 std::size_t f) {
    const std::size_t kept = rows.size() > 2 * f ? rows.size() - f : rows.size() / 2 + 1;
    std::vector<double> scores;
    for (const std::size_t row : rows) {
        std::vector<double> squares;
        for (const std::size_t other : rows) {
            squares.push_back(geometry.square(row, other));
        }
        std::sort(squares.begin(), squares.end());
        scores.push_back(std::accumulate(squares.begin(),
                                         squares.begin() + static_cast<std::ptrdiff_t>(kept), 0.0));
    }
    std::vector<std::size_t> order = first_rows(rows.size());
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
    order.resize(kept);
    std::sort(order.begin(), order.end());
    for (std::size_t& index : order) {
        index = rows[index];
    }
    return order;
}

// Inner products of residuals: <x_a - m, y_b - m'> for the rows a of one round and b of another, m
// and m' the means of their cores.
class Residuals {
public:
    Residuals(const Geometry& geometry, std::span<const std::size_t> rows,
              std::span<const std::size_t> core, std::span<const std::size_t> others,
              std::span<const std::size_t> others_core)
        : geometry_(&geometry) {
        for (const std::size_t row : rows) {
            to_core_.push_back(mean_inner(row, others_core));
        }
        for (const std::size_t row : others) {
            from_core_.push_back(mean_inner(row, core));
        }
        for (const std::size_t row : core) {
            between_ += mean_inner(row, others_core) / static_cast<double>(core.size());
        }
    }

    // a and b are positions in the two lists, `raw` is <x_a, y_b>.
    [[nodiscard]] double product(std::size_t a, std::size_t b, double raw) const {
        return raw - to_core_[a] - from_core_[b] + between_;
    }

private:
    [[nodiscard]] double mean_inner(std::size_t row, std::span<const std::size_t> core) const {
        double sum = 0.0;
        for (const std::size_t member : core) {
            sum += geometry_->inner(row, member);
        }
        return sum / static_cast<double>(core.size());
    }

    const Geometry* geometry_;
    std::vector<double> to_core_;
    std::vector<double> from_core_;
    double between_ = 0.0;
};

// |x - m|^2 of each row.
std::vector<double> energies(const Geometry& geometry, std::span<const std::size_t> rows,
                             std::span<const std::size_t> core) {
    const Residuals residuals(geometry, rows, core, rows, core);
    std::vector<double> result;
    for (std::size_t a = 0; a < rows.size(); ++a) {
        result.push_back(std::max(0.0, residuals.product(a, a, geometry.norm_square(rows[a]))));
    }
    return result;
}

std::vector<std::size_t> positions(const History& history, std::span<const SiteId> sites) {
    std::vector<std::size_t> result;
    for (const SiteId& site : sites) {
        const std::optional<std::size_t> at = position(history, site);
        FS_CHECK(at.has_value());
        result.push_back(*at);
    }
    return result;
}

}  // namespace

void add_likeness(History& history, std::span<const SiteId> sites, const Geometry& geometry) {
    FS_CHECK(geometry.rows() == sites.size());
    const std::vector<std::size_t> at = positions(history, sites);
    for (std::size_t i = 0; i < sites.size(); ++i) {
        const double own = geometry.square(i, Anchor::kCentre);
        for (std::size_t j = 0; j < i; ++j) {
            const double other = geometry.square(j, Anchor::kCentre);
            const double lengths = std::sqrt(own) * std::sqrt(other);
            if (!(lengths > 0.0)) {
                continue;
            }
            const double cosine = (own + other - geometry.square(i, j)) / 2.0 / lengths;
            const double likeness = std::min(cosine, geometry.cosine(i, j));
            history.likeness.add(at[i], at[j], std::clamp(likeness, -1.0, 1.0));
        }
    }
}

void add_lagged(History& history, const LaggedRows& rows, std::size_t f) {
    FS_CHECK(rows.geometry != nullptr && rows.sites.size() == rows.rows.size() &&
             rows.sites_before.size() == rows.rows_before.size());
    if (rows.rows.size() < 2 || rows.rows_before.size() < 2) {
        return;
    }
    const Geometry& geometry = *rows.geometry;
    const std::vector<std::size_t> core = core_of(geometry, rows.rows, f);
    const std::vector<std::size_t> core_before = core_of(geometry, rows.rows_before, f);
    const std::vector<double> now = energies(geometry, rows.rows, core);
    const std::vector<double> before = energies(geometry, rows.rows_before, core_before);
    const double scale = middle_of(now);
    const double scale_before = middle_of(before);
    if (!(scale > 0.0) || !(scale_before > 0.0)) {
        return;  // most sites agree exactly: there is nothing to compare with
    }
    const double scales = std::sqrt(scale) * std::sqrt(scale_before);
    const Residuals residuals(geometry, rows.rows, core, rows.rows_before, core_before);
    const std::vector<std::size_t> at = positions(history, rows.sites);
    for (std::size_t a = 0; a < at.size(); ++a) {
        history.sites[at[a]].energy += now[a] / scale / 2.0;
    }
    for (std::size_t b = 0; b < rows.sites_before.size(); ++b) {
        const std::optional<std::size_t> other = position(history, rows.sites_before[b]);
        if (!other) {
            continue;
        }
        history.sites[*other].energy += before[b] / scale_before / 2.0;
        for (std::size_t a = 0; a < at.size(); ++a) {
            const double raw = geometry.inner(rows.rows[a], rows.rows_before[b]);
            const double product = residuals.product(a, b, raw) / scales;
            const double most = (now[a] / scale + before[b] / scale_before) / 2.0;
            history.lagged.add(
                at[a], *other,
                std::clamp(at[a] == *other ? product : std::min(product, raw / scales), -most,
                           most));
        }
    }
    history.lagged_rounds += 1.0;
}

}  // namespace fedstake::aggregation::detect
