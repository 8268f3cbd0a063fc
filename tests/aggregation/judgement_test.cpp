// Rows that count as one.
#include "aggregation/judgement.hpp"

#include <gtest/gtest.h>

namespace fedstake::aggregation {
namespace {

using Groups = std::vector<std::vector<std::size_t>>;

TEST(MergeGroups, MakesOneRowOfEachGroupInTheOrderOfFirstRows) {
    const RowMap map = merge_groups(6, Groups{{1, 4}, {2, 3, 5}});
    ASSERT_EQ(map.rows_out(), 3U);
    ASSERT_EQ(map.denominator(), 6U);
    const std::vector<std::vector<std::uint32_t>> expected{
        {6, 0, 0, 0, 0, 0}, {0, 3, 0, 0, 3, 0}, {0, 0, 2, 2, 0, 2}};
    for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t a = 0; a < 6; ++a) {
            EXPECT_EQ(map.weight(i, a), expected[i][a]) << i << " " << a;
        }
    }
}

TEST(MergeGroups, WithoutGroupsEveryRowStays) {
    EXPECT_TRUE(merge_groups(4, {}).is_identity());
}

TEST(MergeGroups, RoundsWhereSizesHaveNoSmallCommonMultiple) {
    // 2, 3, 5, ..., 19: their product is 9699690, above 2^20.
    Groups groups;
    std::size_t row = 0;
    for (const std::size_t size : {2U, 3U, 5U, 7U, 11U, 13U, 17U, 19U}) {
        groups.emplace_back();
        for (std::size_t k = 0; k < size; ++k) {
            groups.back().push_back(row++);
        }
    }
    const RowMap map = merge_groups(row, groups);
    ASSERT_EQ(map.denominator(), kWeightOne);
    for (std::size_t i = 0; i < groups.size(); ++i) {
        std::uint64_t sum = 0;
        for (std::size_t a = 0; a < row; ++a) {
            sum += map.weight(i, a);
        }
        EXPECT_LE(sum, kWeightOne);
        EXPECT_GT(sum + groups[i].size(), kWeightOne);
    }
}

}  // namespace
}  // namespace fedstake::aggregation
