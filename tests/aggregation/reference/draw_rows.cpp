#include "tests/aggregation/reference/draw_rows.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace fedstake::aggregation::slow {
namespace {

using reference::Matrix;
using reference::Values;

constexpr double kMost = 2147483647.0;

std::int32_t on_grid(double value) {
    return static_cast<std::int32_t>(std::floor(std::clamp(value, -kMost, kMost)));
}

// A spread of 2 to 2^26 steps.
double spread(Rng& rng) {
    return std::ldexp(1.0, static_cast<int>(1 + rng.below(26)));
}

template <class Value>
Matrix filled(std::size_t n, std::size_t d, const Value& value) {
    Matrix rows(n, Values(d));
    for (Values& row : rows) {
        for (std::int32_t& entry : row) {
            entry = on_grid(value());
        }
    }
    return rows;
}

// About a common point, as updates of sites that agree somewhat.
Matrix gaussian(Rng& rng, std::size_t n, std::size_t d) {
    const double sigma = spread(rng);
    const double common = rng.uniform() * 2.0;
    Matrix rows = filled(n, d, [&] { return sigma * rng.normal(); });
    for (std::size_t j = 0; j < d; ++j) {
        const double shift = common * sigma * rng.normal();
        for (Values& row : rows) {
            row[j] = on_grid(row[j] + shift);
        }
    }
    return rows;
}

Matrix heavy_tails(Rng& rng, std::size_t n, std::size_t d) {
    const double sigma = spread(rng);
    return filled(n, d, [&] {
        const double numerator = sigma * rng.normal();  // not in the order of some compiler
        return numerator / (0.001 + std::fabs(rng.normal()));
    });
}

Matrix identical(Rng& rng, std::size_t n, std::size_t d) {
    return Matrix(n, gaussian(rng, 1, d).front());
}

Matrix duplicates(Rng& rng, std::size_t n, std::size_t d) {
    const Matrix few = gaussian(rng, 1 + rng.below(n), d);
    Matrix rows;
    for (std::size_t i = 0; i < n; ++i) {
        rows.push_back(few[rng.below(few.size())]);
    }
    return rows;
}

Matrix zeros(Rng& rng, std::size_t n, std::size_t d) {
    Matrix rows = gaussian(rng, n, d);
    const bool all = rng.below(4) == 0;
    for (Values& row : rows) {
        if (all || rng.below(2) == 0) {
            row.assign(d, 0);
        }
    }
    return rows;
}

Matrix ends(Rng& rng, std::size_t n, std::size_t d) {
    return filled(n, d, [&] { return rng.below(2) == 0 ? kMost : -kMost; });
}

Matrix one_huge(Rng& rng, std::size_t n, std::size_t d) {
    Matrix rows = gaussian(rng, n, d);
    rows[rng.below(n)] = rng.below(2) == 0 ? Values(d, 2147483647) : ends(rng, 1, d).front();
    return rows;
}

Matrix collinear(Rng& rng, std::size_t n, std::size_t d) {
    const Values along = gaussian(rng, 1, d).front();
    Matrix rows;
    for (std::size_t i = 0; i < n; ++i) {
        const double times = rng.normal();
        rows.emplace_back();
        for (const std::int32_t value : along) {
            rows.back().push_back(on_grid(times * value));
        }
    }
    return rows;
}

Matrix ties(Rng& rng, std::size_t n, std::size_t d) {
    const std::uint64_t range = 2 + rng.below(4);
    return filled(n, d, [&] {
        return static_cast<double>(rng.below(range)) - static_cast<double>(range / 2);
    });
}

Matrix sparse(Rng& rng, std::size_t n, std::size_t d) {
    const double sigma = spread(rng);
    return filled(n, d, [&] { return rng.below(4) == 0 ? sigma * rng.normal() : 0.0; });
}

// Copies of one row but for a few steps.
Matrix near_copies(Rng& rng, std::size_t n, std::size_t d) {
    const Values base = gaussian(rng, 1, d).front();
    Matrix rows = filled(n, d, [&] { return 3.0 * rng.normal(); });
    for (Values& row : rows) {
        for (std::size_t j = 0; j < d; ++j) {
            row[j] = on_grid(static_cast<double>(row[j]) + base[j]);
        }
    }
    return rows;
}

// Fewer than half of the rows somewhere else, close together.
Matrix far_group(Rng& rng, std::size_t n, std::size_t d) {
    Matrix rows = gaussian(rng, n, d);
    const double away = -1.0 - 40.0 * rng.uniform();
    for (std::size_t i = 0; 2 * i + 1 < n; ++i) {
        for (std::size_t j = 0; j < d; ++j) {
            rows[i][j] = on_grid(away * rows[n - 1][j] + rng.normal());
        }
    }
    return rows;
}

struct Kind {
    std::string_view name;
    Matrix (*make)(Rng& rng, std::size_t n, std::size_t d);
};
// The plain one more often: there everything is decided by clear margins.
constexpr std::array kKinds{Kind{"gaussian", gaussian},
                            Kind{"gaussian", gaussian},
                            Kind{"gaussian", gaussian},
                            Kind{"heavy tails", heavy_tails},
                            Kind{"identical", identical},
                            Kind{"duplicates", duplicates},
                            Kind{"zeros", zeros},
                            Kind{"ends", ends},
                            Kind{"one huge", one_huge},
                            Kind{"collinear", collinear},
                            Kind{"ties", ties},
                            Kind{"sparse", sparse},
                            Kind{"near copies", near_copies},
                            Kind{"far group", far_group}};

}  // namespace

DrawnRows draw_rows(Rng& rng, std::size_t n, std::size_t d) {
    const Kind& kind = kKinds[rng.below(kKinds.size())];
    return {.kind = kind.name, .rows = kind.make(rng, n, d)};
}

}  // namespace fedstake::aggregation::slow
