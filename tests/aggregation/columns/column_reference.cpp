#include "tests/aggregation/columns/column_reference.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <numeric>

#include "aggregation/integer_math.hpp"

namespace fedstake::aggregation::columns {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();

std::int64_t mean(const std::vector<std::int64_t>& values) {
    return rounded_div(std::accumulate(values.begin(), values.end(), std::int64_t{0}),
                       static_cast<std::int64_t>(values.size()));
}

// The mean of the values nearest to twice_centre / 2.
std::int64_t nearest(std::vector<std::int64_t> sorted, std::int64_t twice_centre,
                     std::size_t count) {
    std::stable_sort(sorted.begin(), sorted.end(), [&](std::int64_t a, std::int64_t b) {
        return std::abs(2 * a - twice_centre) < std::abs(2 * b - twice_centre);
    });
    sorted.resize(count);
    return mean(sorted);
}

std::int64_t vote(const std::vector<std::int64_t>& values, std::size_t threshold) {
    std::int64_t signs = 0;
    for (const std::int64_t value : values) {
        signs += value > 0 ? 1 : value < 0 ? -1 : 0;
    }
    const bool few = std::abs(signs) < static_cast<std::int64_t>(threshold);
    return few ? std::min(-mean(values), kMost) : mean(values);
}

std::int64_t one_column(const Combination& rule, std::vector<std::int64_t> values,
                        std::int32_t reference) {
    std::sort(values.begin(), values.end());
    const std::size_t n = values.size();
    switch (rule.columns) {
        case ColumnRule::kWindowMean:
            return mean({values.begin() + static_cast<std::ptrdiff_t>(rule.first),
                         values.begin() + static_cast<std::ptrdiff_t>(rule.last)});
        case ColumnRule::kWinsorizedMean:
            for (std::size_t i = 0; i < rule.first; ++i) values[i] = values[rule.first];
            for (std::size_t i = rule.last; i < n; ++i) values[i] = values[rule.last - 1];
            return mean(values);
        case ColumnRule::kNearestMedian:
            return nearest(values, values[(n - 1) / 2] + values[n / 2], rule.count);
        case ColumnRule::kNearestRow:
            return nearest(values, 2 * std::int64_t{reference}, rule.count);
        case ColumnRule::kSignVote: return vote(values, rule.threshold);
        case ColumnRule::kWeightedMean: break;
    }
    std::abort();
}

}  // namespace

Values by_definition(const Combination& combination, const Matrix& rows, const Values& reference) {
    Values out;
    for (std::size_t j = 0; j < rows.front().size(); ++j) {
        std::vector<std::int64_t> column;
        for (const Values& row : rows) {
            column.push_back(row[j]);
        }
        out.push_back(
            static_cast<std::int32_t>(one_column(combination, std::move(column), reference[j])));
    }
    return out;
}

Values make_values(Rng& rng, Kind kind, std::size_t columns) {
    constexpr auto kLow = std::numeric_limits<std::int32_t>::min();
    constexpr auto kHigh = std::numeric_limits<std::int32_t>::max();
    constexpr std::array kEnds = {kLow, kLow + 1, -1, 0, 1, kHigh - 1, kHigh};
    const auto bits = [&](unsigned count) {
        return static_cast<std::int32_t>(static_cast<std::int64_t>(rng.next()) >> (64U - count));
    };
    Values result(columns);
    for (std::int32_t& value : result) {
        switch (kind) {
            case Kind::kModel: value = bits(24); break;
            case Kind::kTies: value = static_cast<std::int32_t>(rng.below(5)) - 2; break;
            case Kind::kAll: value = bits(32); break;
            case Kind::kExtreme: value = kEnds[rng.below(kEnds.size())]; break;
            case Kind::kRare: value = rng.below(100) == 0 ? bits(32) : bits(29); break;
        }
    }
    return result;
}

Matrix make_rows(Rng& rng, Kind kind, std::size_t rows, std::size_t columns) {
    Matrix result;
    for (std::size_t i = 0; i < rows; ++i) {
        result.push_back(make_values(rng, kind, columns));
    }
    return result;
}

Combination make_combination(Rng& rng, ColumnRule rule, std::size_t rows) {
    Combination result;
    result.columns = rule;
    result.weights.assign(rows, 1);
    result.first = rng.below(rows);
    result.last = result.first + 1 + rng.below(rows - result.first);
    result.count = 1 + rng.below(rows);
    result.threshold = rng.below(rows + 2);
    return result;
}

}  // namespace fedstake::aggregation::columns
