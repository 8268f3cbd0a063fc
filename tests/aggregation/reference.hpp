// Slow, obviously right versions of the rules, and a small matrix type for the
// tests.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "aggregation/aggregate.hpp"
#include "proto/base/rng.hpp"
#include "tests/aggregation/made_bytes.hpp"

namespace fedstake::aggregation::reference {

using Values = std::vector<std::int32_t>;
using Matrix = std::vector<Values>;

// floor((2 sum + count) / (2 count)) with the division of a schoolbook.
std::int64_t rounded(std::int64_t sum, std::int64_t count);
// Sorts each column and averages the places [first, last).
Values sorted_mean(const Matrix& rows, std::size_t first, std::size_t last);
Values mean(const Matrix& rows);
Values median(const Matrix& rows);
Values trimmed_mean(const Matrix& rows, std::size_t f);
// Mean of the m rows with the least sums of squared distances to `neighbours`
// other rows.
Values multi_krum(const Matrix& rows, std::size_t neighbours, std::size_t m);

// Rows as the library reads them.
struct Sources {
    explicit Sources(const Matrix& matrix);  // borrows the rows
    std::vector<std::unique_ptr<VectorSource>> owned;
    std::vector<const VectorSource*> pointers;
    std::vector<Row> rows;
};

// The library's own result for a chain on a matrix, without gate, signatures or
// anomaly verdicts.
struct RuleRun {
    rules::AggregationRules rules;
    unsigned threads = 1;
    std::size_t memory_bytes = std::size_t{4} << 20U;
    Digest seed{};
    std::vector<double> claims{};
};
Values library_result(const Matrix& rows, const RuleRun& setup);
Distances library_distances(const Matrix& rows, unsigned threads = 1,
                            std::size_t memory_bytes = std::size_t{1} << 20U);

rules::AggregationRules rule(const std::string& name, std::uint32_t f,
                             std::vector<rules::Parameter> parameters = {});

// Random rows of one of several shapes: small, wide range, many ties, outliers,
// near-copies.
Matrix random_matrix(Rng& rng, std::size_t rows, std::size_t columns);

}  // namespace fedstake::aggregation::reference
