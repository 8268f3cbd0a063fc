// docs/aggregation-rules.md is what the registry says.
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "sim/app/list_command.hpp"

namespace fedstake::sim {
namespace {

TEST(RulesDocument, HasNotDriftedFromTheRegistry) {
    std::ifstream file(FEDSTAKE_RULES_DOCUMENT);
    std::ostringstream text;
    text << file.rdbuf();
    EXPECT_EQ(text.str(), rules_markdown())
        << "write it again: fedstake-sim list rules --markdown > docs/aggregation-rules.md";
}

}  // namespace
}  // namespace fedstake::sim
