// The published worked cases, on the fixed-point grid.
#pragma once

#include <filesystem>

#include <nlohmann/json.hpp>

#include "tests/aggregation/reference.hpp"

namespace fedstake::aggregation::reference {

nlohmann::json load_cases(const std::filesystem::path& path);
// The largest number of bits at which every value still fits.
unsigned scale_for(const nlohmann::json& rows);
Matrix to_grid(const nlohmann::json& rows, unsigned bits);
// At the case's tolerance, at least 1e-6, and one step of the grid.
void expect_near(const Values& values, const nlohmann::json& expected, unsigned bits,
                 const nlohmann::json& entry);
// The step norm-clip with the case's limit.
rules::Step clip(const nlohmann::json& params);

}  // namespace fedstake::aggregation::reference
