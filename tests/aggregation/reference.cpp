#include "tests/aggregation/reference.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "aggregation/combine.hpp"

namespace fedstake::aggregation::reference {

std::int64_t rounded(std::int64_t sum, std::int64_t count) {
    std::int64_t result = (2 * sum + count) / (2 * count);
    while (result * 2 * count > 2 * sum + count) {
        --result;
    }
    return result;
}

Values sorted_mean(const Matrix& rows, std::size_t first, std::size_t last) {
    Values result;
    for (std::size_t j = 0; j < rows.front().size(); ++j) {
        Values column;
        for (const Values& row : rows) {
            column.push_back(row[j]);
        }
        std::sort(column.begin(), column.end());
        std::int64_t sum = 0;
        for (std::size_t i = first; i < last; ++i) {
            sum += column[i];
        }
        result.push_back(
            static_cast<std::int32_t>(rounded(sum, static_cast<std::int64_t>(last - first))));
    }
    return result;
}

Values mean(const Matrix& rows) {
    return sorted_mean(rows, 0, rows.size());
}
Values median(const Matrix& rows) {
    return sorted_mean(rows, (rows.size() - 1) / 2, rows.size() / 2 + 1);
}
Values trimmed_mean(const Matrix& rows, std::size_t f) {
    return sorted_mean(rows, f, rows.size() - f);
}

Values multi_krum(const Matrix& rows, std::size_t neighbours, std::size_t m) {
    std::vector<Wide> scores;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        std::vector<Wide> distances;
        for (std::size_t k = 0; k < rows.size(); ++k) {
            Wide distance = 0;
            for (std::size_t j = 0; j < rows[i].size() && k != i; ++j) {
                const std::int64_t d = std::int64_t{rows[i][j]} - rows[k][j];
                distance += static_cast<Wide>(static_cast<SignedWide>(d) * d);
            }
            if (k != i) {
                distances.push_back(distance);
            }
        }
        std::sort(distances.begin(), distances.end());
        Wide score = 0;
        for (std::size_t k = 0; k < neighbours; ++k) {
            score += distances[k];
        }
        scores.push_back(score);
    }
    Matrix selected;
    std::vector<bool> taken(rows.size(), false);
    for (std::size_t k = 0; k < m; ++k) {
        std::size_t best = rows.size();
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (!taken[i] && (best == rows.size() || scores[i] < scores[best])) {
                best = i;
            }
        }
        taken[best] = true;
        selected.push_back(rows[best]);
    }
    return mean(selected);
}

Sources::Sources(const Matrix& matrix) {
    for (const Values& row : matrix) {
        owned.push_back(memory_source(std::span<const std::int32_t>(row)));
        pointers.push_back(owned.back().get());
        rows.push_back({.values = owned.back().get()});
    }
}

Distances library_distances(const Matrix& rows, unsigned threads, std::size_t memory_bytes) {
    const Sources sources(rows);
    WorkerPool pool(threads);
    auto distances = measure_distances(sources.rows, rows.front().size(), pool, memory_bytes, true);
    EXPECT_TRUE(distances) << distances.error().message;
    return *std::move(distances);
}

Values library_result(const Matrix& rows, const RuleRun& setup) {
    const Sources sources(rows);
    Bytes bytes;
    const auto result =
        aggregate_matrix({.rows = sources.pointers,
                          .unit = std::ldexp(1.0, -static_cast<int>(setup.rules.scale_bits)),
                          .rules = setup.rules,
                          .seed = setup.seed,
                          .claims = setup.claims},
                         {.threads = setup.threads,
                          .memory_bytes_max = setup.memory_bytes,
                          .aggregate_sink = collect(bytes)});
    EXPECT_TRUE(result) << setup.rules.rule.name << ": " << result.error().message;
    Values values = to_values(bytes);
    EXPECT_EQ(values.size(), rows.front().size());
    values.resize(rows.front().size());
    return values;
}

rules::AggregationRules rule(const std::string& name, std::uint32_t f,
                             std::vector<rules::Parameter> parameters) {
    rules::AggregationRules result;
    result.rule = {.name = name, .parameters = std::move(parameters)};
    result.f = f;
    return result;
}

Matrix random_matrix(Rng& rng, std::size_t rows, std::size_t columns) {
    const std::uint64_t shape = rng.below(5);
    const std::uint64_t range = shape == 0   ? 100
                                : shape == 1 ? 0xfffffffeU
                                : shape == 2 ? 3
                                             : 1U << 24U;
    Matrix matrix(rows, Values(columns));
    for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t j = 0; j < columns; ++j) {
            std::int64_t value = static_cast<std::int64_t>(rng.below(range + 1)) -
                                 static_cast<std::int64_t>(range / 2);
            if (shape == 3 && i < rows / 3) {
                value *= -40;
            }
            if (shape == 4 && i > 0) {
                value = matrix[0][j] + value / (1 << 20);
            }
            matrix[i][j] = static_cast<std::int32_t>(
                std::clamp<std::int64_t>(value, -std::numeric_limits<std::int32_t>::max(),
                                         std::numeric_limits<std::int32_t>::max()));
        }
    }
    return matrix;
}

}  // namespace fedstake::aggregation::reference
