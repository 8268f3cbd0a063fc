// An enrolled site that breaks the protocol. Whatever it does, the others' round goes on.
#include <limits>

#include <gtest/gtest.h>

#include "tests/integration/hand_written_site.hpp"
#include "tests/integration/loopback_http.hpp"
#include "tests/integration/running_federation.hpp"

namespace fedstake::testing {
namespace {

using namespace std::chrono_literals;
using wire::RefusalCode;

using Values = std::vector<std::int32_t>;
constexpr std::size_t kCoordinates = 13;
const Values kHonest(kCoordinates, 1000);

Values with_first(std::int32_t value) {
    Values values = kHonest;
    values.front() = value;
    return values;
}

class MisbehavingSite : public ::testing::Test {
protected:
    void start(std::uint32_t rounds) {
        demo::Options options = small_options();
        options.rounds = rounds;
        running_ = std::make_unique<RunningFederation>(options);
        FS_ASSERT_OK(running_->parts().found());
        FS_ASSERT_OK(running_->start_rounds_without(3));
        auto site = HandWrittenSite::join(running_->parts(), running_->parts().sites().back());
        FS_ASSERT_OK(site);
        site_ = *std::move(site);
    }
    void expect_refused(const rules::SignedUpdate& update, const Values& values,
                        RefusalCode expected) {
        const UploadAnswer answer = site_->upload(update, values);
        ASSERT_FALSE(answer.receipt) << "accepted; expected " << wire::refusal_name(expected);
        ASSERT_TRUE(answer.refusal) << "no answer; expected " << wire::refusal_name(expected);
        EXPECT_EQ(wire::refusal_name(answer.refusal->code), wire::refusal_name(expected))
            << answer.refusal->reason;
        EXPECT_FALSE(answer.refusal->reason.empty());
        const std::string name = running_->parts().sites().back().name;
        EXPECT_TRUE(running_->wait_for_event("update_refused",
                                             [&](const auto& event) {
                                                 return event.value("name", "") == name &&
                                                        event.value("reason", "") ==
                                                            wire::refusal_name(expected);
                                             }))
            << "no event for " << wire::refusal_name(expected);
    }
    void expect_round_completes_with_the_others(RoundNumber round) {
        ASSERT_TRUE(running_->wait_for_event("round_attested", in_round(round))) << running_->log();
        EXPECT_TRUE(running_->events("round_aborted", in_round(round)).empty());
        const auto closed = running_->events("round_closed", in_round(round));
        ASSERT_EQ(closed.size(), 1U);
        EXPECT_EQ(closed.front().at("received").size(), 3U);
    }

    std::unique_ptr<RunningFederation> running_;
    std::unique_ptr<HandWrittenSite> site_;
};

TEST_F(MisbehavingSite, EachBadUpdateIsRefusedWithItsReason) {
    ASSERT_NO_FATAL_FAILURE(start(4));

    auto context = site_->wait_for_round(1);
    FS_ASSERT_OK(context);
    const rules::SignedUpdate of_first_round = site_->update_for(*context, kHonest);
    const Values short_one(kCoordinates - 1, 1000);
    expect_refused(site_->update_for(*context, short_one), short_one, RefusalCode::kWrongSize);
    rules::SignedUpdate forged = of_first_round;
    forged.signature = crypto::sign_statement(running_->parts().manifest().domain(),
                                              forged.statement, crypto::SigningKey::generate());
    expect_refused(forged, kHonest, RefusalCode::kBadSignature);
    rules::SignedUpdate early = of_first_round;
    early.statement.round = 2;
    site_->sign(early);
    expect_refused(early, kHonest, RefusalCode::kEarly);
    rules::SignedUpdate other_base = of_first_round;
    other_base.statement.base_model.bytes[0] ^= 1;
    site_->sign(other_base);
    expect_refused(other_base, kHonest, RefusalCode::kWrongBaseModel);
    rules::SignedUpdate other_details = of_first_round;
    other_details.details.push_back(9);
    expect_refused(other_details, kHonest, RefusalCode::kMalformed);
    rules::SignedUpdate of_another = of_first_round;
    of_another.statement.site.bytes[0] ^= 1;
    site_->sign(of_another);
    expect_refused(of_another, kHonest, RefusalCode::kBadSignature);
    const Values not_a_number = with_first(std::numeric_limits<std::int32_t>::min());
    expect_refused(site_->update_for(*context, not_a_number), not_a_number,
                   RefusalCode::kNotANumber);
    expect_round_completes_with_the_others(1);

    context = site_->wait_for_round(2);
    FS_ASSERT_OK(context);
    expect_refused(of_first_round, kHonest, RefusalCode::kLate);
    const Values too_large = with_first((1 << 29) + 1);
    expect_refused(site_->update_for(*context, too_large), too_large, RefusalCode::kOutOfRange);
    expect_round_completes_with_the_others(2);

    context = site_->wait_for_round(3);
    FS_ASSERT_OK(context);
    expect_refused(of_first_round, kHonest, RefusalCode::kReplayed);
    const Values zero(kCoordinates, 0);
    expect_refused(site_->update_for(*context, zero), zero, RefusalCode::kAllZero);
    expect_round_completes_with_the_others(3);

    // Not banned for it: a good update is welcome in the next round.
    context = site_->wait_for_round(4);
    FS_ASSERT_OK(context);
    const UploadAnswer answer = site_->upload(site_->update_for(*context, kHonest), kHonest);
    EXPECT_TRUE(answer.receipt) << (answer.refusal ? answer.refusal->reason : "no answer");
    EXPECT_EQ(running_->wait_for_end(), 0) << running_->log();
}

TEST_F(MisbehavingSite, TwoSignedUpdatesForOneRoundAreKeptAsProof) {
    ASSERT_NO_FATAL_FAILURE(start(1));
    const auto context = site_->wait_for_round(1);
    FS_ASSERT_OK(context);
    const UploadAnswer first = site_->upload(site_->update_for(*context, kHonest), kHonest);
    // The set may be frozen by the first one; the proof counts all the same.
    EXPECT_TRUE(first.receipt) << (first.refusal ? first.refusal->reason : "no answer");
    const Values other = with_first(2000);
    expect_refused(site_->update_for(*context, other), other, RefusalCode::kEquivocation);
    const auto events = running_->events("equivocation", in_round(1));
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events.front().at("name"), running_->parts().sites().back().name);
    EXPECT_NE(events.front().at("first"), events.front().at("second"));
    ASSERT_TRUE(running_->wait_for_event("round_attested", in_round(1))) << running_->log();
}

TEST_F(MisbehavingSite, AHundredMegabytesOfGarbageAreBoundedAndHarmless) {
    ASSERT_NO_FATAL_FAILURE(start(1));
    const auto context = site_->wait_for_round(1);
    FS_ASSERT_OK(context);
    const pid_t coordinator = running_->parts().coordinator().pid();
    const std::uint64_t before = resident_bytes(coordinator);
    constexpr std::size_t kFrame = std::size_t{1} << 20U;
    std::uint32_t noise = 1;
    for (int i = 0; i < 100; ++i) {
        Bytes frame(kFrame);
        for (std::uint8_t& byte : frame) {
            noise = noise * 1664525U + 1013904223U;
            byte = static_cast<std::uint8_t>(noise >> 24U);
        }
        FS_ASSERT_OK(site_->send_raw(std::move(frame)));
    }
    const std::uint16_t http = running_->parts().ports().http;
    EXPECT_TRUE(wait_until([&] { return metric(http, "fedstake_bytes_in_total") > 90e6; }))
        << http_get(http, "/metrics");
    EXPECT_GE(metric(http, "fedstake_requests_refused_total{reason=\"malformed\"}"), 1.0);
    const std::uint64_t peak = peak_resident_bytes(coordinator);
    RecordProperty("coordinator_growth_mib", static_cast<int>((peak - before) >> 20U));
    EXPECT_LT(peak - before, std::uint64_t{160} << 20U) << "before " << before << " peak " << peak;

    EXPECT_GT(site_->forget_refusals(), 0U) << "a site should be told that it sends garbage";

    // The same site is heard again, and the round ends with everybody.
    const UploadAnswer answer = site_->upload(site_->update_for(*context, kHonest), kHonest);
    EXPECT_TRUE(answer.receipt) << (answer.refusal ? answer.refusal->reason : "no answer");
    EXPECT_EQ(running_->wait_for_end(), 0) << running_->log();
    const auto closed = running_->events("round_closed", in_round(1));
    ASSERT_EQ(closed.size(), 1U);
    EXPECT_EQ(closed.front().at("received").size(), 4U);
}

}  // namespace
}  // namespace fedstake::testing
