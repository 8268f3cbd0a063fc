// Canonical bytes of a report.
#include <limits>

#include <gtest/gtest.h>

#include "aggregation/pipeline.hpp"

namespace fedstake::aggregation {
namespace {

RoundReport example() {
    RoundReport report;
    report.rule = "multi-krum";
    report.f = 2;
    for (std::uint8_t i = 1; i <= 3; ++i) {
        SiteReport site;
        site.site.bytes[0] = i;
        site.update_root.bytes[3] = i;
        site.standing = rules::Standing::kStrike;
        site.reason = Reason::kAnomalous;
        site.figures = {.norm = 1.5 * i, .distance = 2.0, .signals = {}};
        site.figures.signals[0] = -0.25;
        site.figures.signals[2] = 1e6;
        site.figures.signals[11] = 0.5 * i;
        site.verdict = {.outcome = detect::Outcome::kStrike,
                        .clause = detect::Clause::kEnoughToStrike,
                        .fired = 5,
                        .reasons = 2,
                        .shared_between = 1};
        site.weight = i;
        site.score = 1000U * i;
        report.sites.push_back(site);
    }
    report.limits = detect::limits_for(3);
    report.aggregate_root.bytes[1] = 1;
    report.state.bytes[7] = 3;
    report.model.bytes[2] = 2;
    return report;
}

TEST(RoundReport, DecodesWhatItEncodes) {
    const RoundReport report = example();
    const auto decoded = RoundReport::decode(report.encode());
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(*decoded, report);
    EXPECT_EQ(decoded->digest(), report.digest());
}

TEST(RoundReport, EveryFieldIsInTheDigest) {
    const Digest digest = example().digest();
    const auto differs = [&](auto change) {
        RoundReport report = example();
        change(report);
        EXPECT_NE(report.digest(), digest);
    };
    differs([](RoundReport& r) { r.rule = "krum"; });
    differs([](RoundReport& r) { r.f = 1; });
    differs([](RoundReport& r) { r.sites[1].figures.norm = -0.5; });
    differs([](RoundReport& r) { r.sites[1].figures.distance = 3; });
    differs([](RoundReport& r) { r.sites[1].figures.signals[2].reset(); });
    differs([](RoundReport& r) { r.sites[1].figures.signals[3] = 1e6; });
    differs([](RoundReport& r) { r.sites[1].verdict.outcome = detect::Outcome::kExcluded; });
    differs([](RoundReport& r) { r.sites[1].verdict.clause = detect::Clause::kNotEnough; });
    differs([](RoundReport& r) { r.sites[1].verdict.fired = 3; });
    differs([](RoundReport& r) { r.sites[1].verdict.reasons = 3; });
    differs([](RoundReport& r) { r.sites[1].verdict.shared_between = 3; });
    differs([](RoundReport& r) { r.limits[2] = 4.0; });
    differs([](RoundReport& r) { r.state.bytes[0] = 9; });
    differs([](RoundReport& r) { r.sites[2].score += 1; });
    differs([](RoundReport& r) { r.sites[2].weight += 1; });
    differs([](RoundReport& r) { r.sites[0].standing = rules::Standing::kAccepted; });
    differs([](RoundReport& r) { r.model.bytes[0] = 9; });
}

TEST(RoundReport, RefusesEveryTruncationAndTrailingBytes) {
    const Bytes bytes = example().encode();
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        const auto decoded = RoundReport::decode(ByteView(bytes).first(length));
        ASSERT_FALSE(decoded) << length;
        EXPECT_EQ(decoded.error().code, Errc::kCorrupt);
    }
    Bytes longer = bytes;
    longer.push_back(0);
    EXPECT_FALSE(RoundReport::decode(longer));
}

TEST(RoundReport, RefusesWhatEncodeCannotHaveWritten) {
    RoundReport unsorted = example();
    std::swap(unsorted.sites[0], unsorted.sites[1]);
    EXPECT_FALSE(RoundReport::decode(unsorted.encode()));
    RoundReport not_finite = example();
    not_finite.sites[0].figures.norm = std::numeric_limits<double>::quiet_NaN();
    EXPECT_FALSE(RoundReport::decode(not_finite.encode()));
    const auto refused = [](auto change) {
        RoundReport report = example();
        change(report);
        EXPECT_FALSE(RoundReport::decode(report.encode()));
    };
    refused([](RoundReport& r) { r.limits[1] = std::numeric_limits<double>::quiet_NaN(); });
    refused([](RoundReport& r) { r.sites[0].verdict.fired = 1U << detect::kSignals; });
    refused([](RoundReport& r) { r.sites[0].verdict.shared_between = 0; });
    refused([](RoundReport& r) { r.sites[0].verdict.clause = static_cast<detect::Clause>(7); });
    refused([](RoundReport& r) { r.sites[0].verdict.outcome = static_cast<detect::Outcome>(4); });
    RoundReport unknown = example();
    unknown.sites[0].reason = static_cast<Reason>(200);
    EXPECT_FALSE(RoundReport::decode(unknown.encode()));
}

}  // namespace
}  // namespace fedstake::aggregation
