// Rules of the weighting and column tables asked with matrices of real numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "aggregation/combination.hpp"
#include "aggregation/geometry.hpp"
#include "aggregation/rule.hpp"
#include "proto/base/rng.hpp"

namespace fedstake::aggregation::weighting {

using Values = std::vector<double>;
using Matrix = std::vector<Values>;

double dot(const Values& a, const Values& b);
double length(const Values& a);
double distance(const Values& a, const Values& b);
Values sum_of(const Values& a, const Values& b);
Values scaled(const Values& a, double factor);
Values coordinate_median(const Matrix& rows);
double median_of(Values values);

// n rows, then memory rows; the centre is the coordinate median of the n rows.
Geometry geometry_of(const Matrix& rows, const Matrix& memory = {});

// What the definition of ColumnRule says, in doubles. `rows`: with the memory rows.
Values combined(const Combination& combination, const Matrix& rows);
Values combined(const Values& weights, const Matrix& rows);

// The rows rounded to integers, in memory.
class MatrixColumns : public RowColumns {
public:
    explicit MatrixColumns(const Matrix& rows);
    [[nodiscard]] std::uint64_t coordinates() const noexcept override;
    [[nodiscard]] Result<std::vector<std::int32_t>> read(std::uint64_t first,
                                                         std::size_t count) const override;
    [[nodiscard]] std::size_t bytes(std::size_t count) const noexcept override;

private:
    std::vector<std::vector<std::int32_t>> rows_;
};

struct Question {
    std::string_view rule;
    Matrix rows;
    std::uint32_t f = 0;
    std::vector<std::optional<double>> parameters = {};  // as many as the rule has, or none
    Matrix memory_rows = {};  // none: zero rows where the rule needs them
    std::vector<double> figures = {};
    double unit = 1.0;
    Values claims = {};  // none: 1 for each row where the rule needs them
    std::uint8_t seed = 0;
};

const RuleInfo& rule_named(std::string_view name);
Arguments arguments_of(const Question& question);
// The question's rows and memory rows, as the answer's weights count them.
Matrix all_rows(const Question& question);
// REQUIRES that the rule supports the question.
RuleAnswer ask(const Question& question);
Values aggregate(const Question& question);

// Rows of small integers in one of several shapes: spread, outliers, near-copies, huge, zeros.
Matrix random_rows(Rng& rng, std::size_t n, std::size_t d);

void expect_near(const Values& actual, const Values& wanted, double tolerance);

}  // namespace fedstake::aggregation::weighting
