// Picking and resampling rows.
#include "client/data/dataset.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace fedstake::data {
namespace {

Dataset three_rows() {
    return {.inputs = 2,
            .classes = 2,
            .feature_names = {"a", "b"},
            .features = {1.0F, 2.0F, 3.0F, 4.0F, 5.0F, 6.0F},
            .labels = {0, 1, 0}};
}

TEST(SelectRows, KeepsOrderAndRepeats) {
    const std::array<std::size_t, 3> rows = {2, 0, 2};
    const Dataset picked = select_rows(three_rows(), rows);
    EXPECT_EQ(picked.features, (std::vector<float>{5, 6, 1, 2, 5, 6}));
    EXPECT_EQ(picked.labels, (std::vector<std::int32_t>{0, 0, 0}));
    EXPECT_EQ(picked.feature_names, three_rows().feature_names);
}

TEST(SelectRows, OfNothingIsEmpty) {
    EXPECT_EQ(select_rows(three_rows(), {}).rows(), 0U);
}

TEST(Bootstrap, DrawsWholeRowsWithReplacement) {
    Dataset data = three_rows();
    for (int i = 0; i < 100; ++i) {
        data.features.insert(data.features.end(), {100.0F + static_cast<float>(i), 0.0F});
        data.labels.push_back(1);
    }
    Rng rng(7);
    const Dataset drawn = bootstrap(data, rng);
    ASSERT_EQ(drawn.rows(), data.rows());
    std::set<float> first;
    for (std::size_t i = 0; i < drawn.rows(); ++i) first.insert(drawn.row(i)[0]);
    // About 1 - 1/e of the rows appear; all of them, or a few, would not be a bootstrap.
    EXPECT_GT(first.size(), 50U);
    EXPECT_LT(first.size(), 80U);
}

TEST(Bootstrap, RepeatsUnderTheSameSeed) {
    Rng one(3);
    Rng two(3);
    EXPECT_EQ(bootstrap(three_rows(), one), bootstrap(three_rows(), two));
}

}  // namespace
}  // namespace fedstake::data
