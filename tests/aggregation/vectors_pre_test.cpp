// Worked cases of pre-aggregations, of rules with a reference row, and of rules with a memory.
#include <map>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "aggregation/combine.hpp"
#include "tests/aggregation/reference.hpp"
#include "tests/aggregation/worked_cases.hpp"
#include "tests/support/shared_data.hpp"

namespace fedstake::aggregation {
namespace {

using nlohmann::json;
using reference::expect_near;
using reference::load_cases;
using reference::Matrix;
using reference::scale_for;
using reference::to_grid;
using reference::Values;

Values combined(const Matrix& rows, const RowMap& map, const Combination& combination) {
    const reference::Sources sources(rows);
    WorkerPool pool(1);
    Bytes bytes;
    const ByteSink sink = reference::collect(bytes);
    const auto roots = combine_rows({.rows = sources.rows,
                                     .map = &map,
                                     .combination = &combination,
                                     .memory_rows = {},
                                     .coordinates = rows.front().size(),
                                     .memory_bytes = std::size_t{1} << 20U,
                                     .aggregate_sink = &sink,
                                     .memory_sinks = {}},
                                    pool);
    EXPECT_TRUE(roots) << roots.error().message;
    return reference::to_values(bytes);
}

// The rows behind a pre-aggregation, each as the mean of itself alone.
Matrix behind(const RowMap& map, const Matrix& rows) {
    Matrix result;
    for (std::size_t i = 0; i < map.rows_out(); ++i) {
        const std::size_t single[] = {i};
        result.push_back(combined(rows, map, mean_of(map.rows_out(), single)));
    }
    return result;
}

RowMap map_of(const rules::Step& step, std::uint32_t f, const Matrix& rows, unsigned bits,
              const Digest& seed = {}) {
    const PreInfo* const info = find_pre_aggregation(step.name).value();
    const Geometry geometry(reference::library_distances(rows));
    return info
        ->apply({.arguments = {.n = rows.size(),
                               .f = f,
                               .parameters = read_parameters(step, info->parameters).value()},
                 .geometry = &geometry,
                 .unit = std::ldexp(1.0, -static_cast<int>(bits)),
                 .seed = seed})
        .value();
}

TEST(WorkedCases, PreAggregationsGiveThePublishedRows) {
    FEDSTAKE_NEED_SHARED(path, "vectors/aggregation.json");
    std::map<std::string, int> tried;
    for (const json& entry : load_cases(path)) {
        const std::string name = entry.at("name");
        if (name != "static_clipping" && name != "arc" && name != "nnm") {
            continue;
        }
        const json& params = entry.at("params");
        const rules::Step step = name == "static_clipping"
                                     ? reference::clip(params)
                                     : rules::Step{.name = name, .parameters = {}};
        const unsigned bits = scale_for(entry.at("input"));
        const Matrix rows = to_grid(entry.at("input"), bits);
        const Matrix result = behind(map_of(step, params.value("f", 0U), rows, bits), rows);
        ASSERT_EQ(result.size(), entry.at("expected").size());
        for (std::size_t i = 0; i < result.size(); ++i) {
            expect_near(result[i], entry.at("expected")[i], bits, entry);
        }
        ++tried[name];
    }
    EXPECT_EQ(tried, (std::map<std::string, int>{{"arc", 2}, {"nnm", 3}, {"static_clipping", 2}}));
}

// Pairs of some permutation; a short last bucket is divided by its own size.
TEST(WorkedCases, BucketingAveragesPairsOfAPermutation) {
    const Matrix rows{{1 << 20, 2 << 20}, {4 << 20, 5 << 20}, {7 << 20, 8 << 20}};
    std::map<std::int32_t, int> alone;
    for (std::uint8_t k = 0; k < 32; ++k) {
        Digest seed;
        seed.bytes[0] = k;
        const Matrix result =
            behind(map_of({.name = "bucketing", .parameters = {}}, 0, rows, 20, seed), rows);
        ASSERT_EQ(result.size(), 2U);
        const std::int64_t sum = std::int64_t{2} * result[0][0] + result[1][0];
        EXPECT_EQ(sum, 12 << 20);
        EXPECT_EQ(result[0][1] - result[0][0], 1 << 20);
        ++alone[result[1][0]];
    }
    EXPECT_EQ(alone.size(), 3U) << "each row is the short bucket of some seed";
}

TEST(WorkedCases, NearestToAReferenceRow) {
    FEDSTAKE_NEED_SHARED(path, "vectors/aggregation.json");
    int tried = 0;
    for (const json& entry : load_cases(path)) {
        if (entry.at("name") != "n_closest_mean_per_coordinate") {
            continue;
        }
        json input = entry.at("input");
        const std::size_t n = input.size();
        input.push_back(entry.at("params").at("reference"));
        const unsigned bits = scale_for(input);
        const Matrix rows = to_grid(input, bits);
        Combination combination{.columns = ColumnRule::kNearestRow,
                                .weights = std::vector<std::uint32_t>(n, 1)};
        combination.weights.push_back(0);
        combination.reference = n;
        combination.count = entry.at("params").at("beta");
        expect_near(combined(rows, RowMap::identity(n + 1), combination), entry.at("expected"),
                    bits, entry);
        ++tried;
    }
    EXPECT_EQ(tried, 6);
}

TEST(WorkedCases, CenteredClippingGoesOnFromThePreviousAggregate) {
    FEDSTAKE_NEED_SHARED(path, "vectors/aggregation.json");
    int tried = 0;
    for (const json& entry : load_cases(path)) {
        if (entry.at("name") != "centered_clipping_stateful") {
            continue;
        }
        const json& params = entry.at("params");
        const auto rules = reference::rule("centered-clipping", 0,
                                           {{.name = "tau", .value = params.at("tau")},
                                            {.name = "iterations", .value = params.at("n_iter")}});
        constexpr unsigned kBits = 26;
        Values previous;
        for (const std::string call : {"call1", "call2"}) {
            const Matrix rows = to_grid(entry.at("input").at(call), kBits);
            const reference::Sources sources(rows);
            const auto kept = memory_source(std::span<const std::int32_t>(previous));
            std::vector<const VectorSource*> memory;
            if (!previous.empty()) {
                memory.push_back(kept.get());
            }
            Bytes aggregate;
            Bytes next;
            const ByteSink sinks[] = {reference::collect(next)};
            const auto result = aggregate_matrix(
                {.rows = sources.pointers,
                 .unit = std::ldexp(1.0, -static_cast<int>(kBits)),
                 .rules = rules,
                 .seed = {},
                 .memory_rows = memory},
                {.aggregate_sink = reference::collect(aggregate), .memory_sinks = sinks});
            ASSERT_TRUE(result) << result.error().message;
            expect_near(reference::to_values(aggregate), entry.at("expected").at(call), kBits,
                        entry);
            previous = reference::to_values(next);
            EXPECT_EQ(previous, reference::to_values(aggregate));
        }
        ++tried;
    }
    EXPECT_EQ(tried, 1);
}

}  // namespace
}  // namespace fedstake::aggregation
