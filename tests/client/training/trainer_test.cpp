// Training: deterministic, correct to the letter on cases worked by hand, honest about failure.
#include "client/training/trainer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "client/data/dataset.hpp"
#include "proto/base/rng.hpp"

namespace fedstake::training {
namespace {

using ::testing::HasSubstr;

// Two features; label 1 where the first is positive, with some noise.
data::Dataset noisy_rows(std::size_t rows = 80, std::uint64_t seed = 1) {
    data::Dataset data{
        .inputs = 2, .classes = 2, .feature_names = {"a", "b"}, .features = {}, .labels = {}};
    Rng rng(seed);
    for (std::size_t i = 0; i < rows; ++i) {
        const double a = rng.normal();
        data.features.push_back(static_cast<float>(a));
        data.features.push_back(static_cast<float>(rng.normal()));
        data.labels.push_back(a + 0.3 * rng.normal() > 0.0 ? 1 : 0);
    }
    return data;
}

rules::RoundRules logistic_rules() {
    rules::RoundRules rules;
    rules.model.inputs = 2;
    rules.training.learning_rate = 0.1;
    rules.training.local_steps = 50;
    return rules;
}

rules::RoundRules mlp_rules() {
    rules::RoundRules rules = logistic_rules();
    rules.model.kind = "mlp";
    rules.model.hidden = {5};
    return rules;
}

Trainer trainer_of(const rules::RoundRules& rules) {
    auto trainer = Trainer::create(rules);
    EXPECT_TRUE(trainer) << trainer.error().message;
    return std::move(*trainer);
}

std::vector<float> applied(const std::vector<float>& base,
                           const std::vector<std::int32_t>& update) {
    std::vector<float> out;
    for (std::size_t j = 0; j < base.size(); ++j) {
        out.push_back(static_cast<float>(static_cast<double>(base[j]) +
                                         std::ldexp(static_cast<double>(update[j]), -24)));
    }
    return out;
}

std::string refusal(const rules::RoundRules& rules) {
    const auto trainer = Trainer::create(rules);
    return trainer ? "(no error)" : trainer.error().message;
}

TEST(Trainer, OneFullBatchStepIsTheGradient) {
    rules::RoundRules rules = logistic_rules();
    rules.training.local_steps = 1;
    rules.training.batch_size = 1000;  // more than there are rows: all of them
    rules.training.learning_rate = 0.5;
    const data::Dataset rows = noisy_rows(40);
    auto trainer = trainer_of(rules);
    const auto trained = trainer.train(trainer.initial().shared, {}, rows, {}, 1);
    ASSERT_TRUE(trained) << trained.error().message;
    // At zero every prediction is 1/2: gradient = mean of (1/2 - y) x.
    double gradient[3] = {0, 0, 0};
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        const double error = 0.5 - static_cast<double>(rows.labels[i]);
        gradient[0] += error * static_cast<double>(rows.row(i)[0]) / 40.0;
        gradient[1] += error * static_cast<double>(rows.row(i)[1]) / 40.0;
        gradient[2] += error / 40.0;
    }
    for (std::size_t j = 0; j < 3; ++j) {
        EXPECT_NEAR(std::ldexp(static_cast<double>(trained->update[j]), -24), -0.5 * gradient[j],
                    1e-6);
    }
}

TEST(Trainer, LearnsWhatCanBeLearned) {
    for (const auto& rules : {logistic_rules(), mlp_rules()}) {
        auto trainer = trainer_of(rules);
        std::vector<float> model = trainer.initial().shared;
        LocalState local;
        for (RoundNumber round = 1; round <= 10; ++round) {
            const auto trained = trainer.train(model, local, noisy_rows(), {}, round);
            ASSERT_TRUE(trained);
            model = applied(model, trained->update);
        }
        const auto score = trainer.evaluate(model, local, noisy_rows(500, 99));
        ASSERT_TRUE(score);
        EXPECT_GT(score->accuracy(), 0.85) << rules.model.kind;
        EXPECT_GT(score->auc.value(), 0.95) << rules.model.kind;
    }
}

TEST(Trainer, SameInputsGiveTheSameBytes) {
    for (const char* optimizer : {"sgd", "adam"}) {
        rules::RoundRules rules = mlp_rules();
        rules.training.optimizer = optimizer;
        auto one = trainer_of(rules);
        auto two = trainer_of(rules);
        // A trainer that did something else before must not remember it.
        ASSERT_TRUE(two.train(two.initial().shared, {}, noisy_rows(30, 5), {}, 9));
        const auto a = one.train(one.initial().shared, {}, noisy_rows(), {}, 1);
        const auto b = two.train(two.initial().shared, {}, noisy_rows(), {}, 1);
        ASSERT_TRUE(a);
        ASSERT_TRUE(b);
        EXPECT_EQ(a->update, b->update);
    }
}

TEST(Trainer, RoundSiteAndSeedChangeTheBatches) {
    auto trainer = trainer_of(logistic_rules());
    const auto base = trainer.initial().shared;
    const auto update = [&](const SiteId& site, RoundNumber round) {
        return trainer.train(base, {}, noisy_rows(), site, round)->update;
    };
    SiteId other;
    other.bytes[0] = 1;
    EXPECT_NE(update({}, 1), update({}, 2));
    EXPECT_NE(update({}, 1), update(other, 1));
    rules::RoundRules rules = logistic_rules();
    rules.training.seed = 2;
    auto reseeded = trainer_of(rules);
    EXPECT_NE(update({}, 1), reseeded.train(base, {}, noisy_rows(), {}, 1)->update);
}

TEST(Trainer, SiteLocalParametersStayAndPersist) {
    rules::RoundRules rules = logistic_rules();
    rules.model.site_local = {"*.bias"};
    auto trainer = trainer_of(rules);
    const auto first = trainer.train(trainer.initial().shared, {}, noisy_rows(), {}, 1);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->update.size(), 2U);
    ASSERT_EQ(first->local.parameters.size(), 1U);
    EXPECT_NE(first->local.parameters[0], 0.0F);
    // The state given in is where training starts.
    const LocalState far{.parameters = {100.0F}};
    const auto second = trainer.train(trainer.initial().shared, far, noisy_rows(), {}, 1);
    ASSERT_TRUE(second);
    EXPECT_GT(second->local.parameters[0], 50.0F);
    EXPECT_NE(second->update, first->update);
    const auto score = trainer.evaluate(trainer.initial().shared, far, noisy_rows());
    EXPECT_EQ(score->correct, noisy_rows().positives());
}

TEST(Trainer, ProximalTermHoldsTheModelNearItsBase) {
    rules::RoundRules rules = logistic_rules();
    rules.model.site_local = {"*.bias"};
    const auto moved = [&](double mu) {
        rules.training.algorithm = "fedprox";
        rules.training.proximal_mu = mu;
        auto trainer = trainer_of(rules);
        const auto trained = trainer.train(trainer.initial().shared, {}, noisy_rows(), {}, 1);
        EXPECT_TRUE(trained);
        double sum = 0.0;
        for (const std::int32_t value : trained->update) sum += std::fabs(double{1.0} * value);
        return std::pair(sum, trained->local.parameters[0]);
    };
    const auto free = moved(0.0);
    const auto held = moved(5.0);
    EXPECT_LT(held.first, free.first / 3.0);
    EXPECT_GT(std::fabs(held.second), 0.0F);
    // Without a term it is FedAvg to the bit.
    rules.training.algorithm = "fedavg";
    rules.training.proximal_mu = 0.0;
    auto plain = trainer_of(rules);
    rules.training.algorithm = "fedprox";
    auto zero = trainer_of(rules);
    const auto base = plain.initial().shared;
    EXPECT_EQ(plain.train(base, {}, noisy_rows(), {}, 1)->update,
              zero.train(base, {}, noisy_rows(), {}, 1)->update);
}

TEST(Trainer, ReportsProgressAndStopsWhenAsked) {
    auto trainer = trainer_of(logistic_rules());
    const auto base = trainer.initial().shared;
    std::vector<std::uint32_t> steps;
    ASSERT_TRUE(trainer.train(base, {}, noisy_rows(), {}, 1, [&](const Progress& progress) {
        steps.push_back(progress.step);
        EXPECT_EQ(progress.steps, 50U);
        EXPECT_TRUE(std::isfinite(progress.loss));
        return true;
    }));
    EXPECT_EQ(steps.size(), 25U);
    EXPECT_EQ(steps.back(), 50U);
    const auto stopped =
        trainer.train(base, {}, noisy_rows(), {}, 1, [](const Progress&) { return false; });
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, Errc::kNotNow);
}

TEST(Trainer, DivergenceIsAnErrorNotAClamp) {
    rules::RoundRules rules = logistic_rules();
    rules.training.learning_rate = 100.0;
    rules.aggregation.coordinate_max = 1 << 10;
    auto trainer = trainer_of(rules);
    const auto trained = trainer.train(trainer.initial().shared, {}, noisy_rows(), {}, 1);
    ASSERT_FALSE(trained);
    EXPECT_THAT(trained.error().message, HasSubstr("linear."));
}

TEST(Trainer, NanInTheDataIsAnError) {
    data::Dataset rows = noisy_rows();
    rows.features[7] = std::numeric_limits<float>::quiet_NaN();
    auto trainer = trainer_of(logistic_rules());
    const auto trained = trainer.train(trainer.initial().shared, {}, rows, {}, 1);
    ASSERT_FALSE(trained);
    EXPECT_THAT(trained.error().message, HasSubstr("not finite"));
}

TEST(Trainer, TrainsSeveralClasses) {
    rules::RoundRules rules = mlp_rules();
    rules.model.outputs = 3;
    data::Dataset rows = noisy_rows(300);
    rows.classes = 3;
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        if (rows.row(i)[1] > 0.5F) rows.labels[i] = 2;
    }
    auto trainer = trainer_of(rules);
    const auto alone = trainer.train_alone(rows, {}, 10);
    ASSERT_TRUE(alone);
    EXPECT_GT(trainer.evaluate(alone->shared, alone->local, rows)->accuracy(), 0.8);
}

TEST(Trainer, TrainingAloneIsTrainingWithoutAggregation) {
    rules::RoundRules rules = logistic_rules();
    rules.model.site_local = {"*.bias"};
    auto trainer = trainer_of(rules);
    const auto alone = trainer.train_alone(noisy_rows(), {}, 1);
    const auto round = trainer.train(trainer.initial().shared, {}, noisy_rows(), {}, 1);
    ASSERT_TRUE(alone);
    EXPECT_EQ(alone->local, round->local);
    const auto model = applied(trainer.initial().shared, round->update);
    for (std::size_t j = 0; j < model.size(); ++j) EXPECT_NEAR(alone->shared[j], model[j], 1e-7);
}

TEST(Trainer, RefusesWhatDoesNotFit) {
    auto trainer = trainer_of(logistic_rules());
    const auto base = trainer.initial().shared;
    data::Dataset wide = noisy_rows(2);
    wide.inputs = 4;
    wide.labels.resize(1);
    EXPECT_THAT(trainer.train(base, {}, wide, {}, 1).error().message, HasSubstr("4 features"));
    EXPECT_FALSE(trainer.train(base, {}, noisy_rows(0), {}, 1));
    EXPECT_FALSE(trainer.train(std::vector<float>(5), {}, noisy_rows(), {}, 1));
    EXPECT_FALSE(trainer.train(base, {.parameters = {1.0F}}, noisy_rows(), {}, 1));
    data::Dataset labels = noisy_rows();
    labels.labels[3] = 2;
    EXPECT_THAT(trainer.train(base, {}, labels, {}, 1).error().message, HasSubstr("label 2"));
    labels.labels[3] = -1;
    EXPECT_FALSE(trainer.evaluate(base, {}, labels));
}

TEST(Trainer, RefusesRulesItCannotFollow) {
    const auto with = [](auto change) {
        rules::RoundRules rules = logistic_rules();
        change(rules);
        return refusal(rules);
    };
    EXPECT_THAT(with([](auto& r) { r.training.optimizer = "lbfgs"; }), HasSubstr("sgd or adam"));
    EXPECT_THAT(with([](auto& r) { r.training.algorithm = "x"; }), HasSubstr("fedavg or fedprox"));
    EXPECT_THAT(with([](auto& r) { r.training.learning_rate = 0; }), HasSubstr("learning_rate"));
    EXPECT_THAT(with([](auto& r) { r.training.batch_size = 0; }), HasSubstr("batch_size"));
    EXPECT_THAT(with([](auto& r) { r.training.proximal_mu = 1; }), HasSubstr("fedprox"));
    EXPECT_THAT(with([](auto& r) {
                    r.training.optimizer = "adam";
                    r.training.momentum = 0.9;
                }),
                HasSubstr("momentum"));
    EXPECT_THAT(with([](auto& r) { r.coordinates = 4; }), HasSubstr("4 coordinates"));
    EXPECT_THAT(with([](auto& r) { r.model.kind = "torchscript"; }), HasSubstr("local path"));
}

TEST(Coordinates, CountsSharedParameters) {
    rules::ModelRules model = mlp_rules().model;
    EXPECT_EQ(coordinates(model).value(), 2U * 5 + 5 + 5 + 1);
    model.site_local = {"layers.1.*"};
    EXPECT_EQ(coordinates(model).value(), 15U);
}

}  // namespace
}  // namespace fedstake::training
