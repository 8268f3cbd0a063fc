#include "proto/manifest/nearest_key.hpp"

#include <gtest/gtest.h>

namespace fedstake::manifest {
namespace {

TEST(EditDistance, CountsInsertionsDeletionsAndSubstitutions) {
    EXPECT_EQ(edit_distance("", ""), 0U);
    EXPECT_EQ(edit_distance("", "abc"), 3U);
    EXPECT_EQ(edit_distance("abc", ""), 3U);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
    EXPECT_EQ(edit_distance("quorm", "quorum"), 1U);
}

TEST(NearestKey, FindsTypingErrorsOnly) {
    const std::vector<std::string> known{"batch_size", "local_steps", "seed"};
    EXPECT_EQ(nearest_key("batchsize", known), "batch_size");
    EXPECT_EQ(nearest_key("sed", known), "seed");
    EXPECT_EQ(nearest_key("local_stepps", known), "local_steps");
    EXPECT_EQ(nearest_key("momentum", known), std::nullopt);
    EXPECT_EQ(nearest_key("seed", {}), std::nullopt);
    EXPECT_EQ(nearest_key(std::string(100'000, 's'), known), std::nullopt);
}

TEST(NearestKey, TakesTheFirstOfEquals) {
    EXPECT_EQ(nearest_key("aac", {"aaa", "aab"}), "aaa");
}

}  // namespace
}  // namespace fedstake::manifest
