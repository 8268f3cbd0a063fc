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
        site.figures = {.norm = 1.5 * i,
                        .norm_deviation = -0.25,
                        .cosine = -1.0,
                        .distance = 2.0,
                        .distance_deviation = 1e6,
                        .signals = 7};
        site.weight = i;
        site.score = 1000U * i;
        report.sites.push_back(site);
    }
    report.aggregate_root.bytes[1] = 1;
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
    differs([](RoundReport& r) { r.sites[1].figures.cosine = -0.5; });
    differs([](RoundReport& r) { r.sites[1].figures.signals = 3; });
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
    RoundReport unknown = example();
    unknown.sites[0].reason = static_cast<Reason>(200);
    EXPECT_FALSE(RoundReport::decode(unknown.encode()));
}

}  // namespace
}  // namespace fedstake::aggregation
