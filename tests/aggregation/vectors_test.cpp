// Worked cases of other libraries and papers, on the fixed-point grid.
#include <algorithm>
#include <cmath>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "aggregation/norm_clip.hpp"
#include "aggregation/pipeline.hpp"
#include "tests/aggregation/reference.hpp"
#include "tests/support/shared_data.hpp"

namespace fedstake::aggregation {
namespace {

using nlohmann::json;
using reference::Matrix;
using reference::RuleRun;
using reference::Values;

// One case as the library is asked: rule, f, parameters.
struct Question {
    std::string rule;
    std::uint32_t f = 0;
    std::vector<rules::Parameter> parameters;
};

std::string neighbours_of(const json& params) {
    return params.value("neighbours", params.value("variant", ""));
}

std::optional<Question> question_of(const json& entry) {
    const std::string name = entry.at("name");
    const json params = entry.value("params", json::object());
    const auto n = entry.at("input").size();
    Question question{.rule = "", .f = params.value("f", 0U), .parameters = {}};
    if (name == "average") {
        question.rule = "mean";
    } else if (name == "coordinate_median") {
        question.rule = "median";
        question.f = 0;
    } else if (name == "trimmed_mean") {
        question.rule = "trimmed-mean";
    } else if (name == "trimmed_mean_fraction") {
        question.rule = "trimmed-mean-fraction";
        question.f = 0;
        question.parameters = {{.name = "beta", .value = params.at("beta")}};
    } else if (name == "krum" || name == "multi_krum") {
        const std::string neighbours = neighbours_of(params);
        if (neighbours.find("4th") != std::string::npos ||
            neighbours.find("unsquared") != std::string::npos) {
            return std::nullopt;  // another function that goes by the same name
        }
        const bool paper = neighbours.find("n-f-2") != std::string::npos;
        const bool impossible = paper ? n < 2 * question.f + 3 : n <= 2 * question.f;
        if (impossible) {
            return std::nullopt;  // the library refuses these: see RefusesWhatTheBoundForbids
        }
        question.rule =
            std::string(name == "krum" ? "krum" : "multi-krum") + (paper ? "-paper" : "");
        if (params.contains("m") && params["m"].is_number()) {
            question.parameters = {{.name = "m", .value = params["m"]}};
        }
    } else {
        return std::nullopt;
    }
    return question;
}

// The largest power-of-two scale at which every value still fits.
unsigned scale_for(const json& rows) {
    double largest = 0.0;
    for (const json& row : rows) {
        for (const json& value : row) {
            largest = std::max(largest, std::fabs(value.get<double>()));
        }
    }
    unsigned bits = 24;
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
    for (std::size_t j = 0; j < values.size(); ++j) {
        const double wanted = expected[j];
        const double grid = std::ldexp(1.0, -static_cast<int>(bits));
        EXPECT_NEAR(std::ldexp(values[j], -static_cast<int>(bits)), wanted,
                    1e-6 * std::max(1.0, std::fabs(wanted)) + grid)
            << "case " << entry.at("id") << " coordinate " << j << ": " << entry.dump();
    }
}

json load(const std::filesystem::path& path) {
    std::ifstream file(path);
    return json::parse(file);
}

TEST(WorkedCases, RulesGiveThePublishedResults) {
    FEDSTAKE_NEED_SHARED(path, "vectors/aggregation.json");
    std::map<std::string, int> tried;
    for (const json& entry : load(path)) {
        const auto question = entry.at("expected").is_array() ? question_of(entry) : std::nullopt;
        if (!question) {
            continue;
        }
        const unsigned bits = scale_for(entry.at("input"));
        RuleRun setup{.rules = reference::rule(question->rule, question->f, question->parameters)};
        setup.rules.scale_bits = static_cast<std::uint8_t>(bits);
        const Matrix rows = to_grid(entry.at("input"), bits);
        expect_near(reference::library_result(rows, setup), entry.at("expected"), bits, entry);
        ++tried[question->rule];
    }
    EXPECT_GE(tried["median"], 14);
    EXPECT_GE(tried["trimmed-mean"], 3);
    EXPECT_GE(tried["trimmed-mean-fraction"], 8);
    EXPECT_GE(tried["krum"] + tried["krum-paper"], 3);
    EXPECT_GE(tried["multi-krum"] + tried["multi-krum-paper"], 4);
    EXPECT_EQ(tried["mean"], 2);
}

TEST(WorkedCases, StaticClippingScalesRows) {
    FEDSTAKE_NEED_SHARED(path, "vectors/aggregation.json");
    int tried = 0;
    for (const json& entry : load(path)) {
        if (entry.at("name") != "static_clipping") {
            continue;
        }
        const Matrix rows = to_grid(entry.at("input"), 24);
        const double limit = entry.at("params").at("c");
        for (std::size_t i = 0; i < rows.size(); ++i) {
            RuleRun setup{.rules = reference::rule("mean", 0)};
            setup.rules.pre = {
                {.name = "norm-clip", .parameters = {{.name = "norm", .value = limit}}}};
            expect_near(reference::library_result({rows[i]}, setup), entry.at("expected")[i], 24,
                        entry);
        }
        ++tried;
    }
    EXPECT_EQ(tried, 2);
}

TEST(WorkedCases, RefusesWhatTheBoundForbids) {
    FEDSTAKE_NEED_SHARED(path, "vectors/aggregation.json");
    int refused = 0;
    for (const json& entry : load(path)) {
        const std::string name = entry.at("name");
        if (name == "krum" && entry.at("expected") == "ERROR") {
            const auto rules = reference::rule("krum-paper", entry.at("params").at("f"));
            EXPECT_FALSE(check_aggregation(rules, entry.at("input").size()));
            ++refused;
        }
    }
    EXPECT_EQ(refused, 1);
}

// One matrix on which four libraries' "Krum" select four different rows.
TEST(WorkedCases, KrumVariantsAreTwoFunctions) {
    const Matrix rows{{-8, -9}, {6, 8}, {5, 9}, {-6, 6}, {-8, 8}, {0, -6}, {8, 7}, {-9, -2}};
    const Values shorter =
        reference::library_result(rows, {.rules = reference::rule("krum-paper", 2)});
    const Values longer = reference::library_result(rows, {.rules = reference::rule("krum", 2)});
    EXPECT_NE(shorter, longer);
    EXPECT_EQ(shorter, reference::multi_krum(rows, 4, 1));
    EXPECT_EQ(longer, reference::multi_krum(rows, 5, 1));
    EXPECT_NE(shorter, (Values{-9, -2})) << "that is the 4th-power variant";
    EXPECT_NE(longer, (Values{6, 8})) << "that is the unsquared variant";
}

}  // namespace
}  // namespace fedstake::aggregation
