// Worked cases of other libraries and papers.
#include <fstream>
#include <map>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/aggregation/rules/selection_support.hpp"
#include "tests/support/shared_data.hpp"

namespace fedstake::aggregation {
namespace {

using nlohmann::json;
using testing::Matrix;
using testing::Vector;

struct Question {
    std::string rule;
    std::uint32_t f = 0;
    std::vector<std::optional<double>> parameters;
};

std::string text_of(const json& params, const char* key) {
    return params.contains(key) && params[key].is_string() ? params[key].get<std::string>() : "";
}

std::optional<Question> krum_question(const json& params, bool multi) {
    const std::string neighbours = text_of(params, "neighbours") + text_of(params, "variant");
    if (neighbours.find("4th") != std::string::npos ||
        neighbours.find("unsquared") != std::string::npos) {
        return std::nullopt;  // another function that goes by the same name
    }
    const bool paper = neighbours.starts_with("n-f-2") || neighbours.starts_with("max(1,n-f-2)");
    Question question{.rule = std::string(multi ? "multi-krum" : "krum") + (paper ? "-paper" : ""),
                      .f = params.at("f"),
                      .parameters = {}};
    if (multi && params.contains("m") && params["m"].is_number()) {
        question.parameters = {params["m"].get<double>()};
    }
    return question;
}

std::optional<Question> question_of(const json& entry) {
    const std::string name = entry.at("name");
    const json params = entry.value("params", json::object());
    if (name == "krum" || name == "multi_krum") {
        auto question = krum_question(params, name == "multi_krum");
        if (question && entry.at("expected") == "ERROR") {
            question->rule = "krum-paper";  // refused by the paper's bound
        }
        return question;
    }
    if (name == "bulyan" || name == "mda" || name == "smea" || name == "caf") {
        return Question{.rule = name, .f = params.at("f"), .parameters = {}};
    }
    if (name == "monna") {
        return Question{
            .rule = name, .f = params.at("f"), .parameters = {params.at("idx").get<double>()}};
    }
    return std::nullopt;
}

TEST(SelectionWorkedCases, GiveThePublishedResults) {
    FEDSTAKE_NEED_SHARED(path, "vectors/aggregation.json");
    std::ifstream file(path);
    std::map<std::string, int> tried;
    int refused = 0;
    for (const json& entry : json::parse(file)) {
        const auto question = question_of(entry);
        if (!question) {
            continue;
        }
        SCOPED_TRACE("case " + entry.at("id").dump() + " " + question->rule);
        const RuleInfo& info = testing::selection_rule(question->rule);
        Arguments arguments{
            .n = entry.at("input").size(), .f = question->f, .parameters = question->parameters};
        arguments.parameters.resize(info.parameters.size());
        if (!info.supports(arguments)) {
            ++refused;
            continue;
        }
        EXPECT_NE(entry.at("expected"), "ERROR");
        const Matrix rows = entry.at("input");
        const Geometry geometry = testing::geometry_of(rows);
        RuleInput input;
        input.arguments = arguments;
        input.geometry = &geometry;
        const auto answer = info.combine(input);
        ASSERT_TRUE(answer);
        const Vector result = testing::applied(answer->combination, rows);
        const json& expected = entry.at("expected");
        for (std::size_t j = 0; j < result.size(); ++j) {
            if (expected.is_object()) {
                EXPECT_GE(result[j], expected.at("in_range")[0].get<double>());
                EXPECT_LE(result[j], expected.at("in_range")[1].get<double>());
            } else {
                EXPECT_NEAR(result[j], expected[j].get<double>(),
                            std::max(1e-12, entry.at("tol").get<double>()));
            }
        }
        ++tried[question->rule];
    }
    EXPECT_GE(tried["krum"], 3);
    EXPECT_GE(tried["krum-paper"], 2);
    EXPECT_GE(tried["multi-krum"], 4);
    EXPECT_GE(tried["multi-krum-paper"], 2);
    EXPECT_EQ(tried["bulyan"], 4);
    EXPECT_EQ(tried["mda"], 3);
    EXPECT_EQ(tried["smea"], 1);
    EXPECT_EQ(tried["caf"], 1);
    EXPECT_EQ(tried["monna"], 2);
    EXPECT_GE(refused, 4);  // below the bounds: cases 28, 29, 51, 52, 54
}

}  // namespace
}  // namespace fedstake::aggregation
