#include "tests/aggregation/worked_cases.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>

#include <gtest/gtest.h>

namespace fedstake::aggregation::reference {

using nlohmann::json;

// The largest power-of-two scale at which every value still fits.
unsigned scale_for(const json& rows) {
    double largest = 0.0;
    for (const json& row : rows) {
        for (const json& value : row) {
            largest = std::max(largest, std::fabs(value.get<double>()));
        }
    }
    unsigned bits = 28;
    while (bits > 8 && std::ldexp(largest, static_cast<int>(bits)) >= 0x1p30) {
        --bits;
    }
    return bits;
}

Matrix to_grid(const json& rows, unsigned bits) {
    Matrix matrix;
    for (const json& row : rows) {
        Values values;
        for (const json& value : row) {
            values.push_back(static_cast<std::int32_t>(
                std::lround(std::ldexp(value.get<double>(), static_cast<int>(bits)))));
        }
        matrix.push_back(std::move(values));
    }
    return matrix;
}

void expect_near(const Values& values, const json& expected, unsigned bits, const json& entry) {
    ASSERT_EQ(values.size(), expected.size());
    const double tolerance = std::max(
        1e-6, entry.contains("tol") && entry["tol"].is_number() ? entry["tol"].get<double>() : 0.0);
    for (std::size_t j = 0; j < values.size(); ++j) {
        const double wanted = expected[j];
        const double grid = std::ldexp(1.0, -static_cast<int>(bits));
        EXPECT_NEAR(std::ldexp(values[j], -static_cast<int>(bits)), wanted,
                    tolerance * std::max(1.0, std::fabs(wanted)) + grid)
            << "case " << entry.at("id") << " coordinate " << j << ": " << entry.dump();
    }
}

json load_cases(const std::filesystem::path& path) {
    std::ifstream file(path);
    return json::parse(file);
}

rules::Step clip(const json& params) {
    return {.name = "norm-clip", .parameters = {{.name = "norm", .value = params.at("c")}}};
}

}  // namespace fedstake::aggregation::reference
