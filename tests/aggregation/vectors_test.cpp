// Worked cases of other libraries and papers, on the fixed-point grid.
#include <map>
#include <optional>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "aggregation/pipeline.hpp"
#include "tests/aggregation/reference.hpp"
#include "tests/aggregation/worked_cases.hpp"
#include "tests/support/shared_data.hpp"

namespace fedstake::aggregation {
namespace {

using nlohmann::json;
using reference::expect_near;
using reference::load_cases;
using reference::Matrix;
using reference::RuleRun;
using reference::scale_for;
using reference::to_grid;
using reference::Values;

// One case as the library is asked.
struct Question {
    std::string rule{};
    std::uint32_t f = 0;
    std::vector<rules::Parameter> parameters{};
    std::vector<rules::Step> pre{};
    std::vector<double> claims{};
};

// Krum's name stands for several functions; nullopt for those that this library refuses to have.
std::optional<std::string> krum_variant(const json& entry, std::uint32_t f) {
    const json params = entry.at("params");
    const std::string words = params.value("neighbours", params.value("variant", ""));
    if (words.find("4th") != std::string::npos || words.find("unsquared") != std::string::npos ||
        params.value("dist", "").find("4th") != std::string::npos) {
        return std::nullopt;  // another function that goes by the same name
    }
    const bool paper =
        words.find("n-f-2") != std::string::npos && words.find("n-f-1") == std::string::npos;
    if (paper && entry.at("input").size() < 2 * std::size_t{f} + 3) {
        return std::nullopt;  // below the paper's bound: see RefusesWhatTheBoundForbids
    }
    return entry.at("name").get<std::string>() == "krum"
               ? (paper ? "krum-paper" : "krum")
               : (paper ? "multi-krum-paper" : "multi-krum");
}

std::optional<Question> krum_question(const json& entry) {
    Question question{.f = entry.at("params").value("f", 0U)};
    const auto variant = krum_variant(entry, question.f);
    if (!variant) {
        return std::nullopt;
    }
    question.rule = *variant;
    const json params = entry.at("params");
    if (params.contains("m") && params["m"].is_number()) {
        question.parameters = {{.name = "m", .value = params["m"]}};
    }
    return question;
}

std::optional<Question> median_question(const std::string& name, const json& params) {
    Question question{.rule = "geometric-median", .f = params.value("f", 0U)};
    if (name == "arc+nnm+geometric_median") {
        question.pre = {{.name = "arc", .parameters = {}}, {.name = "nnm", .parameters = {}}};
    }
    const double nu = params.value("nu", 0.0);
    const double steps = params.value("T", 0.0);
    if (steps > 0 && steps < 100) {  // not converged: the steps from zero that others take
        question.rule = "weiszfeld-steps";
        question.parameters = {{.name = "nu", .value = nu}, {.name = "steps", .value = steps}};
    }
    return question;
}

std::optional<Question> question_of(const json& entry) {
    const std::string name = entry.at("name");
    const json params = entry.value("params", json::object());
    const auto f = params.value("f", 0U);
    const auto fraction = [&](const std::string& rule) {
        return Question{
            .rule = rule, .f = 0, .parameters = {{.name = "beta", .value = params.at("beta")}}};
    };
    if (name == "krum" || name == "multi_krum") {
        return krum_question(entry);
    }
    if (name.find("geometric_median") != std::string::npos) {
        return median_question(name, params);
    }
    if (name == "trimmed_mean_fraction") {
        return fraction("trimmed-mean-fraction");
    }
    if (name == "winsorized_mean_fraction") {
        return Question{
            .rule = "winsorized-mean",
            .f = static_cast<std::uint32_t>(params.at("beta").get<double>() *
                                            static_cast<double>(entry.at("input").size()))};
    }
    if (name == "fedavg_weighted" && params.contains("weights")) {
        return Question{.rule = "weighted-mean",
                        .parameters = {{.name = "cap", .value = 1024}},
                        .claims = params.at("weights").get<std::vector<double>>()};
    }
    if (name == "fedavg_weighted") {
        return Question{.rule = "mean"};
    }
    if (name == "centered_clipping") {
        return Question{.rule = "centered-clipping",
                        .parameters = {{.name = "tau", .value = params.at("tau")},
                                       {.name = "iterations", .value = params.at("L")}}};
    }
    if (name == "monna") {
        return Question{.rule = "monna",
                        .f = f,
                        .parameters = {{.name = "trusted", .value = params.at("idx")}}};
    }
    if (name == "nnm+trimmed_mean") {
        return Question{.rule = "trimmed-mean", .f = f, .pre = {{.name = "nnm", .parameters = {}}}};
    }
    if (name == "static_clipping+nnm+trimmed_mean") {
        return Question{.rule = "trimmed-mean",
                        .f = f,
                        .pre = {reference::clip(params), {.name = "nnm", .parameters = {}}}};
    }
    static const std::map<std::string, std::string> kSameName{{"average", "mean"},
                                                              {"coordinate_median", "median"},
                                                              {"trimmed_mean", "trimmed-mean"},
                                                              {"mda", "mda"},
                                                              {"meamed", "meamed"},
                                                              {"caf", "caf"},
                                                              {"smea", "smea"},
                                                              {"bulyan", "bulyan"},
                                                              {"dnc", "dnc"}};
    const auto found = kSameName.find(name);
    if (found == kSameName.end()) {
        return std::nullopt;
    }
    const bool takes_no_f = name == "coordinate_median" || name == "average";
    return Question{.rule = found->second, .f = takes_no_f ? 0 : f};
}

RuleRun run_of(const Question& question, unsigned bits) {
    RuleRun run{.rules = reference::rule(question.rule, question.f, question.parameters)};
    run.rules.scale_bits = static_cast<std::uint8_t>(bits);
    run.rules.pre = question.pre;
    run.claims = question.claims;
    return run;
}

TEST(WorkedCases, RulesGiveThePublishedResults) {
    FEDSTAKE_NEED_SHARED(path, "vectors/aggregation.json");
    std::map<std::string, int> tried;
    for (const json& entry : load_cases(path)) {
        const auto question = entry.at("expected").is_array() ? question_of(entry) : std::nullopt;
        if (!question) {
            continue;
        }
        const unsigned bits = scale_for(entry.at("input"));
        const Matrix rows = to_grid(entry.at("input"), bits);
        expect_near(reference::library_result(rows, run_of(*question, bits)), entry.at("expected"),
                    bits, entry);
        ++tried[question->rule];
    }
    const std::map<std::string, int> expected{{"mean", 3},
                                              {"median", 15},
                                              {"trimmed-mean", 5},
                                              {"meamed", 2},
                                              {"winsorized-mean", 1},
                                              {"trimmed-mean-fraction", 8},
                                              {"krum", 3},
                                              {"krum-paper", 2},
                                              {"multi-krum", 4},
                                              {"multi-krum-paper", 2},
                                              {"bulyan", 3},
                                              {"mda", 3},
                                              {"monna", 2},
                                              {"smea", 1},
                                              {"caf", 1},
                                              {"dnc", 1},
                                              {"centered-clipping", 2},
                                              {"geometric-median", 6},
                                              {"weiszfeld-steps", 3},
                                              {"weighted-mean", 5}};
    EXPECT_EQ(tried, expected);
}

TEST(WorkedCases, RefusesWhatTheBoundForbids) {
    FEDSTAKE_NEED_SHARED(path, "vectors/aggregation.json");
    int refused = 0;
    for (const json& entry : load_cases(path)) {
        const std::string name = entry.at("name");
        if ((name == "krum" || name == "bulyan") && entry.at("expected") == "ERROR") {
            const auto rules = reference::rule(name == "krum" ? "krum-paper" : "bulyan",
                                               entry.at("params").at("f"));
            EXPECT_FALSE(check_aggregation(rules, entry.at("input").size()));
            ++refused;
        }
    }
    EXPECT_EQ(refused, 2);
}

TEST(WorkedCases, WeightsThatAreAllZeroAreRefused) {
    const Matrix rows{{1}, {2}};
    const reference::Sources sources(rows);
    const std::vector<double> claims{0.0, 0.0};
    const auto result = aggregate_matrix(
        {.rows = sources.pointers,
         .rules = reference::rule("weighted-mean", 0, {{.name = "cap", .value = 2}}),
         .seed = {},
         .claims = claims},
        {});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::kInvalidInput);
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
