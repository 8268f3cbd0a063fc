// What people read and programs parse about a finished round.
#include "coordinator/app/round_tree.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/coordinator/round/federation_fixture.hpp"

namespace fedstake::coordinator {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// Three of four sites sent; one of them is struck, one was refused by the gate.
round::RecordResult make_record() {
    round::testing::MachineTest test({.sites = 5, .rounds_max = 1, .chain_enabled = false});
    test.start_collecting();
    const auto bad = test.federation.update(test.state(), 3);
    test.step(round::UpdateSigned{bad});
    test.step(round::UpdateStored{.round = 1,
                                  .attempt = 0,
                                  .site = test.federation.site(3),
                                  .update_root = bad.statement.update_root,
                                  .verdict = round::Refusal::kNotANumber});
    test.send(0);
    test.send(1);
    test.send(2);
    test.at(test.state().deadline.ms, round::DeadlinePassed{});
    auto outcome = test.federation.outcome(test.machine);
    auto& struck = outcome.report.sites[2];
    struck.standing = rules::Standing::kStrike;
    struck.reason = aggregation::Reason::kAnomalous;
    struck.verdict = {.outcome = aggregation::detect::Outcome::kStrike,
                      .clause = aggregation::detect::Clause::kEnoughToStrike,
                      .fired = 5,
                      .reasons = 2,
                      .shared_between = 1};
    struck.figures.norm = 12.5;
    test.step(outcome);
    return round::testing::all_of_kind<round::RecordResult>(test.attest_all()).at(0);
}

SiteNames make_names() {
    manifest::Manifest manifest;
    for (std::uint8_t i = 0; i < 5; ++i) {
        manifest::SiteEntry site;
        site.owner.bytes.fill(static_cast<std::uint8_t>(0x10 + i));
        site.name = "hospital-" + std::to_string(i);
        manifest.sites.push_back(site);
    }
    return SiteNames(manifest);
}

TEST(RoundSummary, EveryCohortMemberHasAStandingAndAReason) {
    const auto record = make_record();
    const auto summary = summarise(record, make_names());
    ASSERT_EQ(summary.sites.size(), 5U);
    EXPECT_EQ(summary.sites[0].standing, "accepted");
    EXPECT_EQ(summary.sites[2].standing, "strike");
    EXPECT_EQ(summary.sites[2].reason, aggregation::reason_name(aggregation::Reason::kAnomalous));
    EXPECT_EQ(summary.sites[3].standing, "excluded");
    EXPECT_EQ(summary.sites[3].reason, "not-a-number");
    EXPECT_EQ(summary.sites[4].standing, "absent");
    EXPECT_EQ(summary.sites[4].reason, "no-update-in-time");
    EXPECT_FALSE(summary.sites[4].figures.has_value());
}

TEST(RoundSummary, JsonHasWhatTheEventLogPromises) {
    const auto record = make_record();
    const auto json = to_json(summarise(record, make_names()), 2);
    EXPECT_EQ(json["round"], 1);
    EXPECT_EQ(json["signatures"], 2);
    EXPECT_EQ(json["commitment"], record.commitment.struct_hash().hex());
    ASSERT_EQ(json["sites"].size(), 5U);
    EXPECT_EQ(json["sites"][0]["reward"], "333");
    EXPECT_EQ(json["sites"][2]["signals"], (nlohmann::json{"norm", "distance"}));
    EXPECT_EQ(json["sites"][2]["norm"], 12.5);
    EXPECT_TRUE(json["sites"][4]["norm"].is_null());
    EXPECT_EQ(json["sites"][3]["name"], "hospital-3");
}

TEST(RoundTree, NamesEverySiteItsVerdictAndTheDigests) {
    const auto record = make_record();
    TreeExtras extras;
    extras.close_reason = "deadline";
    extras.asked = 5;
    extras.ledger = "posted in 0xabc";
    extras.auditors_needed = 2;
    extras.accuracy[record.updates[0].statement.site] = {.test_rows = 40, .test_correct = 30};
    const std::string text =
        render_round(summarise(record, make_names()), extras, Style(/*colour=*/false));
    EXPECT_THAT(text, HasSubstr("Round 1  asked 5, received 3 (deadline)"));
    EXPECT_THAT(text, HasSubstr("hospital-2"));
    EXPECT_THAT(text, HasSubstr("(norm, distance)"));
    EXPECT_THAT(text, HasSubstr("not-a-number"));
    EXPECT_THAT(text, HasSubstr(record.commitment.model.hex()));
    EXPECT_THAT(text, HasSubstr("signed by 2 (2 needed)"));
    EXPECT_THAT(text, HasSubstr("posted in 0xabc"));
    EXPECT_THAT(text, HasSubstr("0.750 on 40 test rows"));
    EXPECT_THAT(text, Not(HasSubstr("\x1b"))) << "no colours without a terminal";
}

TEST(RoundTree, ColoursOnlyOnATerminal) {
    const auto record = make_record();
    EXPECT_THAT(render_round(summarise(record, make_names()), {}, Style(/*colour=*/true)),
                HasSubstr("\x1b["));
}

TEST(SignalNames, FollowTheBits) {
    EXPECT_THAT(signal_names(0), ::testing::IsEmpty());
    EXPECT_THAT(signal_names(7), ElementsAre("norm", "cosine", "distance"));
    EXPECT_THAT(signal_names(2), ElementsAre("cosine"));
}

}  // namespace
}  // namespace fedstake::coordinator
