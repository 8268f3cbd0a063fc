// Accuracy, loss and AUC against values worked out by hand.
#include "client/training/evaluation.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace fedstake::training {
namespace {

using Labels = std::vector<std::int32_t>;
using Logits = std::vector<float>;

TEST(Evaluation, OneOutputIsPositiveAboveZero) {
    const auto result = evaluate_logits(Logits{2.0F, -1.0F, 0.0F}, 1, Labels{1, 1, 0});
    EXPECT_EQ(result.rows, 3U);
    EXPECT_EQ(result.correct, 2U);  // a logit of exactly 0 is class 0
    const double expected =
        (std::log1p(std::exp(-2.0)) + std::log1p(std::exp(1.0)) + std::log(2.0));
    EXPECT_NEAR(result.loss, expected / 3.0, 1e-12);
    EXPECT_NEAR(result.accuracy(), 2.0 / 3.0, 1e-15);
}

TEST(Evaluation, LossDoesNotOverflow) {
    const auto result = evaluate_logits(Logits{1e30F, -1e30F}, 1, Labels{1, 0});
    EXPECT_EQ(result.loss, 0.0);
    EXPECT_TRUE(std::isfinite(evaluate_logits(Logits{1e30F, 0.0F}, 2, Labels{1}).loss));
}

TEST(Evaluation, SeveralOutputsTakeTheLargestTiesToTheLowest) {
    const auto result =
        evaluate_logits(Logits{0, 1, 0, /**/ 2, 2, 0, /**/ 0, 0, 3}, 3, Labels{1, 1, 2});
    EXPECT_EQ(result.correct, 2U);
    EXPECT_FALSE(result.auc);
}

TEST(Evaluation, AucCountsTiesOneHalf) {
    // positives 3, 1; negatives 1, 0: wins 1 + 1 + .5 + 1 of 4
    const auto result = evaluate_logits(Logits{3, 1, 1, 0}, 1, Labels{1, 1, 0, 0});
    ASSERT_TRUE(result.auc);
    EXPECT_DOUBLE_EQ(*result.auc, 3.5 / 4.0);
    EXPECT_DOUBLE_EQ(*evaluate_logits(Logits{1, 1, 1}, 1, Labels{1, 0, 0}).auc, 0.5);
}

TEST(Evaluation, AucNeedsBothClassesAndNumbers) {
    EXPECT_FALSE(evaluate_logits(Logits{1, 2}, 1, Labels{1, 1}).auc);
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const auto result = evaluate_logits(Logits{nan, 1}, 1, Labels{1, 0});
    EXPECT_FALSE(result.auc);
    EXPECT_EQ(result.correct, 0U);
}

TEST(Evaluation, OfNoRowsIsZero) {
    EXPECT_EQ(evaluate_logits({}, 1, {}).accuracy(), 0.0);
}

}  // namespace
}  // namespace fedstake::training
