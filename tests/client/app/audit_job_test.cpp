// A record stands for one round and one attempt, in all of its parts.
#include "client/app/audit_job.hpp"

#include <algorithm>
#include <array>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"

namespace fedstake::client {
namespace {

constexpr RoundNumber kRound = 7;
constexpr std::uint32_t kAttempt = 2;

rules::RoundContext context_of(RoundNumber round, std::uint32_t attempt) {
    rules::RoundContext context;
    context.round = round;
    context.attempt = attempt;
    context.cohort.resize(1);
    return context;
}

wire::RoundRecord record_of(RoundNumber round, std::uint32_t attempt) {
    wire::RoundRecord record;
    record.round = round;
    record.attempt = attempt;
    record.context = context_of(round, attempt).encode();
    record.commitment.round = round;
    record.commitment.attempt = attempt;
    return record;
}

Errc refusal_of(const wire::RoundRecord& record) {
    const auto job = AuditJob::from(record);
    return job ? Errc::kInternal : job.error().code;
}

TEST(AuditJob, TakesARecordOfOneRound) {
    const auto job = AuditJob::from(record_of(kRound, kAttempt));
    ASSERT_TRUE(job) << job.error().message;
    EXPECT_EQ(job->round(), kRound);
    EXPECT_TRUE(job->needs_previous());
}

TEST(AuditJob, RefusesTheCommitmentOfAnotherRoundOrAttempt) {
    auto record = record_of(kRound, kAttempt);
    record.commitment.round = kRound - 1;
    EXPECT_EQ(refusal_of(record), Errc::kCorrupt);
    record = record_of(kRound, kAttempt);
    record.commitment.attempt = kAttempt - 1;
    EXPECT_EQ(refusal_of(record), Errc::kCorrupt);
}

TEST(AuditJob, RefusesTheContextOfAnotherRoundOrAttempt) {
    auto record = record_of(kRound, kAttempt);
    record.context = context_of(1, kAttempt).encode();
    EXPECT_EQ(refusal_of(record), Errc::kCorrupt);
    record.context = context_of(kRound, 0).encode();
    EXPECT_EQ(refusal_of(record), Errc::kCorrupt);
}

TEST(AuditJob, RefusesAWholeOldRecordUnderANewNumber) {
    auto record = record_of(kRound - 3, 0);
    record.round = kRound;
    EXPECT_EQ(refusal_of(record), Errc::kCorrupt);
}

TEST(AuditJob, CountsAuditorsByKeyWhereverTheManifestListsThemNow) {
    const auto key = [](std::uint8_t fill) {
        std::array<std::uint8_t, 32> secret{};
        secret.fill(fill);
        return *crypto::SigningKey::from_secret(secret);
    };
    const auto site = [&key](std::uint8_t fill) {
        manifest::SiteEntry entry;
        entry.owner = key(fill).address();
        entry.signer = key(fill).address();
        entry.audits = true;
        return entry;
    };
    manifest::Manifest manifest;
    manifest.sites = {site(1), site(2), site(3)};
    auto record = record_of(kRound, kAttempt);
    for (const std::uint8_t fill :
         std::array<std::uint8_t, 4>{3, 1, 9, 3}) {  // not an auditor; the same one again
        record.signatures.push_back(
            {.auditor = 0,
             .signature = crypto::sign_statement(manifest.domain(), record.commitment, key(fill))});
    }
    EXPECT_EQ(valid_signatures(manifest, record), 2U);
}

TEST(AuditJob, TakesThePredecessorOnly) {
    const manifest::Manifest manifest;
    auto job = AuditJob::from(record_of(kRound, kAttempt));
    ASSERT_TRUE(job);
    EXPECT_EQ(job->set_previous(record_of(kRound - 2, 0), manifest).error().code, Errc::kCorrupt);
    auto mixed = record_of(kRound - 1, 1);
    mixed.commitment.attempt = 0;
    EXPECT_EQ(job->set_previous(mixed, manifest).error().code, Errc::kCorrupt);
    mixed = record_of(kRound - 1, 1);
    mixed.context = context_of(kRound - 1, 0).encode();
    EXPECT_EQ(job->set_previous(mixed, manifest).error().code, Errc::kCorrupt);
    EXPECT_TRUE(job->needs_previous());
    EXPECT_TRUE(job->set_previous(record_of(kRound - 1, 1), manifest));
    EXPECT_FALSE(job->needs_previous());
}

// Whatever a context may start from by invention costs no download and no computation.
TEST(AuditJob, AnInventedStateIsNeitherFetchedNorRecomputed) {
    const testing::TempDir folder;
    const auto store = StateStore::open(folder.path());
    ASSERT_TRUE(store) << store.error().message;
    auto record = record_of(1, 0);
    auto context = context_of(1, 0);
    context.previous_state.bytes[0] = 1;
    record.context = context.encode();
    const auto job = AuditJob::from(record);
    ASSERT_TRUE(job) << job.error().message;
    ASSERT_FALSE(job->needs_previous());
    const manifest::Manifest manifest;
    const auto more = job->more_blobs(manifest, *store);
    ASSERT_TRUE(more) << more.error().message;
    EXPECT_TRUE(more->empty());
    const auto verification = job->run(manifest, *store, 1);
    ASSERT_TRUE(verification) << verification.error().message;
    const auto check =
        std::ranges::find(verification->checks, "previous state", &session::Check::figure);
    ASSERT_NE(check, verification->checks.end());
    EXPECT_FALSE(check->matches);
    EXPECT_EQ(job->bytes_max(context.previous_state), aggregation::kStateBytesMax);
    EXPECT_EQ(job->bytes_max(context.base_model), std::nullopt);
}

TEST(AuditJob, RefusesARequestWhoseContextIsOfAnotherRound) {
    const auto record = record_of(kRound, kAttempt);
    wire::AttestRequest request;
    request.round = kRound;
    request.attempt = kAttempt;
    request.context = context_of(1, kAttempt).encode();
    request.commitment = record.commitment;
    const auto job = AuditJob::from(request);
    ASSERT_FALSE(job);
    EXPECT_EQ(job.error().code, Errc::kCorrupt);
}

}  // namespace
}  // namespace fedstake::client
