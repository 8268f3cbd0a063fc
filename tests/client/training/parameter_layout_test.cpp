// Parameter names, order, site-local patterns and starting values.
#include "client/training/parameter_layout.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace fedstake::training {
namespace {

using ::testing::HasSubstr;

rules::ModelRules logistic() {
    rules::ModelRules model;
    model.inputs = 13;
    return model;
}

rules::ModelRules mlp() {
    rules::ModelRules model;
    model.kind = "mlp";
    model.inputs = 4;
    model.hidden = {3, 2};
    return model;
}

TEST(Glob, MatchesWholeTexts) {
    EXPECT_TRUE(glob_match("*.bias", "linear.bias"));
    EXPECT_TRUE(glob_match("*", ""));
    EXPECT_TRUE(glob_match("layers.?.bias", "layers.1.bias"));
    EXPECT_TRUE(glob_match("a*b*c", "a--b-b--c"));
    EXPECT_TRUE(glob_match("**x", "x"));
    EXPECT_FALSE(glob_match("*.bias", "linear.bias2"));
    EXPECT_FALSE(glob_match("bias", "linear.bias"));
    EXPECT_FALSE(glob_match("layers.?.bias", "layers.10.bias"));
    EXPECT_FALSE(glob_match("", "x"));
    EXPECT_FALSE(glob_match("a*b*c", "a--b-b--"));
    EXPECT_FALSE(glob_match("linear?bias*?", "linear.bias"));
}

TEST(Glob, StaysFastOnHostilePatterns) {
    std::string pattern;
    for (int i = 0; i < 50; ++i) pattern += "*a";
    EXPECT_FALSE(glob_match(pattern + "b", std::string(2000, 'a')));
}

TEST(Layout, LogisticIsOneLayer) {
    const auto layout = builtin_layout(logistic());
    ASSERT_TRUE(layout);
    ASSERT_EQ(layout->parameters.size(), 2U);
    EXPECT_EQ(layout->parameters[0].name, "linear.weight");
    EXPECT_EQ(layout->parameters[0].shape, (std::vector<std::int64_t>{1, 13}));
    EXPECT_EQ(layout->parameters[1].name, "linear.bias");
    EXPECT_EQ(layout->shared_count(), 14U);
}

TEST(Layout, InterceptCanStayAtTheSite) {
    auto model = logistic();
    model.site_local = {"*.bias"};
    const auto layout = builtin_layout(model);
    ASSERT_TRUE(layout);
    EXPECT_EQ(layout->shared_count(), 13U);
    EXPECT_EQ(layout->local_count(), 1U);
    EXPECT_TRUE(layout->parameters[1].site_local);
}

TEST(Layout, MlpCountsEveryLayer) {
    const auto layout = builtin_layout(mlp());
    ASSERT_TRUE(layout);
    EXPECT_EQ(layout->shared_count(), 4U * 3 + 3 + 3 * 2 + 2 + 2 * 1 + 1);
    EXPECT_EQ(layout->parameters[4].name, "layers.2.weight");
}

TEST(Layout, RefusesPatternsThatMatchNothingAndNamesTheParameters) {
    auto model = logistic();
    model.site_local = {"*.bais"};
    const auto layout = builtin_layout(model);
    ASSERT_FALSE(layout);
    EXPECT_THAT(layout.error().message, HasSubstr("*.bais"));
    EXPECT_THAT(layout.error().message, HasSubstr("linear.weight, linear.bias"));
}

TEST(Layout, RefusesToKeepEverythingAtTheSite) {
    auto model = logistic();
    model.site_local = {"*"};
    EXPECT_FALSE(builtin_layout(model));
}

TEST(Layout, RefusesModelsThatMakeNoSense) {
    const auto refused = [](rules::ModelRules model, auto change) {
        change(model);
        return !builtin_layout(model);
    };
    EXPECT_TRUE(refused(logistic(), [](auto& m) { m.inputs = 0; }));
    EXPECT_TRUE(refused(logistic(), [](auto& m) { m.outputs = 0; }));
    EXPECT_TRUE(refused(logistic(), [](auto& m) { m.hidden = {3}; }));
    EXPECT_TRUE(refused(logistic(), [](auto& m) { m.kind = "forest"; }));
    EXPECT_TRUE(refused(mlp(), [](auto& m) { m.hidden = {}; }));
    EXPECT_TRUE(refused(mlp(), [](auto& m) { m.hidden = {3, 0}; }));
    // 2^32 weights: above the limit, and no overflow on the way.
    EXPECT_TRUE(refused(mlp(), [](auto& m) {
        m.inputs = 65'536;
        m.hidden = {65'536};
    }));
}

TEST(InitialParameters, LogisticStartsAtZero) {
    const auto model = logistic();
    const auto initial = builtin_parameters(model, builtin_layout(model).value());
    EXPECT_EQ(initial.shared, std::vector<float>(14, 0.0F));
}

TEST(InitialParameters, MlpIsSeededAndBounded) {
    auto model = mlp();
    const auto layout = builtin_layout(model).value();
    const auto first = builtin_parameters(model, layout);
    EXPECT_EQ(builtin_parameters(model, layout).shared, first.shared);
    for (std::size_t i = 0; i < 12; ++i) EXPECT_LE(std::fabs(first.shared[i]), 0.5F);
    EXPECT_EQ(first.shared[12], 0.0F);  // bias
    model.init_seed = 2;
    EXPECT_NE(builtin_parameters(model, layout).shared, first.shared);
}

TEST(InitialParameters, LocalPartDoesNotChangeTheOthers) {
    auto model = mlp();
    const auto all = builtin_parameters(model, builtin_layout(model).value());
    model.site_local = {"layers.0.weight"};
    const auto split = builtin_parameters(model, builtin_layout(model).value());
    EXPECT_EQ(split.local, std::vector<float>(all.shared.begin(), all.shared.begin() + 12));
    EXPECT_EQ(split.shared, std::vector<float>(all.shared.begin() + 12, all.shared.end()));
}

}  // namespace
}  // namespace fedstake::training
