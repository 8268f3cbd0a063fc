// Rules and parameters as they are typed.
#include "aggregation/step_text.hpp"

#include <gtest/gtest.h>

namespace fedstake::aggregation {
namespace {

TEST(StepText, ReadsNamesAndParameters) {
    EXPECT_EQ(parse_step("nnm"), (rules::Step{.name = "nnm", .parameters = {}}));
    EXPECT_EQ(parse_step("norm-clip:norm=0.5"),
              (rules::Step{.name = "norm-clip", .parameters = {{"norm", 0.5}}}));
    EXPECT_EQ(parse_step("x:a=1e-3,b=-2"),
              (rules::Step{.name = "x", .parameters = {{"a", 1e-3}, {"b", -2}}}));
}

TEST(StepText, NamesWhatIsNotAParameter) {
    const auto message = [](std::string_view text) {
        const auto step = parse_step(text);
        EXPECT_FALSE(step) << text;
        return step ? std::string() : step.error().message;
    };
    EXPECT_EQ(message("nnm:"), "nnm: parameter \"\": write it as name=value");
    EXPECT_EQ(message("x:a"), "x: parameter \"a\": write it as name=value");
    EXPECT_EQ(message("x:=1"), "x: parameter \"=1\": write it as name=value");
    EXPECT_EQ(message("x:a=1,"), "x: parameter \"\": write it as name=value");
    EXPECT_EQ(message("x:a="), "x: parameter a: \"\" is not a finite number");
    EXPECT_EQ(message("x:a=1x"), "x: parameter a: \"1x\" is not a finite number");
    EXPECT_EQ(message("x:a=nan"), "x: parameter a: \"nan\" is not a finite number");
    EXPECT_EQ(message("x:a=inf"), "x: parameter a: \"inf\" is not a finite number");
    EXPECT_EQ(message("x:a=1e999"), "x: parameter a: \"1e999\" is not a finite number");
}

}  // namespace
}  // namespace fedstake::aggregation
