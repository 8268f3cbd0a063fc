#include "proto/rules/round_rules.hpp"

#include <cmath>
#include <functional>
#include <limits>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/proto/rules/fixtures.hpp"

namespace fedstake::rules {
namespace {

using testing::filled;
using ::testing::HasSubstr;
using testing::valid_rules;

using Change = std::function<void(RoundRules&)>;

std::string refusal_of(const Change& change) {
    RoundRules rules = valid_rules();
    change(rules);
    const Status status = rules.validate();
    if (status) return "accepted";
    EXPECT_EQ(status.error().code, Errc::kInvalidInput);
    return status.error().message;
}

TEST(RoundRules, AcceptsValidRules) {
    const Status status = valid_rules().validate();
    EXPECT_TRUE(status) << status.error().message;
}

TEST(RoundRules, AcceptsTheEdgesOfEveryRange) {
    const std::vector<Change> changes{
        [](RoundRules& r) { r.coordinates = std::uint64_t{1} << 31U; },
        [](RoundRules& r) { r.aggregation.f = 0; },
        [](RoundRules& r) { r.aggregation.scale_bits = 8; },
        [](RoundRules& r) { r.aggregation.scale_bits = 30; },
        [](RoundRules& r) { r.aggregation.coordinate_max = INT32_MAX; },
        [](RoundRules& r) { r.anomaly.cosine_limit = -1.0; },
        [](RoundRules& r) { r.anomaly.norm_limit = 0.0; },
        [](RoundRules& r) { r.anomaly.look_back = false; },
        [](RoundRules& r) { r.anomaly.policy = AnomalyPolicy::kCautious; },
        [](RoundRules& r) { r.anomaly.signals_to_strike = 0; },
        [](RoundRules& r) { r.schedule.auditors_needed = 0; },
        [](RoundRules& r) { r.settlement.round_budget = kAmountMax; },
        [](RoundRules& r) { r.settlement.slash_bps = r.settlement.slash_bps_max = 2'000; },
    };
    for (const Change& change : changes) EXPECT_EQ(refusal_of(change), "accepted");
}

TEST(RoundRules, RefusalsNameFieldValueAndRange) {
    EXPECT_EQ(refusal_of([](RoundRules& r) { r.version = 2; }), "version is 2, must be 1 to 1");
    EXPECT_EQ(refusal_of([](RoundRules& r) { r.coordinates = 0; }),
              "coordinates is 0, must be 1 to 2147483648");
    EXPECT_EQ(refusal_of([](RoundRules& r) { r.aggregation.f = 256; }),
              "aggregation.f is 256, must be 0 to 255");
    EXPECT_EQ(refusal_of([](RoundRules& r) { r.aggregation.scale_bits = 31; }),
              "aggregation.scale_bits is 31, must be 8 to 30");
    EXPECT_EQ(refusal_of([](RoundRules& r) { r.aggregation.coordinate_max = -1; }),
              "aggregation.coordinate_max is -1, must be 1 to 2147483647");
    EXPECT_EQ(refusal_of([](RoundRules& r) { r.anomaly.policy = static_cast<AnomalyPolicy>(2); }),
              "anomaly.policy is unknown (2)");
    EXPECT_THAT(refusal_of([](RoundRules& r) {
                    r.anomaly.policy = AnomalyPolicy::kCautious;
                    r.anomaly.look_back = false;
                }),
                ::testing::HasSubstr("look_back must be true for anomaly.policy \"cautious\""));
    EXPECT_EQ(refusal_of([](RoundRules& r) { r.anomaly.norm_limit = -1.0; }),
              "anomaly.norm_limit is -1, must be 0 to 1000000");
    EXPECT_EQ(refusal_of([](RoundRules& r) { r.anomaly.cosine_limit = 1.5; }),
              "anomaly.cosine_limit is 1.5, must be -1 to 1");
    EXPECT_EQ(refusal_of([](RoundRules& r) { r.anomaly.signals_to_strike = 4; }),
              "anomaly.signals_to_strike is 4, must be 0 to 3");
    EXPECT_EQ(refusal_of([](RoundRules& r) { r.schedule.quorum = 0; }),
              "schedule.quorum is 0, must be 1 to 512");
    EXPECT_EQ(refusal_of([](RoundRules& r) { r.schedule.collect_deadline.ms = 0; }),
              "schedule.collect_deadline (ms) is 0, must be 1 to 2592000000");
    EXPECT_EQ(refusal_of([](RoundRules& r) { r.settlement.stake_per_score = 0; }),
              "settlement.stake_per_score is 0, must be 1 to 79228162514264337593543950335");
    EXPECT_EQ(refusal_of([](RoundRules& r) { r.settlement.slash_bps = 2001; }),
              "settlement.slash_bps is 2001, must be 0 to settlement.slash_bps_max (2000)");
}

TEST(RoundRules, RefusesEveryFieldOutOfItsRange) {
    const std::vector<std::pair<std::string, Change>> cases{
        {"coordinates", [](RoundRules& r) { r.coordinates = (std::uint64_t{1} << 31U) + 1; }},
        {"aggregation.rule", [](RoundRules& r) { r.aggregation.rule.name = "Trimmed Mean"; }},
        {"aggregation.pre[0]", [](RoundRules& r) { r.aggregation.pre[0].name = ""; }},
        {"aggregation.pre", [](RoundRules& r) { r.aggregation.pre.resize(9); }},
        {"aggregation.scale_bits", [](RoundRules& r) { r.aggregation.scale_bits = 7; }},
        {"anomaly.distance_limit", [](RoundRules& r) { r.anomaly.distance_limit = -1; }},
        {"anomaly.distance_limit", [](RoundRules& r) { r.anomaly.distance_limit = std::nan(""); }},
        {"model.kind", [](RoundRules& r) { r.model.kind = "resnet"; }},
        {"model.inputs", [](RoundRules& r) { r.model.inputs = 0; }},
        {"model.outputs", [](RoundRules& r) { r.model.outputs = 0; }},
        {"model.hidden", [](RoundRules& r) { r.model.hidden = {4}; }},
        {"model.hidden", [](RoundRules& r) { r.model.kind = "mlp"; }},
        {"model.site_local[0]", [](RoundRules& r) { r.model.site_local = {"a b"}; }},
        {"model.site_local[1]",
         [](RoundRules& r) {
             r.model.site_local = {"a", ""};
         }},
        {"model.script_digest", [](RoundRules& r) { r.model.kind = "torchscript"; }},
        {"model.script_digest",
         [](RoundRules& r) { r.model.script_digest = filled<Digest>(0x11); }},
        {"model.init_seed", [](RoundRules& r) { r.model.init_seed = UINT64_MAX; }},
        {"training.algorithm", [](RoundRules& r) { r.training.algorithm = "fedsgd"; }},
        {"training.optimizer", [](RoundRules& r) { r.training.optimizer = ""; }},
        {"training.learning_rate", [](RoundRules& r) { r.training.learning_rate = 0; }},
        {"training.learning_rate",
         [](RoundRules& r) { r.training.learning_rate = std::numeric_limits<double>::infinity(); }},
        {"training.momentum", [](RoundRules& r) { r.training.momentum = 1.0; }},
        {"training.weight_decay", [](RoundRules& r) { r.training.weight_decay = -0.1; }},
        {"training.proximal_mu", [](RoundRules& r) { r.training.proximal_mu = 0.1; }},
        {"training.local_steps", [](RoundRules& r) { r.training.local_steps = 0; }},
        {"training.batch_size", [](RoundRules& r) { r.training.batch_size = 0; }},
        {"training.seed", [](RoundRules& r) { r.training.seed = UINT64_MAX; }},
        {"schedule.quorum", [](RoundRules& r) { r.schedule.quorum = 513; }},
        {"schedule.auditors_needed", [](RoundRules& r) { r.schedule.auditors_needed = 33; }},
        {"schedule.attest_deadline", [](RoundRules& r) { r.schedule.attest_deadline.ms = -1; }},
        {"schedule.attempts_max", [](RoundRules& r) { r.schedule.attempts_max = 0; }},
        {"settlement.round_budget",
         [](RoundRules& r) { r.settlement.round_budget = kAmountMax + 1; }},
        {"settlement.min_stake", [](RoundRules& r) { r.settlement.min_stake = ~Amount{0}; }},
        {"settlement.strikes_to_accuse", [](RoundRules& r) { r.settlement.strikes_to_accuse = 0; }},
        {"settlement.slash_bps_max", [](RoundRules& r) { r.settlement.slash_bps_max = 2'001; }},
    };
    for (const auto& [field, change] : cases) EXPECT_THAT(refusal_of(change), HasSubstr(field));
}

TEST(RoundRules, ExplainsParametersThatMakeNoSense) {
    EXPECT_EQ(refusal_of([](RoundRules& r) {
                  r.aggregation.rule.parameters = {{"m", 1}, {"m", 2}};
              }),
              "parameter m of aggregation.rule is given twice: keep one");
    EXPECT_EQ(refusal_of([](RoundRules& r) {
                  r.aggregation.rule.parameters = {{"m", std::nan("")}};
              }),
              "parameter m of aggregation.rule is nan, must be a finite number");
    EXPECT_EQ(refusal_of([](RoundRules& r) { r.model.kind = "resnet"; }),
              "model.kind is \"resnet\", must be one of: logistic, mlp, torchscript");
    EXPECT_EQ(refusal_of([](RoundRules& r) {
                  r.training.optimizer = "adam";
                  r.training.momentum = 0.9;
              }),
              "training.momentum is 0.9, must be 0 for training.optimizer \"adam\" (only \"sgd\" "
              "uses it)");
}

TEST(RoundRules, ChecksCoordinatesAgainstTheModel) {
    RoundRules rules = valid_rules();
    EXPECT_TRUE(rules.check_coordinates());  // 13 of 14: the intercept stays at the site
    rules.coordinates = 14;
    EXPECT_EQ(rules.check_coordinates().error().message,
              "coordinates is 14, must be below 14: the logistic model has 14 parameters and "
              "model.site_local keeps some at the site");
    rules.model.site_local.clear();
    EXPECT_TRUE(rules.check_coordinates());
    rules.model.kind = "mlp";
    rules.model.hidden = {8, 4};
    EXPECT_EQ(rules.check_coordinates().error().message,
              "coordinates is 14, must be 153: the mlp model has 153 parameters and "
              "model.site_local keeps none at the site");
    rules.coordinates = 153;  // 14*8 + 9*4 + 5*1
    EXPECT_TRUE(rules.check_coordinates());
    rules.model.kind = "torchscript";
    rules.coordinates = 1;
    EXPECT_TRUE(rules.check_coordinates());
}

TEST(RoundRules, DigestDependsOnEveryField) {
    const std::vector<Change> changes{
        [](RoundRules& r) { r.version = 2; },
        [](RoundRules& r) { r.coordinates = 14; },
        [](RoundRules& r) { r.aggregation.rule.name = "median"; },
        [](RoundRules& r) {
            r.aggregation.rule.parameters = {{"m", 3}};
        },
        [](RoundRules& r) {
            r.aggregation.rule.parameters = {{"m", 4}};
        },
        [](RoundRules& r) {
            r.aggregation.rule.parameters = {{"k", 3}};
        },
        [](RoundRules& r) { r.aggregation.pre.clear(); },
        [](RoundRules& r) { r.aggregation.pre.push_back({.name = "nnm", .parameters = {}}); },
        [](RoundRules& r) { r.aggregation.f = 2; },
        [](RoundRules& r) { r.aggregation.scale_bits = 20; },
        [](RoundRules& r) { r.aggregation.coordinate_max = 5; },
        [](RoundRules& r) { r.anomaly.policy = AnomalyPolicy::kCautious; },
        [](RoundRules& r) { r.anomaly.look_back = false; },
        [](RoundRules& r) { r.anomaly.norm_limit = 5; },
        [](RoundRules& r) { r.anomaly.cosine_limit = 0.5; },
        [](RoundRules& r) { r.anomaly.distance_limit = 5; },
        [](RoundRules& r) { r.anomaly.signals_to_strike = 3; },
        [](RoundRules& r) { r.model.kind = "mlp"; },
        [](RoundRules& r) { r.model.inputs = 14; },
        [](RoundRules& r) { r.model.outputs = 2; },
        [](RoundRules& r) { r.model.hidden = {4}; },
        [](RoundRules& r) { r.model.site_local = {"*.bias"}; },
        [](RoundRules& r) { r.model.script_digest = filled<Digest>(1); },
        [](RoundRules& r) { r.model.init_seed = 2; },
        [](RoundRules& r) { r.training.algorithm = "fedprox"; },
        [](RoundRules& r) { r.training.optimizer = "adam"; },
        [](RoundRules& r) { r.training.learning_rate = 0.06; },
        [](RoundRules& r) { r.training.momentum = 0.5; },
        [](RoundRules& r) { r.training.weight_decay = 0.5; },
        [](RoundRules& r) { r.training.proximal_mu = 0.5; },
        [](RoundRules& r) { r.training.local_steps = 7; },
        [](RoundRules& r) { r.training.batch_size = 7; },
        [](RoundRules& r) { r.training.seed = 7; },
        [](RoundRules& r) { r.schedule.quorum = 4; },
        [](RoundRules& r) { r.schedule.collect_deadline.ms = 7; },
        [](RoundRules& r) { r.schedule.auditors_needed = 2; },
        [](RoundRules& r) { r.schedule.attest_deadline.ms = 7; },
        [](RoundRules& r) { r.schedule.attempts_max = 7; },
        [](RoundRules& r) { r.settlement.round_budget = 7; },
        [](RoundRules& r) { r.settlement.min_stake = 7; },
        [](RoundRules& r) { r.settlement.stake_per_score = 7; },
        [](RoundRules& r) { r.settlement.strikes_to_accuse = 7; },
        [](RoundRules& r) { r.settlement.slash_bps = 7; },
        [](RoundRules& r) { r.settlement.slash_bps_max = 1500; },
    };
    std::set<Digest> digests{valid_rules().digest()};
    for (const Change& change : changes) {
        RoundRules rules = valid_rules();
        change(rules);
        digests.insert(rules.digest());
    }
    EXPECT_EQ(digests.size(), changes.size() + 1);
}

TEST(RoundRules, EqualRulesHaveEqualDigestsHoweverTheyAreWritten) {
    RoundRules a = valid_rules();
    RoundRules b = valid_rules();
    a.aggregation.rule.parameters = {{"a", 0.0}, {"b", 2.0}};
    b.aggregation.rule.parameters = {{"b", 2.0}, {"a", -0.0}};
    EXPECT_EQ(a.digest(), b.digest());
}

}  // namespace
}  // namespace fedstake::rules
