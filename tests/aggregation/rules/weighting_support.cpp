#include "tests/aggregation/rules/weighting_support.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "aggregation/rules/column_table.hpp"
#include "aggregation/rules/weighting_table.hpp"

namespace fedstake::aggregation::weighting {
namespace {

Values nearest_values(Values column, double centre, std::size_t count) {
    std::sort(column.begin(), column.end());
    std::stable_sort(column.begin(), column.end(), [&](double a, double b) {
        return std::fabs(a - centre) < std::fabs(b - centre);
    });
    column.resize(count);
    return column;
}

double mean_of_values(const Values& values) {
    double sum = 0.0;
    for (const double value : values) {
        sum += value;
    }
    return sum / static_cast<double>(values.size());
}

Values over(Values values, double denominator) {
    for (double& value : values) {
        value /= denominator;
    }
    return values;
}

double by_column(const Combination& rule, Values column, double reference) {
    switch (rule.columns) {
        case ColumnRule::kWindowMean:
            std::sort(column.begin(), column.end());
            return mean_of_values({column.begin() + static_cast<std::ptrdiff_t>(rule.first),
                                   column.begin() + static_cast<std::ptrdiff_t>(rule.last)});
        case ColumnRule::kWinsorizedMean: {
            std::sort(column.begin(), column.end());
            const double low = column[rule.first];
            const double high = column[rule.last - 1];
            for (double& value : column) {
                value = std::clamp(value, low, high);
            }
            return mean_of_values(column);
        }
        case ColumnRule::kNearestMedian:
            return mean_of_values(nearest_values(column, median_of(column), rule.count));
        case ColumnRule::kNearestRow:
            return mean_of_values(nearest_values(column, reference, rule.count));
        case ColumnRule::kSignVote: {
            double votes = 0.0;
            for (const double value : column) {
                votes += value > 0.0 ? 1.0 : value < 0.0 ? -1.0 : 0.0;
            }
            const double mean = mean_of_values(column);
            return std::fabs(votes) < static_cast<double>(rule.threshold) ? -mean : mean;
        }
        default: ADD_FAILURE() << "not a rule by columns"; return 0.0;
    }
}

}  // namespace

double dot(const Values& a, const Values& b) {
    double sum = 0.0;
    for (std::size_t k = 0; k < a.size(); ++k) {
        sum += a[k] * b[k];
    }
    return sum;
}

double length(const Values& a) {
    return std::sqrt(dot(a, a));
}

double distance(const Values& a, const Values& b) {
    return length(sum_of(a, scaled(b, -1.0)));
}

Values sum_of(const Values& a, const Values& b) {
    Values sum;
    for (std::size_t k = 0; k < a.size(); ++k) {
        sum.push_back(a[k] + b[k]);
    }
    return sum;
}

Values scaled(const Values& a, double factor) {
    Values result;
    for (const double value : a) {
        result.push_back(value * factor);
    }
    return result;
}

double median_of(Values values) {
    std::sort(values.begin(), values.end());
    return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2.0;
}

Values coordinate_median(const Matrix& rows) {
    Values result;
    for (std::size_t k = 0; k < rows.front().size(); ++k) {
        Values column;
        for (const Values& row : rows) {
            column.push_back(row[k]);
        }
        result.push_back(median_of(column));
    }
    return result;
}

Geometry geometry_of(const Matrix& rows, const Matrix& memory) {
    Matrix points = rows;
    points.insert(points.end(), memory.begin(), memory.end());
    Geometry geometry(points.size());
    points.emplace_back(rows.front().size(), 0.0);
    points.push_back(coordinate_median(rows));
    for (std::size_t i = 0; i < points.size(); ++i) {
        for (std::size_t j = i + 1; j < points.size(); ++j) {
            const Values apart = sum_of(points[i], scaled(points[j], -1.0));
            geometry.set(i, j, dot(apart, apart));
        }
    }
    return geometry;
}

Values combined(const Combination& combination, const Matrix& rows) {
    EXPECT_EQ(combination.weights.size(), rows.size());
    if (combination.columns == ColumnRule::kWeightedMean) {
        const Values sum =
            combined(Values(combination.weights.begin(), combination.weights.end()), rows);
        return over(sum, combination.denominator);
    }
    Values result;
    for (std::size_t k = 0; k < rows.front().size(); ++k) {
        Values column;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (combination.weights[i] == 1) {
                column.push_back(rows[i][k]);
            }
        }
        result.push_back(by_column(combination, column, rows[combination.reference][k]) *
                         static_cast<double>(combination.scale) / kWeightOne);
    }
    return result;
}

Values combined(const Values& weights, const Matrix& rows) {
    Values result(rows.front().size(), 0.0);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        result = sum_of(result, scaled(rows[i], weights[i]));
    }
    return result;
}

MatrixColumns::MatrixColumns(const Matrix& rows) {
    for (const Values& row : rows) {
        std::vector<std::int32_t> integers;
        for (const double value : row) {
            integers.push_back(static_cast<std::int32_t>(std::lround(value)));
        }
        rows_.push_back(std::move(integers));
    }
}

std::uint64_t MatrixColumns::coordinates() const noexcept {
    return rows_.front().size();
}

std::size_t MatrixColumns::bytes(std::size_t count) const noexcept {
    return rows_.size() * count * sizeof(std::int32_t);
}

Result<std::vector<std::int32_t>> MatrixColumns::read(std::uint64_t first,
                                                      std::size_t count) const {
    if (first + count > coordinates()) {
        return fail(Errc::kInvalidInput, "beyond the last coordinate");
    }
    std::vector<std::int32_t> result;
    for (const auto& row : rows_) {
        const auto start = row.begin() + static_cast<std::ptrdiff_t>(first);
        result.insert(result.end(), start, start + static_cast<std::ptrdiff_t>(count));
    }
    return result;
}

const RuleInfo& rule_named(std::string_view name) {
    for (const auto table : {weighting_rules(), column_rules()}) {
        for (const RuleInfo& info : table) {
            if (info.name == name) {
                return info;
            }
        }
    }
    ADD_FAILURE() << "no rule " << name;
    return column_rules().front();
}

Arguments arguments_of(const Question& question) {
    Arguments arguments{
        .n = question.rows.size(), .f = question.f, .parameters = question.parameters};
    arguments.parameters.resize(rule_named(question.rule).parameters.size());
    return arguments;
}

Matrix all_rows(const Question& question) {
    Matrix rows = question.rows;
    if (!question.memory_rows.empty()) {
        rows.insert(rows.end(), question.memory_rows.begin(), question.memory_rows.end());
        return rows;
    }
    const MemoryRows memory = rule_named(question.rule).needs.memory;
    const std::size_t more = memory == MemoryRows::kOne      ? 1
                             : memory == MemoryRows::kPerRow ? rows.size()
                                                             : 0;
    rows.insert(rows.end(), more, Values(rows.front().size(), 0.0));
    return rows;
}

RuleAnswer ask(const Question& question) {
    const RuleInfo& info = rule_named(question.rule);
    const Matrix rows = all_rows(question);
    const auto n = static_cast<std::ptrdiff_t>(question.rows.size());
    const Geometry geometry = geometry_of(question.rows, {rows.begin() + n, rows.end()});
    const MatrixColumns columns(info.needs.columns ? question.rows : Matrix{{0.0}});
    const RuleMemory memory{.figures = question.figures};
    Values claims = question.claims;
    if (info.needs.claims) {
        claims.resize(question.rows.size(), 1.0);
    }
    RuleInput input{.arguments = arguments_of(question),
                    .geometry = info.needs.geometry ? &geometry : nullptr,
                    .unit = question.unit,
                    .seed = {},
                    .memory = &memory,
                    .columns = info.needs.columns ? &columns : nullptr,
                    .claims = claims};
    input.seed.bytes[0] = question.seed;
    EXPECT_TRUE(info.supports(input.arguments)) << question.rule;
    auto answer = info.combine(input);
    EXPECT_TRUE(answer) << question.rule;
    return answer ? *answer : RuleAnswer{};
}

Values aggregate(const Question& question) {
    return combined(ask(question).combination, all_rows(question));
}

Matrix random_rows(Rng& rng, std::size_t n, std::size_t d) {
    const auto near = [&](double width) { return std::floor((rng.uniform() - 0.5) * width); };
    const std::uint64_t shape = rng.below(5);
    Matrix rows(n, Values(d, 0.0));
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = 0; k < d; ++k) {
            const double common = static_cast<double>(k % 7) * 100.0 - 300.0;
            rows[i][k] = common + near(shape == 1 ? 4.0 : 400.0);
            if (shape == 2 && i % 3 == 1) {
                rows[i][k] = near(0x1p31);
            } else if (shape == 3 && i % 4 == 2) {
                rows[i][k] = 0.0;
            } else if (shape == 4 && i > 0 && i % 2 == 0) {
                rows[i][k] = rows[i - 1][k];
            }
        }
    }
    return rows;
}

void expect_near(const Values& actual, const Values& wanted, double tolerance) {
    ASSERT_EQ(actual.size(), wanted.size());
    for (std::size_t k = 0; k < wanted.size(); ++k) {
        EXPECT_NEAR(actual[k], wanted[k], tolerance) << "coordinate " << k;
    }
}

}  // namespace fedstake::aggregation::weighting
