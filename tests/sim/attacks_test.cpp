#include "sim/attacks.hpp"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/poisoning_trainer.hpp"

namespace fedstake::sim {
namespace {

std::vector<std::int32_t> run(std::string_view name, const AttackView& view,
                              std::uint64_t seed = 1) {
    Rng rng(seed);
    return (*find_attack(name))->apply(view, rng);
}

TEST(Attacks, SignFlipSendsMinusFactorTimesTheUpdate) {
    const std::vector<std::int32_t> honest = {1, -2, 0, 100};
    EXPECT_EQ(run("sign_flip", {.honest = honest, .previous = {}, .factor = 4.0}),
              (std::vector<std::int32_t>{-4, 8, 0, -400}));
}

TEST(Attacks, ScalingSaturatesInsteadOfWrapping) {
    const std::vector<std::int32_t> honest = {1 << 30, -(1 << 30)};
    const auto sent = run("scaling", {.honest = honest, .previous = {}, .factor = 100.0});
    EXPECT_EQ(sent[0], std::numeric_limits<std::int32_t>::max());
    EXPECT_EQ(sent[1], -std::numeric_limits<std::int32_t>::max());
}

TEST(Attacks, NoiseFollowsTheSeedAlone) {
    const std::vector<std::int32_t> honest(100, 1000);
    const AttackView view{.honest = honest, .previous = {}, .factor = 1.0};
    EXPECT_EQ(run("noise", view, 7), run("noise", view, 7));
    EXPECT_NE(run("noise", view, 7), run("noise", view, 8));
}

TEST(Attacks, FreeRidingRepeatsThePreviousUpdateButIsNoExactCopy) {
    const std::vector<std::int32_t> honest = {1, 2, 3};
    EXPECT_EQ(run("free_ride", {.honest = honest, .previous = {}, .factor = 1.0}), honest);
    const std::vector<std::int32_t> previous = {1000000, -2000000, 3000000};
    const auto sent = run("free_ride", {.honest = honest, .previous = previous, .factor = 1.0});
    EXPECT_NE(sent, previous);
    for (std::size_t i = 0; i < sent.size(); ++i) EXPECT_NEAR(sent[i], previous[i], 200000);
}

TEST(Attacks, UnknownNamesListTheKnownOnes) {
    const auto missing = find_attack("signflip");
    ASSERT_FALSE(missing);
    EXPECT_THAT(missing.error().message, ::testing::HasSubstr("sign_flip, scaling"));
}

class FixedTrainer final : public session::SiteTrainer {
public:
    Result<session::TrainedUpdate> train(const rules::RoundContext& /*context*/,
                                         std::span<const float> /*base*/,
                                         const Progress& /*progress*/) override {
        return session::TrainedUpdate{.update = {10, 20}, .rows = 5, .loss = 0.5};
    }
    Result<session::Evaluation> evaluate(std::span<const float> /*shared*/,
                                         RoundNumber /*round*/) override {
        return session::Evaluation{.rows = 5, .test_rows = 2, .test_correct = 1, .loss = 0.1};
    }
    Result<session::Evaluation> evaluate_alone(std::uint64_t /*rounds*/) override {
        return session::Evaluation{};
    }
};

TEST(PoisoningTrainer, ExchangesTheUpdateAndNothingElse) {
    PoisoningTrainer trainer(std::make_unique<FixedTrainer>(), **find_attack("sign_flip"), 4.0, 1);
    const auto trained = trainer.train({}, {}, {});
    ASSERT_TRUE(trained);
    EXPECT_EQ(trained->update, (std::vector<std::int32_t>{-40, -80}));
    EXPECT_EQ(trained->rows, 5U);
    EXPECT_EQ(trainer.evaluate({}, 1)->test_correct, 1U);
}

}  // namespace
}  // namespace fedstake::sim
