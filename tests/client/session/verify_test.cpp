#include "client/session/verify.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/base/rng.hpp"
#include "tests/aggregation/round_builder.hpp"

namespace fedstake::session {
namespace {

using aggregation::testing::RoundBuilder;
using ::testing::HasSubstr;

constexpr std::size_t kSites = 5;
constexpr std::uint64_t kCoordinates = 600;

// A finished round with what its coordinator would claim about it.
class VerifyRound : public ::testing::Test {
protected:
    void SetUp() override {
        Rng rng(11);
        for (auto& row : builder_.values) {
            row.resize(kCoordinates);
            for (auto& value : row) value = static_cast<std::int32_t>(rng.normal() * 100'000.0);
        }
        builder_.sign();
        const auto outcome = builder_.evaluate();
        ASSERT_TRUE(outcome) << outcome.error().message;
        claim_.context = builder_.context;
        for (const auto& update : builder_.submitted()) {
            claim_.updates.push_back(update.signed_update);
        }
        claim_.commitment = outcome->commitment;
        claim_.report = outcome->report.encode();
        claim_.faults = outcome->faults;
    }

    // Recomputes with the values that the store would serve.
    Result<Verification> verify() {
        std::vector<std::unique_ptr<aggregation::VectorSource>> sources;
        for (const auto& row : builder_.values) {
            sources.push_back(aggregation::memory_source(std::span<const std::int32_t>(row)));
        }
        const auto base = aggregation::memory_source(std::span<const float>(builder_.base));
        return verify_round(builder_.rules, builder_.domain, claim_,
                            {.base_model = base.get(), .values = sources}, 1);
    }

    RoundBuilder builder_{kSites, kCoordinates};
    RoundClaim claim_;
};

TEST_F(VerifyRound, MatchesAnHonestCoordinator) {
    const auto verification = verify();
    ASSERT_TRUE(verification) << verification.error().message;
    EXPECT_TRUE(verification->matches()) << verification->first_difference();
    EXPECT_GT(verification->checks.size(), 13U + kSites);
}

TEST_F(VerifyRound, NamesTheSiteOfAFlippedByte) {
    builder_.values[2][17] ^= 1;
    const auto verification = verify();
    ASSERT_FALSE(verification);
    EXPECT_EQ(verification.error().code, Errc::kCorrupt);
    EXPECT_THAT(verification.error().message, HasSubstr(builder_.site(2).short_hex().substr(0, 6)));
}

TEST_F(VerifyRound, NamesAChangedModel) {
    claim_.commitment.model.bytes[0] ^= 1;
    const auto verification = verify();
    ASSERT_TRUE(verification);
    EXPECT_FALSE(verification->matches());
    EXPECT_THAT(verification->first_difference(), HasSubstr("model: claimed"));
}

TEST_F(VerifyRound, NamesAChangedScore) {
    auto report = *aggregation::RoundReport::decode(claim_.report);
    report.sites[1].score += 1;
    claim_.report = report.encode();
    const auto verification = verify();
    ASSERT_TRUE(verification);
    EXPECT_THAT(verification->first_difference(),
                HasSubstr("score of " + builder_.site(1).short_hex()));
}

// A figure that no other check compares: the report must be the very one that was signed.
TEST_F(VerifyRound, NamesAChangedReport) {
    auto report = *aggregation::RoundReport::decode(claim_.report);
    report.sites[1].figures.norm += 1.0;
    claim_.report = report.encode();
    const auto verification = verify();
    ASSERT_TRUE(verification);
    EXPECT_THAT(verification->first_difference(), HasSubstr("report bytes: claimed"));
}

// Bytes match what is named, but no result follows: a figure that differs, not a fault here.
TEST_F(VerifyRound, NamesASignatureThatIsNotTheSites) {
    claim_.updates[2].signature = claim_.updates[1].signature;
    const auto verification = verify();
    ASSERT_TRUE(verification) << verification.error().message;
    EXPECT_THAT(verification->first_difference(), HasSubstr("signed updates: claimed"));
    EXPECT_THAT(verification->first_difference(), HasSubstr(builder_.site(2).hex()));
}

TEST_F(VerifyRound, NamesASecondUpdateOfOneSite) {
    claim_.updates[2] = claim_.updates[1];
    builder_.values[2] = builder_.values[1];
    const auto verification = verify();
    ASSERT_TRUE(verification) << verification.error().message;
    EXPECT_THAT(verification->first_difference(), HasSubstr("has two updates"));
}

TEST_F(VerifyRound, NamesAnUpdateFromOutsideTheCohort) {
    claim_.context.cohort.erase(claim_.context.cohort.begin());
    const auto verification = verify();
    ASSERT_TRUE(verification) << verification.error().message;
    EXPECT_THAT(verification->first_difference(), HasSubstr("not in the cohort"));
}

TEST_F(VerifyRound, NamesAChangedReward) {
    claim_.commitment.reward_total += 1;
    const auto verification = verify();
    ASSERT_TRUE(verification);
    EXPECT_THAT(verification->first_difference(), HasSubstr("reward total"));
}

TEST_F(VerifyRound, NamesAnInventedAccusation) {
    crypto::AttestedFault invented;
    invented.site = builder_.site(0);
    invented.bps = 500;
    claim_.faults.push_back(invented);
    const auto verification = verify();
    ASSERT_TRUE(verification);
    EXPECT_THAT(verification->first_difference(), HasSubstr("accusations"));
}

TEST_F(VerifyRound, LeavesTheDeadlineOfAnAccusationToTheCoordinator) {
    for (auto& fault : claim_.faults) fault.deadline = 12345;
    const auto verification = verify();
    ASSERT_TRUE(verification);
    EXPECT_TRUE(verification->matches());
}

TEST_F(VerifyRound, ReportsAnUnreadableReport) {
    claim_.report = {1, 2, 3};
    const auto verification = verify();
    ASSERT_TRUE(verification);
    EXPECT_FALSE(verification->matches());
}

}  // namespace
}  // namespace fedstake::session
