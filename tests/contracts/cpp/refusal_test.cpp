// The table of refusals.
#include "contracts/cpp/refusal.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "contracts/cpp/refusal_table.hpp"

namespace fedstake::chain {
namespace {

using Values = std::vector<RefusalValue>;

TEST(Refusal, ClassifiesByName) {
    EXPECT_EQ(judge_refusal("AlreadyCommitted").kind, RefusalKind::kAlready);
    EXPECT_EQ(judge_refusal("RoundOutOfOrder").kind, RefusalKind::kWait);
    EXPECT_EQ(judge_refusal("RoundTaken").kind, RefusalKind::kFinal);
    EXPECT_EQ(judge_refusal("CommitmentVoided").kind, RefusalKind::kFinal);
    EXPECT_EQ(judge_refusal("EvidenceMismatch").kind, RefusalKind::kFinal);
    EXPECT_EQ(judge_refusal("SomethingNew").kind, RefusalKind::kFinal);
    EXPECT_TRUE(judge_refusal("SomethingNew").advice.empty());
}

TEST(Refusal, SaysValuesAsPeopleReadThem) {
    EXPECT_EQ(describe_refusal("RingFull", Values{{"oldestRound", "3"}, {"finalAt", "1767225600"}}),
              "64 rounds are inside their challenge window; the oldest, round 3, is final at "
              "2026-01-01 00:00:00 UTC: it goes on by itself then (RingFull)");
    EXPECT_EQ(describe_refusal("BadBps", Values{{"bps", "2250"}, {"maximum", "2000"}}),
              "a share of 22.5 % is not between 0.01 % and 20 %: the share to slash is out of "
              "range (BadBps)");
    EXPECT_EQ(describe_refusal("CaseNotPending", Values{{"caseId", "0xab"}, {"state", "3"}}),
              "case 0xab is not pending but executed: the case is closed or never existed: see "
              "`fedstake-client appeal` for the open ones (CaseNotPending)");
    EXPECT_EQ(refusal_value("set", "5"), "0, 2");
    EXPECT_EQ(refusal_value("span", "1209600"), "14 d");
    EXPECT_EQ(refusal_value("span", "90"), "90 s");
    EXPECT_EQ(refusal_value("time", "0"), "(no time is set)");
}

TEST(Refusal, ChoosesTheSentenceByTheValues) {
    const auto about = [](const char* name) {
        return describe_refusal("RoundNotVoided", Values{{name, "0x12"}});
    };
    EXPECT_NE(about("commitmentHash").find("commitment 0x12 is not voided"), std::string::npos);
    EXPECT_NE(about("evidenceRoot").find("appeal instead"), std::string::npos);
}

TEST(Refusal, LosesNoValueOfAnErrorOfAnotherVersion) {
    const Values values{{"oldestRound", "3"}, {"shade", "\"blue\""}};
    EXPECT_FALSE(knows_refusal("RingFull", values));
    EXPECT_EQ(describe_refusal("RingFull", values),
              "RingFull(oldestRound = 3, shade = blue): it goes on by itself then");
    EXPECT_EQ(describe_refusal("Unheard", Values{{"a", "1"}}), "Unheard(a = 1)");
    EXPECT_EQ(describe_refusal("Unheard", Values{}), "Unheard");
}

TEST(Refusal, KeepsAHostileTextPrintableAndShort) {
    const std::string text = refusal_value("", "\"\x1b[31m" + std::string(5000, 'x') + "\"");
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_LE(text.size(), 200U);
    EXPECT_EQ(refusal_value("time", "115792089237316195423570985008687907853269984665640564039457"),
              "115792089237316195423570985008687907853269984665640564039457");
    EXPECT_EQ(refusal_value("case", "77"), "77");
}

TEST(Refusal, TakesATextThatIsNotTakenApart) {
    EXPECT_EQ(describe_refusal("NotMinter", "NotMinter: 0x1"),
              "NotMinter: 0x1: only the deployer of the test token may mint");
    EXPECT_EQ(describe_refusal("", "no reason given"), "no reason given");
}

}  // namespace
}  // namespace fedstake::chain
