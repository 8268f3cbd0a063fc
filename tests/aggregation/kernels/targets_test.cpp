// Which instruction sets there are, and that tests can force each.
#include "aggregation/kernels/targets.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace fedstake::aggregation::kernels {
namespace {

TEST(Targets, NamesAreDistinctAndTheActiveOneIsAmongThem) {
    std::set<std::string> names;
    for (const Target& target : targets()) {
        names.insert(target.name);
    }
    EXPECT_EQ(names.size(), targets().size());
    EXPECT_TRUE(names.contains(active_target().name));
}

TEST(Targets, HasPortableCode) {
    EXPECT_EQ(targets().front().name, "portable");
}

TEST(Targets, ForcesEachAndReturnsToTheOneBefore) {
    const std::string before = active_target().name;
    for (const Target& target : targets()) {
        {
            const ForcedTarget forced(target);
            EXPECT_EQ(active_target().name, target.name);
            EXPECT_FALSE(targets().empty());  // asking does not change the choice
            EXPECT_EQ(active_target().name, target.name);
        }
        EXPECT_EQ(active_target().name, before);
    }
}

TEST(Targets, ForcedOnesNest) {
    const auto all = targets();
    const ForcedTarget outer(all.front());
    {
        const ForcedTarget inner(all.back());
        EXPECT_EQ(active_target().name, all.back().name);
    }
    EXPECT_EQ(active_target().name, all.front().name);
}

}  // namespace
}  // namespace fedstake::aggregation::kernels
