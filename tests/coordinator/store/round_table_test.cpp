// Finished rounds come back as they were put, once.
#include "coordinator/store/round_table.hpp"

#include <gtest/gtest.h>

#include "coordinator/round/record_codec.hpp"
#include "tests/coordinator/round/federation_fixture.hpp"
#include "tests/support/temp_dir.hpp"

namespace fedstake::store {
namespace {

round::RecordResult make_record() {
    round::testing::MachineTest test;
    test.start_collecting();
    for (std::size_t i = 0; i < 3; ++i) {
        test.send(i);
    }
    test.at(test.state().deadline.ms, round::DeadlinePassed{});
    test.aggregate({test.federation.site(2)});
    const auto records = round::testing::all_of_kind<round::RecordResult>(test.attest_all());
    return records.at(0);
}

TEST(RoundTable, BringsARecordBack) {
    fedstake::testing::TempDir dir;
    auto db = Database::open(dir / "a.db");
    RoundTable table(**db);
    const auto record = make_record();
    ASSERT_TRUE(table.put(Timestamp{77}, record).has_value());
    ASSERT_TRUE(table.put(Timestamp{99}, record).has_value()) << "again is fine";
    const auto back = table.get(1);
    ASSERT_TRUE(back.has_value()) << back.error().message;
    EXPECT_EQ(round::encode_record(*back), round::encode_record(record));
    EXPECT_EQ(back->absent.size(), 1U);
    EXPECT_EQ(back->fault_signatures.size(), 1U);
    const auto lines = table.list();
    ASSERT_TRUE(lines.has_value());
    ASSERT_EQ(lines->size(), 1U);
    EXPECT_EQ((*lines)[0].at.ms, 77);
    EXPECT_EQ((*lines)[0].commitment, record.commitment.struct_hash());
}

TEST(RoundTable, RefusesASecondResultOfARound) {
    fedstake::testing::TempDir dir;
    auto db = Database::open(dir / "a.db");
    RoundTable table(**db);
    auto record = make_record();
    ASSERT_TRUE(table.put(Timestamp{1}, record).has_value());
    record.commitment.score_sum += 1;
    const auto other = table.put(Timestamp{1}, record);
    ASSERT_FALSE(other.has_value());
    EXPECT_EQ(other.error().code, Errc::kConflict);
}

TEST(RoundTable, SaysWhichRoundIsMissing) {
    fedstake::testing::TempDir dir;
    auto db = Database::open(dir / "a.db");
    const auto missing = RoundTable(**db).get(12);
    ASSERT_FALSE(missing.has_value());
    EXPECT_EQ(missing.error().code, Errc::kNotFound);
    EXPECT_NE(missing.error().message.find("12"), std::string::npos);
}

TEST(RoundTable, KeepsTheLastMetricsOfEachSite) {
    fedstake::testing::TempDir dir;
    auto db = Database::open(dir / "a.db");
    RoundTable table(**db);
    SiteId site;
    site.bytes.fill(3);
    ASSERT_TRUE(table.put_metrics(Timestamp{1}, {1, site, "{\"rows\":1}"}).has_value());
    ASSERT_TRUE(table.put_metrics(Timestamp{2}, {1, site, "{\"rows\":2}"}).has_value());
    const auto lines = table.metrics(1);
    ASSERT_TRUE(lines.has_value());
    ASSERT_EQ(lines->size(), 1U);
    EXPECT_EQ((*lines)[0].site, site);
    EXPECT_EQ((*lines)[0].json, "{\"rows\":2}");
}

round::RecordResult record_of(RoundNumber round, std::uint32_t attempt) {
    round::RecordResult record = make_record();
    record.context.round = record.commitment.round = round;
    record.context.attempt = record.commitment.attempt = attempt;
    return record;
}

std::vector<std::pair<RoundNumber, std::uint32_t>> attempts_of(
    const Result<std::vector<RoundLine>>& lines) {
    std::vector<std::pair<RoundNumber, std::uint32_t>> out;
    for (const RoundLine& line : lines.value()) {
        out.emplace_back(line.round, line.attempt);
    }
    return out;
}

TEST(RoundTable, KeepsVoidedRoundsAsEvidenceAndMakesRoomForTheNextAttempt) {
    using Attempts = std::vector<std::pair<RoundNumber, std::uint32_t>>;
    fedstake::testing::TempDir dir;
    auto db = Database::open(dir / "a.db");
    RoundTable table(**db);
    for (const RoundNumber round : {1U, 2U, 3U}) {
        ASSERT_TRUE(table.put(Timestamp{1}, record_of(round, 0)).has_value());
    }
    ASSERT_TRUE(table.put_metrics(Timestamp{1}, {1, SiteId{}, "{}"}).has_value());
    ASSERT_TRUE(table.put_metrics(Timestamp{1}, {3, SiteId{}, "{}"}).has_value());
    ASSERT_TRUE(table.mark_voided(Timestamp{50}, 2, 1).has_value());
    EXPECT_EQ(attempts_of(table.list()), (Attempts{{1, 0}}));
    EXPECT_EQ(attempts_of(table.list_voided()), (Attempts{{2, 0}, {3, 0}}));
    EXPECT_EQ(table.list_voided()->at(0).voided, Timestamp{50});
    EXPECT_EQ(table.get(2).error().code, Errc::kNotFound);
    const auto evidence = table.get(2, 0);
    ASSERT_TRUE(evidence.has_value()) << evidence.error().message;
    EXPECT_EQ(round::encode_record(*evidence), round::encode_record(record_of(2, 0)));
    EXPECT_EQ(table.metrics(1)->size(), 1U);
    EXPECT_TRUE(table.metrics(3)->empty()) << "figures of a result that is no more";

    ASSERT_TRUE(table.put(Timestamp{60}, record_of(2, 1)).has_value());
    EXPECT_EQ(table.get(2)->commitment.attempt, 1U);
    EXPECT_EQ(table.get(2, 1)->commitment.attempt, 1U);
    EXPECT_EQ(table.get(2, 0)->commitment.attempt, 0U);
    EXPECT_EQ(table.get(2, 7).error().code, Errc::kNotFound);
}

TEST(RoundTable, MarkingAgainAfterACrashChangesNothing) {
    using Attempts = std::vector<std::pair<RoundNumber, std::uint32_t>>;
    fedstake::testing::TempDir dir;
    auto db = Database::open(dir / "a.db");
    RoundTable table(**db);
    ASSERT_TRUE(table.put(Timestamp{1}, record_of(1, 0)).has_value());
    ASSERT_TRUE(table.mark_voided(Timestamp{50}, 1, 1).has_value());
    ASSERT_TRUE(table.put(Timestamp{2}, record_of(1, 1)).has_value());
    ASSERT_TRUE(table.put_metrics(Timestamp{3}, {1, SiteId{}, "{}"}).has_value());
    ASSERT_TRUE(table.mark_voided(Timestamp{90}, 1, 1).has_value());
    EXPECT_EQ(attempts_of(table.list()), (Attempts{{1, 1}})) << "the new one stands";
    EXPECT_EQ(table.list_voided()->at(0).voided, Timestamp{50});
    EXPECT_EQ(table.metrics(1)->size(), 1U);
    ASSERT_TRUE(table.put(Timestamp{1}, record_of(1, 0)).has_value()) << "recorded again";
    EXPECT_EQ(attempts_of(table.list()), (Attempts{{1, 1}}));
    ASSERT_TRUE(table.mark_voided(Timestamp{95}, 1, 2).has_value());
    EXPECT_EQ(attempts_of(table.list_voided()), (Attempts{{1, 0}, {1, 1}}));
    EXPECT_TRUE(attempts_of(table.list()).empty());
}

TEST(RecordCodec, RefusesEveryCutRecord) {
    const Bytes bytes = round::encode_record(make_record());
    for (std::size_t length = 0; length < bytes.size(); length += 7) {
        EXPECT_FALSE(round::decode_record(ByteView(bytes).first(length)).has_value()) << length;
    }
    Bytes longer = bytes;
    longer.push_back(0);
    EXPECT_FALSE(round::decode_record(longer).has_value());
}

}  // namespace
}  // namespace fedstake::store
