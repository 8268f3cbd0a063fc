// The table of refusals.
#include "contracts/cpp/refusal.hpp"

#include <gtest/gtest.h>

namespace fedstake::chain {
namespace {

TEST(Refusal, ClassifiesByName) {
    EXPECT_EQ(judge_refusal("AlreadyCommitted").kind, RefusalKind::kAlready);
    EXPECT_EQ(judge_refusal("RoundOutOfOrder").kind, RefusalKind::kWait);
    EXPECT_EQ(judge_refusal("RoundTaken").kind, RefusalKind::kFinal);
    EXPECT_EQ(judge_refusal("CommitmentVoided").kind, RefusalKind::kFinal);
    EXPECT_EQ(judge_refusal("EvidenceMismatch").kind, RefusalKind::kFinal);
    EXPECT_EQ(judge_refusal("SomethingNew").kind, RefusalKind::kFinal);
    EXPECT_TRUE(judge_refusal("SomethingNew").advice.empty());
}

TEST(Refusal, DescribesWithAdvice) {
    EXPECT_EQ(describe_refusal("RingFull", "RingFull(oldestRound = 3)"),
              "RingFull(oldestRound = 3): too many rounds are inside their challenge window");
    EXPECT_EQ(describe_refusal("", "no reason given"), "no reason given");
}

}  // namespace
}  // namespace fedstake::chain
