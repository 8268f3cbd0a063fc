// Worked cases of other libraries for the pre-aggregations.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/aggregation/rules/selection_support.hpp"
#include "tests/support/shared_data.hpp"

namespace fedstake::aggregation {
namespace {

using nlohmann::json;
using testing::geometry_of;
using testing::Matrix;
using testing::Vector;

constexpr double kUnit = 0x1p-24;

Matrix times(Matrix rows, double factor) {
    for (Vector& row : rows) {
        for (double& value : row) {
            value *= factor;
        }
    }
    return rows;
}

// The case's rows in steps, through the steps of `name` ("a+b"), and back in model units.
RowMap chain_of(const std::string& name, const json& params, const Geometry& geometry) {
    RowMap map = RowMap::identity(geometry.rows());
    for (std::size_t start = 0; start <= name.size();) {
        const std::size_t end = std::min(name.find('+', start), name.size());
        const std::string step = name.substr(start, end - start);
        const std::uint32_t f = params.value("f", 0U);
        const Geometry here = geometry.mapped(map);
        if (step == "static_clipping") {
            map = map.then(
                testing::map_of("norm-clip", here, f, {params.at("c").get<double>()}, {}, kUnit));
        } else if (step == "arc" || step == "nnm") {
            map = map.then(testing::map_of(step, here, f));
        }
        start = end + 1;
    }
    return map;
}

void expect_near(const Vector& got, const json& wanted, double tolerance) {
    ASSERT_EQ(got.size(), wanted.size());
    for (std::size_t j = 0; j < got.size(); ++j) {
        EXPECT_NEAR(got[j], wanted[j].get<double>(), tolerance);
    }
}

// A ratio is below the real one by at most 2^-30.
double tolerance_of(const json& entry, const Matrix& rows, bool clips) {
    double largest = 0.0;
    for (const Vector& row : rows) {
        for (const double value : row) {
            largest = std::max(largest, std::fabs(value));
        }
    }
    return entry.at("tol").get<double>() + (clips ? 0x1p-30 * largest : 0.0);
}

Vector trimmed_mean(const Matrix& rows, std::size_t f) {
    Vector result;
    for (std::size_t j = 0; j < rows.front().size(); ++j) {
        Vector column;
        for (const Vector& row : rows) {
            column.push_back(row[j]);
        }
        std::sort(column.begin(), column.end());
        double sum = 0.0;
        for (std::size_t k = f; k < column.size() - f; ++k) {
            sum += column[k];
        }
        result.push_back(sum / static_cast<double>(column.size() - 2 * f));
    }
    return result;
}

TEST(PreWorkedCases, GiveThePublishedRows) {
    FEDSTAKE_NEED_SHARED(path, "vectors/aggregation.json");
    std::ifstream file(path);
    std::map<std::string, int> tried;
    for (const json& entry : json::parse(file)) {
        const std::string name = entry.at("name");
        if (name != "static_clipping" && name != "arc" && name != "nnm" &&
            !name.ends_with("nnm+trimmed_mean")) {
            continue;
        }
        SCOPED_TRACE("case " + entry.at("id").dump() + " " + name);
        const Matrix rows = entry.at("input");
        const json params = entry.at("params");
        const RowMap map = chain_of(name, params, geometry_of(times(rows, 1.0 / kUnit)));
        const Matrix result = testing::mapped(map, rows);
        const bool clips = name.find("clipping") != std::string::npos || name == "arc";
        const double tolerance = tolerance_of(entry, rows, clips);
        if (name.ends_with("trimmed_mean")) {
            expect_near(trimmed_mean(result, params.at("f")), entry.at("expected"), tolerance);
        } else {
            ASSERT_EQ(result.size(), entry.at("expected").size());
            for (std::size_t i = 0; i < result.size(); ++i) {
                expect_near(result[i], entry.at("expected")[i], tolerance);
            }
        }
        ++tried[name];
    }
    EXPECT_EQ(tried["static_clipping"], 2);
    EXPECT_EQ(tried["arc"], 2);
    EXPECT_EQ(tried["nnm"], 3);
    EXPECT_EQ(tried["static_clipping+nnm+trimmed_mean"], 1);
    EXPECT_EQ(tried["nnm+trimmed_mean"], 1);
}

// The published rows are one draw each; any seed gives consecutive pairs of some permutation.
TEST(PreWorkedCases, BucketingGivesPairsOfSomePermutation) {
    FEDSTAKE_NEED_SHARED(path, "vectors/aggregation.json");
    std::ifstream file(path);
    int tried = 0;
    for (const json& entry : json::parse(file)) {
        if (entry.at("name") != "bucketing") {
            continue;
        }
        const Matrix rows = entry.at("input");
        std::vector<Matrix> possible;
        std::vector<std::size_t> order{0, 1, 2};
        do {
            possible.push_back({testing::mean_of_rows(rows, {order[0], order[1]}), rows[order[2]]});
        } while (std::next_permutation(order.begin(), order.end()));
        for (std::uint8_t k = 0; k < 64; ++k) {
            Digest seed;
            seed.bytes[5] = k;
            const Matrix groups =
                testing::mapped(testing::map_of("bucketing", geometry_of(rows), 0,
                                                {entry.at("params").at("s").get<double>()}, seed),
                                rows);
            const auto match = std::find(possible.begin(), possible.end(), groups);
            ASSERT_NE(match, possible.end());
        }
        for (const char* published : {"numpy_docstring", "torch_docstring"}) {
            const Matrix wanted = entry.at("expected").at(published);
            EXPECT_NE(std::find(possible.begin(), possible.end(), wanted), possible.end());
        }
        ++tried;
    }
    EXPECT_EQ(tried, 1);
}

}  // namespace
}  // namespace fedstake::aggregation
