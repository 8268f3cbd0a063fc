// fedstake-sim aggregate: one clear line and the documented exit code for bad input.
#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/app/sim_program.hpp"
#include "tests/sim/matrix/matrix_bytes.hpp"
#include "tests/support/temp_dir.hpp"

namespace fedstake::sim {
namespace {

using ::testing::HasSubstr;

constexpr const char* kThree = "[[1,2,3],[4,5,6],[7,8,9]]";

std::string many_rows(std::size_t n) {
    std::string text = "[[0]";
    for (std::size_t i = 1; i < n; ++i) {
        text += ",[1]";
    }
    return text + "]";
}

// The line on standard error, with the exit code in front: "2 fedstake-sim: ...".
std::string refusal(std::vector<std::string> arguments, const std::string& input = kThree) {
    arguments.insert(arguments.begin(), "aggregate");
    const ProgramRun run = run_sim(arguments, input);
    EXPECT_EQ(run.out, "");
    EXPECT_EQ(std::count(run.error.begin(), run.error.end(), '\n'), 1) << run.error;
    return std::to_string(run.exit_code) + " " + run.error.substr(0, run.error.find('\n'));
}

TEST(AggregateInput, NamesTheValueThatIsWrong) {
    EXPECT_EQ(refusal({"--rule", "mean"}, "[[1,2],[3]]"),
              "2 fedstake-sim: standard input: row 1 has 1 values, row 0 has 2");
    EXPECT_EQ(refusal({"--rule", "mean"}, "[[1,2],[3,NaN]]"),
              "2 fedstake-sim: standard input: row 1, column 1 is not a finite number");
    EXPECT_EQ(
        refusal({"--rule", "mean"}, "[[1e-300]]"),
        "2 fedstake-sim: standard input: the largest value, 1e-300 in row 0, column 0, is too "
        "small: magnitudes from 1e-135 to 1e153 are possible; scale all rows by one power of "
        "two first");
    EXPECT_EQ(refusal({"--rule", "mean"}, ""), "2 fedstake-sim: standard input: it is empty");
    EXPECT_THAT(refusal({"--rule", "mean", "--bits", "28"}),
                HasSubstr("row 2, column 2 has the magnitude 9"));
}

TEST(AggregateInput, NamesTheNumberInAFileThatIsNotFinite) {
    const fedstake::testing::TempDir folder;
    write_file(folder / "x.npy",
               npy(npy_header("<f4", "(2, 2)"), raw<float>({1, 2, INFINITY, NAN})));
    EXPECT_EQ(refusal({"--rule", "mean", "--input", folder / "x.npy"}),
              "2 fedstake-sim: " + (folder / "x.npy").string() +
                  ": row 1, column 0 is not a finite number");
}

TEST(AggregateInput, NamesFilesThatAreMissingOrBroken) {
    const fedstake::testing::TempDir folder;
    EXPECT_THAT(refusal({"--rule", "mean", "--input", folder / "absent"}),
                HasSubstr("3 fedstake-sim: cannot open"));
    EXPECT_THAT(refusal({"--rule", "mean", "--input", folder.path()}),
                HasSubstr("is a folder, not a file"));
    const std::string whole = npy(npy_header("<f4", "(1, 2)"), raw<float>({1, 2}));
    EXPECT_THAT(refusal({"--rule", "mean"}, whole.substr(0, whole.size() - 1)),
                HasSubstr("cut off"));
    EXPECT_THAT(refusal({"--rule", "mean"}, whole + "x"), HasSubstr("1 bytes follow"));
    EXPECT_THAT(refusal({"--rule", "mean"}, std::string(kThree) + "]"), HasSubstr("not JSON"));
}

TEST(AggregateInput, NamesRulesAndParametersThatAreWrong) {
    EXPECT_THAT(refusal({"--rule", "medien"}), HasSubstr("did you mean \"median\"?"));
    EXPECT_THAT(refusal({"--rule", "mean", "--pre", "nmm"}), HasSubstr("did you mean \"nnm\"?"));
    EXPECT_THAT(refusal({"--rule", "mean", "--param", "m=3"}), HasSubstr("takes no parameters"));
    EXPECT_THAT(refusal({"--rule", "multi-krum", "--param", "n=3"}),
                HasSubstr("did you mean \"m\"?"));
    EXPECT_THAT(refusal({"--rule", "multi-krum", "--param", "m=99"}), HasSubstr("at most 2"));
    EXPECT_THAT(refusal({"--rule", "mean", "--pre", "norm-clip"}),
                HasSubstr("needs the parameter"));
    EXPECT_THAT(refusal({"--rule", "trimmed-mean", "--f", "2"}), HasSubstr("needs n > 2f"));
    EXPECT_THAT(refusal({"--rule", "mean", "--pre", "norm-clip:norm=1"}, "[[1e15],[2e15]]"),
                HasSubstr("norm-clip: norm is 1, below one step"));
    EXPECT_THAT(refusal({"--rule", "norm-difference-clipping:norm=1"}, "[[1e15],[2e15]]"),
                HasSubstr("norm-difference-clipping: norm is 1, below one step"));
    EXPECT_THAT(refusal({"--rule", "mda", "--f", "45"}, many_rows(101)),
                HasSubstr("2^34 operations"));
    EXPECT_THAT(refusal({"--rule", "multi-krum:m=2", "--param", "m=2"}),
                HasSubstr("parameter m is given twice"));
}

TEST(AggregateInput, TakesClaimsWhereTheRuleDoesOnly) {
    EXPECT_THAT(refusal({"--rule", "mean", "--claims", "1,2,3"}),
                HasSubstr("rule mean takes no claimed weights"));
    EXPECT_THAT(refusal({"--rule", "weighted-mean", "--claims", "1,2"}),
                HasSubstr("2 are given: write them as --claims"));
    const ProgramRun run =
        run_sim({"aggregate", "--rule", "weighted-mean", "--claims", "1,1,2", "--json"}, kThree);
    EXPECT_EQ(json_of(run)["aggregate"], (nlohmann::json::array({4.75, 5.75, 6.75})));
}

TEST(AggregateInput, RefusesABadCommandLine) {
    const std::vector<std::vector<std::string>> lines = {
        {"aggregate"},
        {"aggregate", "--rule", "mean", "--threads", "0"},
        {"aggregate", "--rule", "mean", "--memory", "0"},
        {"aggregate", "--rule", "mean", "--bits", "481"},
        {"aggregate", "--rule", "mean", "--f", "-1"},
        {"aggregate", "--rule", "mean", "--seed", "x"},
        {"aggregate", "--rule", "mean", "--nothing"}};
    for (const auto& line : lines) {
        const ProgramRun run = run_sim(line, kThree);
        EXPECT_EQ(run.exit_code, 2) << line.back();
        EXPECT_THAT(run.error, ::testing::StartsWith("fedstake-sim: "));
        EXPECT_EQ(std::count(run.error.begin(), run.error.end(), '\n'), 1) << run.error;
    }
}

TEST(AggregateInput, NamesAnOutputThatCannotBeWritten) {
    const fedstake::testing::TempDir folder;
    EXPECT_THAT(refusal({"--rule", "mean", "--output", folder / "no" / "x"}),
                HasSubstr("2 fedstake-sim: --output"));
    EXPECT_THAT(refusal({"--rule", "mean", "--output", folder.path()}),
                HasSubstr("must be a file"));
    for (const char* form : {"--json", "--bits=10"}) {
        const ProgramRun full = run_sim({"aggregate", "--rule", "mean", form}, kThree, "/dev/full");
        EXPECT_EQ(full.exit_code, 5);
        EXPECT_EQ(full.error, "fedstake-sim: cannot write to standard output\n");
    }
}

}  // namespace
}  // namespace fedstake::sim
