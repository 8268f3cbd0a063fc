// The table and the messages for wrong configurations.
#include "aggregation/registry.hpp"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aggregation/pipeline.hpp"
#include "tests/aggregation/reference.hpp"

namespace fedstake::aggregation {
namespace {

using reference::rule;
using ::testing::HasSubstr;

std::string error_of(const rules::AggregationRules& rules, std::size_t sites) {
    const auto status = check_aggregation(rules, sites);
    if (status) {
        return "";
    }
    EXPECT_EQ(status.error().code, Errc::kInvalidInput);
    return status.error().message;
}

TEST(Registry, NamesAndIdsAreUnique) {
    std::set<std::string_view> names;
    std::set<std::uint16_t> ids;
    for (const RuleInfo* info : all_rules()) {
        EXPECT_TRUE(names.insert(info->name).second) << info->name;
        EXPECT_TRUE(ids.insert(info->id).second) << info->name;
        EXPECT_FALSE(info->requirement.empty() || info->source.empty() || info->summary.empty() ||
                     info->breaks.empty() || info->cost.empty())
            << info->name;
        EXPECT_TRUE(info->supports != nullptr && info->combine != nullptr) << info->name;
    }
    ids.clear();
    for (const PreInfo* info : all_pre_aggregations()) {
        EXPECT_TRUE(names.insert(info->name).second) << info->name;
        EXPECT_TRUE(ids.insert(info->id).second) << info->name;
        EXPECT_TRUE(info->supports != nullptr && info->apply != nullptr) << info->name;
    }
}

TEST(Registry, UnknownNamesGetTheNearestOne) {
    EXPECT_THAT(error_of(rule("trimed-mean", 1), 5), HasSubstr("did you mean \"trimmed-mean\"?"));
    EXPECT_THAT(error_of(rule("medain", 1), 5), HasSubstr("did you mean \"median\"?"));
    EXPECT_THAT(error_of(rule("krmu", 1), 5), HasSubstr("did you mean \"krum\"?"));
    EXPECT_THAT(error_of(rule("Krum", 1), 5), HasSubstr("did you mean \"krum\"?"));
    auto rules = rule("mean", 0);
    rules.pre = {{.name = "norm_clip", .parameters = {}}};
    EXPECT_THAT(error_of(rules, 5), HasSubstr("did you mean \"norm-clip\"?"));
}

TEST(Registry, RequirementsAreSpelledOut) {
    EXPECT_EQ(error_of(rule("trimmed-mean", 2), 5), "");
    EXPECT_EQ(error_of(rule("trimmed-mean", 2), 4),
              "rule trimmed-mean needs n > 2f, which n = 4 sites with f = 2 do not meet: use more "
              "sites, a smaller f or another rule");
    EXPECT_EQ(error_of(rule("krum-paper", 1), 5), "");
    EXPECT_THAT(error_of(rule("krum-paper", 1), 4), HasSubstr("needs n >= 2f + 3"));
    EXPECT_THAT(error_of(rule("multi-krum-paper", 2), 6), HasSubstr("needs n >= 2f + 3"));
    EXPECT_EQ(error_of(rule("krum", 1), 3), "");
    EXPECT_THAT(error_of(rule("krum", 1), 2), HasSubstr("needs n > 2f"));
    EXPECT_THAT(error_of(rule("mean", 3), 0), HasSubstr("needs n >= 1"));
    EXPECT_EQ(error_of(rule("mean", 3), 1), "");
}

TEST(Registry, ParametersAreChecked) {
    EXPECT_THAT(error_of(rule("median", 0, {{.name = "m", .value = 1}}), 5),
                HasSubstr("median takes no parameters, but \"m\" is given"));
    EXPECT_THAT(error_of(rule("multi-krum", 1, {{.name = "n", .value = 1}}), 5),
                HasSubstr("unknown parameter \"n\": did you mean \"m\"?"));
    EXPECT_THAT(error_of(rule("multi-krum", 1, {{.name = "m", .value = 1.5}}), 5),
                HasSubstr("must be a whole number"));
    EXPECT_THAT(error_of(rule("multi-krum", 1, {{.name = "m", .value = 0}}), 5),
                HasSubstr("must be from 1 to 512"));
    EXPECT_THAT(error_of(rule("multi-krum", 1, {{.name = "m", .value = 5}}), 5),
                HasSubstr("must be at most 4 for n = 5 sites and f = 1"));
    EXPECT_THAT(
        error_of(rule("multi-krum", 1, {{.name = "m", .value = 2}, {.name = "m", .value = 2}}), 5),
        HasSubstr("given twice"));
    EXPECT_THAT(error_of(rule("trimmed-mean-fraction", 0), 5),
                HasSubstr("needs the parameter beta"));
    EXPECT_THAT(
        error_of(rule("trimmed-mean-fraction", 0, {{.name = "beta", .value = std::nan("")}}), 5),
        HasSubstr("must be from 0 to"));
    EXPECT_THAT(error_of(rule("trimmed-mean-fraction", 1, {{.name = "beta", .value = 0.1}}), 5),
                HasSubstr("needs f <= floor(beta n)"));
    EXPECT_EQ(error_of(rule("trimmed-mean-fraction", 1, {{.name = "beta", .value = 0.2}}), 5), "");
    EXPECT_EQ(error_of(rule("trimmed-mean-fraction", 29, {{.name = "beta", .value = 0.29}}), 100),
              "")
        << "29 of 100, though 0.29 * 100 is less in binary";
    auto rules = rule("mean", 0);
    rules.pre = {{.name = "norm-clip", .parameters = {}}};
    EXPECT_THAT(error_of(rules, 5), HasSubstr("needs the parameter norm"));
    rules.pre = {{.name = "norm-clip", .parameters = {{.name = "norm", .value = 0x1p-16}}}};
    rules.scale_bits = 24;
    EXPECT_EQ(error_of(rules, 5), "");
    rules.scale_bits = 8;
    EXPECT_THAT(error_of(rules, 5), HasSubstr("every update would become zero"));
}

}  // namespace
}  // namespace fedstake::aggregation
