#include "tests/aggregation/rules/selection_support.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "aggregation/pre/pre_table.hpp"
#include "aggregation/rules/selection_table.hpp"

namespace fedstake::aggregation::testing {
namespace {

double median_of(Vector values) {
    std::sort(values.begin(), values.end());
    return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2.0;
}

Vector coordinate_median(const Matrix& rows) {
    Vector result;
    for (std::size_t j = 0; j < rows.front().size(); ++j) {
        Vector column;
        for (const Vector& row : rows) {
            column.push_back(row[j]);
        }
        result.push_back(median_of(column));
    }
    return result;
}

double nearest_to_median(Vector column, std::size_t count) {
    const double median = median_of(column);
    std::sort(column.begin(), column.end());
    std::stable_sort(column.begin(), column.end(), [median](double a, double b) {
        return std::fabs(a - median) < std::fabs(b - median);
    });
    double sum = 0.0;
    for (std::size_t k = 0; k < count; ++k) {
        sum += column[k];
    }
    return sum / static_cast<double>(count);
}

template <class Info>
const Info& named(std::span<const Info> table, std::string_view name) {
    const auto found = std::find_if(table.begin(), table.end(),
                                    [name](const Info& info) { return info.name == name; });
    EXPECT_NE(found, table.end()) << name;
    return *found;
}

}  // namespace

double square_between(const Vector& a, const Vector& b) {
    double sum = 0.0;
    for (std::size_t j = 0; j < a.size(); ++j) {
        sum += (a[j] - b[j]) * (a[j] - b[j]);
    }
    return sum;
}

Geometry geometry_of(const Matrix& rows) {
    const std::size_t n = rows.size();
    Matrix points = rows;
    points.push_back(Vector(rows.front().size(), 0.0));
    points.push_back(coordinate_median(rows));
    Geometry geometry(n);
    for (std::size_t i = 0; i < points.size(); ++i) {
        for (std::size_t j = i + 1; j < points.size(); ++j) {
            geometry.set(i, j, square_between(points[i], points[j]));
        }
    }
    return geometry;
}

Geometry restricted(const Geometry& geometry, const std::vector<std::size_t>& rows) {
    Geometry result(rows.size());
    for (std::size_t a = 0; a < rows.size(); ++a) {
        for (std::size_t b = a + 1; b < rows.size(); ++b) {
            result.set(a, b, geometry.square(rows[a], rows[b]));
        }
    }
    return result;
}

Matrix random_rows(Rng& rng, std::size_t rows, std::size_t columns) {
    const std::uint64_t shape = rng.below(5);
    Matrix matrix(rows, Vector(columns));
    for (std::size_t i = 0; i < rows; ++i) {
        const double along = static_cast<double>(rng.below(7));
        for (std::size_t j = 0; j < columns; ++j) {
            const double small = static_cast<double>(rng.below(5)) - 2.0;
            const double wide = rng.uniform() * 200.0 - 100.0;
            matrix[i][j] = shape == 0   ? small
                           : shape == 1 ? wide
                           : shape == 2 ? (i < rows / 3 ? wide + 5000.0 : wide)
                           : shape == 3 ? (i == 0 ? wide : matrix[0][j] + small / 1024.0)
                                        : along * static_cast<double>(j + 1);
        }
    }
    return matrix;
}

Matrix attacked_rows(Rng& rng, std::size_t rows, std::size_t columns, std::size_t hostile) {
    Matrix matrix = random_rows(rng, rows, columns);
    const std::uint64_t attack = rng.below(4);
    const Vector honest = mean_of_rows({matrix.begin() + static_cast<long>(hostile), matrix.end()});
    for (std::size_t i = 0; i < hostile; ++i) {
        for (std::size_t j = 0; j < columns; ++j) {
            matrix[i][j] = attack == 0   ? 1e6 * (rng.uniform() - 0.5)
                           : attack == 1 ? -4.0 * honest[j]
                           : attack == 2 ? matrix[rows - 1][j]
                                         : honest[j] + 30.0 * static_cast<double>(j + 1);
        }
    }
    shuffle_rows(rng, matrix);
    return matrix;
}

void shuffle_rows(Rng& rng, Matrix& rows) {
    rng.shuffle(std::span(rows));
}

const RuleInfo& selection_rule(std::string_view name) {
    return named(selection_rules(), name);
}
const PreInfo& pre_aggregation(std::string_view name) {
    return named(pre_aggregations(), name);
}

Arguments arguments_of(std::size_t n, std::uint32_t f, std::size_t known, Parameters given) {
    Arguments arguments{.n = n, .f = f, .parameters = given};
    arguments.parameters.resize(known);
    return arguments;
}

Combination combination_of(std::string_view rule, const Geometry& geometry, std::uint32_t f,
                           Parameters given) {
    const RuleInfo& info = selection_rule(rule);
    const RuleMemory memory;
    RuleInput input;
    input.arguments = arguments_of(geometry.rows(), f, info.parameters.size(), given);
    input.geometry = &geometry;
    input.memory = &memory;
    EXPECT_TRUE(info.supports(input.arguments)) << rule;
    auto answer = info.combine(input);
    EXPECT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->combination.weights.size(), geometry.rows());
    return answer->combination;
}

Vector applied(const Combination& combination, const Matrix& rows) {
    Vector result;
    for (std::size_t j = 0; j < rows.front().size(); ++j) {
        Vector column;
        double sum = 0.0;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            sum += static_cast<double>(combination.weights[i]) * rows[i][j];
            if (combination.weights[i] != 0) {
                column.push_back(rows[i][j]);
            }
        }
        if (combination.columns == ColumnRule::kNearestMedian) {
            result.push_back(nearest_to_median(column, combination.count));
        } else {
            EXPECT_EQ(combination.columns, ColumnRule::kWeightedMean);
            result.push_back(sum / static_cast<double>(combination.denominator));
        }
    }
    return result;
}

Vector aggregate(std::string_view rule, const Matrix& rows, std::uint32_t f, Parameters given) {
    return applied(combination_of(rule, geometry_of(rows), f, given), rows);
}

RowMap map_of(std::string_view pre, const Geometry& geometry, std::uint32_t f, Parameters given,
              const Digest& seed, double unit) {
    const PreInfo& info = pre_aggregation(pre);
    PreInput input;
    input.arguments = arguments_of(geometry.rows(), f, info.parameters.size(), given);
    input.geometry = &geometry;
    input.unit = unit;
    input.seed = seed;
    EXPECT_TRUE(info.supports(input.arguments)) << pre;
    auto map = info.apply(input);
    EXPECT_TRUE(map) << map.error().message;
    return *std::move(map);
}

Matrix mapped(const RowMap& map, const Matrix& rows) {
    Matrix result;
    for (std::size_t i = 0; i < map.rows_out(); ++i) {
        Vector row(rows.front().size(), 0.0);
        for (std::size_t a = 0; a < map.rows_in(); ++a) {
            for (std::size_t j = 0; j < row.size(); ++j) {
                row[j] += static_cast<double>(map.weight(i, a)) * rows[a][j];
            }
        }
        for (double& value : row) {
            value /= static_cast<double>(map.denominator());
        }
        result.push_back(std::move(row));
    }
    return result;
}

Vector mean_of_rows(const Matrix& rows, const std::vector<std::size_t>& chosen) {
    Vector mean(rows.front().size(), 0.0);
    for (const std::size_t i : chosen) {
        for (std::size_t j = 0; j < mean.size(); ++j) {
            mean[j] += rows[i][j];
        }
    }
    for (double& value : mean) {
        value /= static_cast<double>(chosen.size());
    }
    return mean;
}

Vector mean_of_rows(const Matrix& rows) {
    return mean_of_rows(rows, subsets(rows.size(), rows.size()).front());
}

std::vector<std::size_t> rows_with_weight(const Combination& combination) {
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < combination.weights.size(); ++i) {
        if (combination.weights[i] != 0) {
            rows.push_back(i);
        }
    }
    return rows;
}

double worst_kappa(const Matrix& rows, std::size_t f, const Vector& result, double grid) {
    double worst = 0.0;
    for (const auto& subset : subsets(rows.size(), rows.size() - f)) {
        const Vector mean = mean_of_rows(rows, subset);
        double spread = 0.0;
        for (const std::size_t i : subset) {
            spread += square_between(rows[i], mean) / static_cast<double>(subset.size());
        }
        const double distance = std::sqrt(square_between(result, mean));
        const double error = std::max(0.0, distance - grid);
        worst = std::max(worst, error == 0.0 ? 0.0 : error * error / spread);
    }
    return worst;
}

std::vector<std::vector<std::size_t>> subsets(std::size_t n, std::size_t count) {
    std::vector<std::vector<std::size_t>> all;
    std::vector<std::size_t> subset;
    const auto extend = [&](const auto& self, std::size_t first) -> void {
        if (subset.size() == count) {
            all.push_back(subset);
            return;
        }
        for (std::size_t i = first; i < n; ++i) {
            subset.push_back(i);
            self(self, i + 1);
            subset.pop_back();
        }
    };
    extend(extend, 0);
    return all;
}

}  // namespace fedstake::aggregation::testing
