// fedstake-sim aggregate: what comes out of good input.
#include "sim/app/aggregate_command.hpp"

#include <cmath>
#include <cstring>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/app/sim_program.hpp"
#include "tests/sim/matrix/matrix_bytes.hpp"
#include "tests/support/shared_data.hpp"
#include "tests/support/temp_dir.hpp"

namespace fedstake::sim {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr const char* kFive = "[[1,2,3],[4,5,6],[7,8,9],[1000,-1000,3],[2,3,4]]";

json aggregate_json(std::vector<std::string> arguments, const std::string& input) {
    arguments.insert(arguments.begin(), {"aggregate", "--json"});
    return json_of(run_sim(arguments, input));
}

TEST(AggregateCommand, PrintsTheMeanAndTheFiguresOfEachRow) {
    const json out = aggregate_json({"--rule", "mean"}, "[[3,0],[0,4],[3,4],[-3,-4]]");
    EXPECT_EQ(out["rule"], "mean");
    EXPECT_EQ(out["pre"], json::array());
    EXPECT_EQ(out["n"], 4);
    EXPECT_EQ(out["f"], 1);
    EXPECT_EQ(out["unit"], std::ldexp(1.0, -27));
    EXPECT_EQ(out["aggregate"], (json::array({0.75, 1.0})));
    EXPECT_EQ(out["weights"], (json::array({0.25, 0.25, 0.25, 0.25})));
    ASSERT_EQ(out["rows"].size(), 4U);
    const json& row = out["rows"][3];
    EXPECT_EQ(row["index"], 3);
    EXPECT_EQ(row["weight"], 0.25);
    EXPECT_EQ(row["norm"], 5.0);
    EXPECT_EQ(row["distance"], std::sqrt(4.5 * 4.5 + 6 * 6));  // the median is (1.5, 2)
    EXPECT_LT(row["cosine"].get<double>(), -0.99);
    for (const char* key : {"score", "norm_deviation", "distance_deviation"}) {
        EXPECT_TRUE(row[key].is_number()) << key;
    }
    EXPECT_THAT(row["signals"], ::testing::Contains("cosine"));
}

TEST(AggregateCommand, PrintsTheSignalsOfOneRoundAndTheirLimits) {
    // Two colluders far out in one direction, the other coordinates of opposite signs.
    const char* rows =
        "[[1,2,3,4,1,2,3,4],[1,3,3,5,2,2,3,4],[2,2,3,4,1,1,3,5],[1,2,4,4,1,2,2,4],"
        "[2,3,3,4,1,2,3,5],[90,-80,-70,-60,90,-80,-70,-60],[91,-80,-70,-60,90,-80,-70,-61]]";
    const json out = aggregate_json({"--rule", "median", "--f", "2"}, rows);
    EXPECT_EQ(out["limits"].size(), 6U);
    EXPECT_EQ(out["limits"]["norm"], 3.0);
    EXPECT_EQ(out["limits"]["cosine"], -0.5);
    EXPECT_GE(out["limits"]["signs"].get<double>(), 3.0);
    const json& hostile = out["rows"][6];
    for (const char* name : {"norm", "distance", "nearest", "spectral", "signs"}) {
        EXPECT_GT(hostile[std::string(name) + "_deviation"], out["limits"][name]) << name;
        EXPECT_THAT(hostile["signals"], ::testing::Contains(name));
    }
    EXPECT_EQ(out["rows"][0]["signals"], json::array());
    // One hostile row has nobody to follow.
    const json alone = aggregate_json({"--rule", "median", "--f", "1"}, rows);
    EXPECT_TRUE(alone["rows"][6]["spectral_deviation"].is_null());
    EXPECT_FALSE(alone["limits"].contains("spectral"));
}

TEST(AggregateCommand, TheRuleMayStandWithItsParameters) {
    EXPECT_EQ(
        run_sim({"aggregate", "--json", "--rule", "multi-krum:m=2"}, kFive).out,
        run_sim({"aggregate", "--json", "--rule", "multi-krum", "--param", "m=2"}, kFive).out);
}

TEST(AggregateCommand, KrumGivesTheWeightToOneRow) {
    const json out = aggregate_json({"--rule", "krum", "--f", "1"}, kFive);
    EXPECT_EQ(out["weights"], (json::array({0, 1, 0, 0, 0})));
    EXPECT_EQ(out["aggregate"], (json::array({4, 5, 6})));
}

TEST(AggregateCommand, RulesByColumnsMarkTheRowsThatTakePart) {
    const json out = aggregate_json({"--rule", "median"}, kFive);
    EXPECT_EQ(out["aggregate"], (json::array({4, 3, 4})));
    EXPECT_EQ(out["weights"], (json::array({1, 1, 1, 1, 1})));
}

TEST(AggregateCommand, TakesParametersOfTheRuleAndOfPreAggregations) {
    const json out = aggregate_json(
        {"--rule", "multi-krum", "--param", "m=2", "--pre", "norm-clip:norm=5", "nnm"}, kFive);
    EXPECT_EQ(out["pre"], (json::array({"norm-clip", "nnm"})));
    const json clipped =
        aggregate_json({"--rule", "mean", "--pre", "norm-clip:norm=5"}, "[[30,40]]");
    EXPECT_NEAR(clipped["aggregate"][0].get<double>(), 3.0, 1e-6);
    EXPECT_NEAR(clipped["weights"][0].get<double>(), 0.1, 1e-8);
}

TEST(AggregateCommand, ASeedDecidesRandomChoicesAndNothingElseDoes) {
    const auto run = [](const std::string& seed, const std::string& threads,
                        const std::string& memory) {
        std::string input = "[";
        for (int i = 0; i < 12; ++i) {
            input += fmt::format("{}[{},{},1]", i > 0 ? "," : "", i * i, 7 - i);
        }
        return run_sim({"aggregate", "--rule", "median", "--pre", "bucketing", "--json", "--seed",
                        seed, "--threads", threads, "--memory", memory},
                       input + "]")
            .out;
    };
    const std::string one = run("1", "1", "1");
    EXPECT_EQ(run("1", "4", "64"), one);
    EXPECT_NE(run("2", "1", "1"), one);
}

TEST(AggregateCommand, OneRowAndIdenticalRowsWork) {
    EXPECT_EQ(aggregate_json({"--rule", "mean"}, "[[0.1,-2.5]]")["aggregate"][1], -2.5);
    const json out = aggregate_json({"--rule", "krum"}, "[[1,2],[1,2],[1,2]]");
    EXPECT_EQ(out["aggregate"], (json::array({1, 2})));
    EXPECT_EQ(out["rows"][1]["distance"], 0.0);
    const json zeros = aggregate_json({"--rule", "median"}, "[[0,0],[0,0],[0,0]]");
    EXPECT_EQ(zeros["aggregate"], (json::array({0, 0})));
    EXPECT_EQ(zeros["rows"][0]["cosine"], 0.0);
}

TEST(AggregateCommand, LargeAndTinyNumbersKeepTheirSize) {
    const json large = aggregate_json({"--rule", "mean"}, "[[3e38,1e-300],[1e38,0]]");
    EXPECT_NEAR(large["aggregate"][0].get<double>() / 2e38, 1.0, 1e-9);
    EXPECT_NEAR(large["rows"][0]["norm"].get<double>() / 3e38, 1.0, 1e-9);
    const json tiny = aggregate_json({"--rule", "mean"}, "[[2e-130],[4e-130]]");
    EXPECT_NEAR(tiny["aggregate"][0].get<double>() / 3e-130, 1.0, 1e-9);
}

TEST(AggregateCommand, BitsSetTheStep) {
    const json out = aggregate_json({"--rule", "mean", "--bits", "1"}, "[[1.2],[1.2]]");
    EXPECT_EQ(out["unit"], 0.5);
    EXPECT_EQ(out["aggregate"], (json::array({1.0})));
}

TEST(AggregateCommand, WritesTheAggregateInTheInputsPrecision) {
    const fedstake::testing::TempDir folder;
    write_file(folder / "f4.npy", npy(npy_header("<f4", "(2, 2)"), raw<float>({1, 2, 2, 0.5F})));
    ASSERT_EQ(run_sim({"aggregate", "--rule", "mean", "--input", folder / "f4.npy", "--output",
                       folder / "out4.npy"})
                  .exit_code,
              0);
    const std::string f4 = file_text(folder / "out4.npy");
    EXPECT_THAT(f4, HasSubstr("'<f4'"));
    EXPECT_EQ(f4.substr(f4.size() - 8), raw<float>({1.5F, 1.25F}));
    ASSERT_EQ(
        run_sim({"aggregate", "--rule", "mean", "--output", folder / "out8.npy"}, "[[1,2],[2,0.5]]")
            .exit_code,
        0);
    const std::string f8 = file_text(folder / "out8.npy");
    EXPECT_THAT(f8, HasSubstr("'<f8'"));
    EXPECT_EQ(f8.substr(f8.size() - 16), raw<double>({1.5, 1.25}));
}

TEST(AggregateCommand, EveryFormatGivesTheSame) {
    const fedstake::testing::TempDir folder;
    write_file(folder / "a.npy",
               npy(npy_header("<i8", "(3, 2)"), raw<std::int64_t>({1, 2, 3, 4, 5, 9})));
    write_file(folder / "a.safetensors",
               safetensors(R"({"x":{"dtype":"F64","shape":[3,2],"data_offsets":[0,48]}})",
                           raw<double>({1, 2, 3, 4, 5, 9})));
    const std::string text =
        run_sim({"aggregate", "--rule", "mean", "--json"}, R"({"input":[[1,2],[3,4],[5,9]]})").out;
    for (const char* name : {"a.npy", "a.safetensors"}) {
        EXPECT_EQ(run_sim({"aggregate", "--rule", "mean", "--json", "--input", folder / name}).out,
                  text);
        EXPECT_EQ(run_sim({"aggregate", "--rule", "mean", "--json"}, file_text(folder / name)).out,
                  text);
    }
}

TEST(AggregateCommand, TheTableForPeopleIsShort) {
    const ProgramRun run =
        run_sim({"aggregate", "--rule", "trimmed-mean"},
                "[[1,2,3,4,5,6,7,8,9,10],[1,2,3,4,5,6,7,8,9,10],[0,0,0,0,0,0,0,0,0,0]]");
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_THAT(run.out, HasSubstr("trimmed-mean: 3 rows of 10 values, f = 1"));
    EXPECT_THAT(run.out, HasSubstr("aggregate: 1, 2, 3, 4, 5, 6, 7, 8 and 2 more"));
    EXPECT_EQ(run.out.find('\x1b'), std::string::npos);
}

TEST(AggregateCommand, AgreesWithPublishedCases) {
    FEDSTAKE_NEED_SHARED(path, "vectors/aggregation.json");
    std::ifstream file(path);
    const json cases = json::parse(file);
    std::size_t tried = 0;
    for (const json& entry : cases) {
        const std::map<std::string, std::string> names = {
            {"average", "mean"}, {"coordinate_median", "median"}, {"trimmed_mean", "trimmed-mean"}};
        const auto name = names.find(entry.at("name"));
        if (name == names.end() || !entry.at("expected").is_array() || tried == 12) {
            continue;
        }
        const std::string f = std::to_string(entry.at("params").value("f", 0));
        const json out = aggregate_json({"--rule", name->second, "--f", f}, entry.dump());
        ASSERT_EQ(out["aggregate"].size(), entry["expected"].size());
        for (std::size_t j = 0; j < out["aggregate"].size(); ++j) {
            const double wanted = entry["expected"][j];
            EXPECT_NEAR(out["aggregate"][j].get<double>(), wanted,
                        1e-6 * std::max(1.0, std::fabs(wanted)))
                << "case " << entry["id"];
        }
        ++tried;
    }
    EXPECT_GT(tried, 5U);
}

}  // namespace
}  // namespace fedstake::sim
