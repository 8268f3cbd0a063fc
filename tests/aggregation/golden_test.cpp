// The bytes that every rule makes of one fixed matrix, for ever: the same for any thread count,
// block size, instruction set, compiler and optimisation level.
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "aggregation/kernels/targets.hpp"
#include "tests/aggregation/golden/golden_chains.hpp"

namespace fedstake::aggregation {
namespace {

using reference::golden_digests;

std::string golden() {
    std::ifstream file(FEDSTAKE_GOLDEN_RULES);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

TEST(Golden, EveryRuleMakesTheBytesThatItAlwaysMade) {
    EXPECT_EQ(golden_digests(1, std::size_t{64} << 20U), golden());
}

TEST(Golden, ThreadsAndBlocksDoNotMatter) {
    for (unsigned threads = 2; threads <= 8; ++threads) {
        EXPECT_EQ(golden_digests(threads, (std::size_t{1} << 20U) + threads * 40'000), golden())
            << threads << " threads";
    }
}

TEST(Golden, InstructionSetsDoNotMatter) {
    for (const kernels::Target& target : kernels::targets()) {
        const kernels::ForcedTarget forced(target);
        EXPECT_EQ(golden_digests(2, std::size_t{4} << 20U), golden()) << target.name;
    }
}

}  // namespace
}  // namespace fedstake::aggregation
