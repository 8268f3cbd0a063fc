// The real program with real sockets and disks: whole runs, kill -9, and hostile sites.
#include <csignal>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "coordinator/app/commands.hpp"
#include "coordinator/app/coordinator.hpp"
#include "coordinator/store/data_dir.hpp"
#include "proto/crypto/content_tree.hpp"
#include "proto/wire/codec.hpp"
#include "tests/coordinator/app/test_federation.hpp"

namespace fedstake::coordinator::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

std::vector<std::int32_t> values_of(std::size_t site, std::size_t count = 13) {
    std::vector<std::int32_t> values(count);
    for (std::size_t i = 0; i < count; ++i) {
        values[i] = static_cast<std::int32_t>((site + 1) * 100'000 + i % 100 * 1000 + 1);
    }
    return values;
}

wire::RefusalCode refusal_code(const wire::Message& message) {
    const auto* refusal = std::get_if<wire::Refusal>(&message);
    return refusal == nullptr ? wire::RefusalCode::kUnexpected : refusal->code;
}

// The figures that the coordinator waits for at the end of a run.
void report_figures(const std::vector<TestSite*>& sites, RoundNumber round) {
    for (TestSite* site : sites) {
        site->send(wire::SiteMetrics{
            .round = round, .rows = 10, .test_rows = 10, .test_correct = 9, .loss = 0.1});
    }
}

std::string log_of(const TestFederation& federation) {
    std::ifstream in(federation.log());
    return {std::istreambuf_iterator<char>(in), {}};
}

TEST(CoordinatorRun, TrainsRoundsToAReleasedModel) {
    TestFederation federation(3);
    ChildCoordinator child(federation, {"--rounds", "2"});
    std::vector<std::unique_ptr<TestSite>> sites;
    for (std::size_t i = 0; i < 3; ++i) {
        sites.push_back(std::make_unique<TestSite>(federation, i));
        EXPECT_EQ(sites.back()->join().federation, federation.manifest().federation);
    }
    Digest model;
    for (RoundNumber round = 1; round <= 2; ++round) {
        for (std::size_t i = 0; i < 3; ++i) {
            const auto context = sites[i]->wait_for_round();
            EXPECT_EQ(context.round, round);
            EXPECT_TRUE(round == 1 || context.base_model == model);
            auto values = values_of(i);
            values[0] += static_cast<std::int32_t>(round);  // a copy would be refused
            const auto answer = sites[i]->upload(sites[i]->make_update(context, values));
            ASSERT_TRUE(std::holds_alternative<wire::Receipt>(answer)) << log_of(federation);
        }
        const auto request = sites[0]->expect<wire::AttestRequest>();
        EXPECT_THAT(request.signed_updates, SizeIs(3));
        sites[0]->attest(request);
        model = sites[0]->expect<wire::RoundResult>().model;
        report_figures({sites[0].get(), sites[1].get(), sites[2].get()}, round);
    }
    EXPECT_THAT(sites[1]->expect<wire::Bye>().reason, HasSubstr("complete"));
    EXPECT_EQ(child.wait(std::chrono::seconds(20)), 0) << log_of(federation);
    EXPECT_TRUE(std::filesystem::exists(federation.folder() / "data/model.safetensors"));
    EXPECT_THAT(federation.events_named("round_attested"), SizeIs(2));
    EXPECT_THAT(federation.events_named("update_accepted"), SizeIs(6));
    EXPECT_THAT(federation.events_named("site_metrics"), SizeIs(6));
    EXPECT_THAT(federation.events_named("finished"), SizeIs(1));
    EXPECT_THAT(log_of(federation), HasSubstr("Round 2"));
}

TEST(CoordinatorRun, KilledDuringCollectionGoesOnWithTheSameRound) {
    TestFederation federation(3, {.coordinates = 600'000});
    auto child =
        std::make_unique<ChildCoordinator>(federation, std::vector<std::string>{"--rounds", "1"});
    TestSite first(federation, 0);
    TestSite second(federation, 1);
    TestSite third(federation, 2);
    first.join();
    second.join();
    third.join();
    const auto context = first.wait_for_round();
    const auto kept = first.make_update(context, values_of(0, 600'000));
    const auto receipt = first.upload(kept);
    ASSERT_TRUE(std::holds_alternative<wire::Receipt>(receipt)) << log_of(federation);
    EXPECT_EQ(first.chunks_sent, 3U);

    child->kill(SIGKILL);
    child =
        std::make_unique<ChildCoordinator>(federation, std::vector<std::string>{"--rounds", "1"});
    first.join();
    const auto again = first.upload(kept);
    ASSERT_TRUE(std::holds_alternative<wire::Receipt>(again)) << log_of(federation);
    EXPECT_EQ(std::get<wire::Receipt>(again), std::get<wire::Receipt>(receipt));
    EXPECT_EQ(first.chunks_sent, 3U) << "an acknowledged update is not asked for again";

    second.join();
    const auto resumed = second.wait_for_round();
    EXPECT_EQ(resumed, context) << "same round, same attempt, same salt";
    third.join();
    EXPECT_TRUE(std::holds_alternative<wire::Receipt>(
        second.upload(second.make_update(resumed, values_of(1, 600'000)))));
    EXPECT_TRUE(std::holds_alternative<wire::Receipt>(
        third.upload(third.make_update(resumed, values_of(2, 600'000)))));
    first.attest(first.expect<wire::AttestRequest>());
    EXPECT_EQ(first.expect<wire::RoundResult>().round, 1U);
    report_figures({&first, &second, &third}, 1);
    EXPECT_EQ(child->wait(std::chrono::seconds(30)), 0) << log_of(federation);
    EXPECT_THAT(federation.events_named("round_attested"), SizeIs(1));
}

TEST(CoordinatorRun, KilledWhileAuditorsLookAsksThemAgain) {
    TestFederation federation(2);
    auto child =
        std::make_unique<ChildCoordinator>(federation, std::vector<std::string>{"--rounds", "1"});
    TestSite first(federation, 0);
    TestSite second(federation, 1);
    first.join();
    second.join();
    const auto context = first.wait_for_round();
    first.upload(first.make_update(context, values_of(0)));
    second.upload(second.make_update(context, values_of(1)));
    const auto asked = first.expect<wire::AttestRequest>();
    child->kill(SIGKILL);
    child =
        std::make_unique<ChildCoordinator>(federation, std::vector<std::string>{"--rounds", "1"});
    first.join();
    const auto again = first.expect<wire::AttestRequest>();
    EXPECT_EQ(again, asked);
    first.attest(again);
    EXPECT_EQ(first.expect<wire::RoundResult>().round, 1U);
    report_figures({&first}, 1);
    EXPECT_EQ(child->wait(std::chrono::seconds(30)), 0) << log_of(federation);
    const auto aggregated = federation.events_named("round_aggregated");
    ASSERT_THAT(aggregated, SizeIs(2));
    EXPECT_THAT(aggregated[0], HasSubstr("took_ms"));
    EXPECT_THAT(aggregated[1], Not(HasSubstr("took_ms"))) << "the process before knew it";
}

TEST(CoordinatorRun, OffersBetweenTheLastChunkAndTheReceiptDisturbNothing) {
    TestFederation federation(3);
    ChildCoordinator child(federation, {"--rounds", "1"});
    std::vector<std::unique_ptr<TestSite>> sites;
    for (std::size_t i = 0; i < 3; ++i) {
        sites.push_back(std::make_unique<TestSite>(federation, i));
        sites.back()->join();
    }
    TestSite& hostile = *sites[2];
    const auto context = hostile.wait_for_round();
    auto early = context;
    early.round = 9;
    const auto begin_of = [](const TestSite::Update& update) {
        crypto::ContentHasher hasher;
        hasher.update(update.bytes);
        const auto content = std::move(hasher).finish();
        return wire::UploadBegin{.signed_update = update.signed_update.encode(),
                                 .total_bytes = content.total_bytes,
                                 .chunk_roots = content.chunk_roots};
    };
    const auto good = hostile.make_update(context, values_of(2));
    const auto other = hostile.make_update(early, values_of(1));
    const Digest root = good.signed_update.statement.update_root;
    hostile.send(begin_of(good));
    EXPECT_EQ(hostile.expect<wire::UploadState>().update_root, root);
    hostile.send(wire::UploadChunk{root, 0, good.bytes});
    for (int i = 0; i < 3; ++i) {
        hostile.send(wire::UploadEnd{root});
        hostile.send(begin_of(other));
        hostile.send(begin_of(good));
    }
    hostile.send(wire::UploadEnd{root});
    EXPECT_EQ(hostile.expect<wire::Refusal>().code, wire::RefusalCode::kEarly);
    EXPECT_EQ(hostile.expect<wire::Receipt>().receipt.update_root, root);
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_TRUE(std::holds_alternative<wire::Receipt>(
            sites[i]->upload(sites[i]->make_update(context, values_of(i)))));
    }
    sites[0]->attest(sites[0]->expect<wire::AttestRequest>());
    EXPECT_EQ(sites[0]->expect<wire::RoundResult>().round, 1U);
    report_figures({sites[0].get(), sites[1].get(), sites[2].get()}, 1);
    EXPECT_EQ(child.wait(std::chrono::seconds(20)), 0) << log_of(federation);
}

TEST(CoordinatorRun, RefusesBadUpdatesByNameAndTheRoundGoesOn) {
    TestFederation federation(4, {.quorum = 2});
    ChildCoordinator child(federation, {"--rounds", "1"});
    std::vector<std::unique_ptr<TestSite>> sites;
    for (std::size_t i = 0; i < 4; ++i) {
        sites.push_back(std::make_unique<TestSite>(federation, i));
        sites.back()->join();
    }
    const auto context = sites[2]->wait_for_round();

    // Garbage and messages that have no meaning.
    sites[2]->send_raw(Bytes(200'000, 0xab));
    EXPECT_EQ(refusal_code(*sites[2]->next()), wire::RefusalCode::kMalformed);
    sites[2]->send(wire::Welcome{});
    EXPECT_EQ(refusal_code(*sites[2]->next()), wire::RefusalCode::kUnexpected);

    // Statements that do not fit the round.
    auto good = sites[2]->make_update(context, values_of(2));
    auto early = context;
    early.round = 9;
    EXPECT_EQ(refusal_code(sites[2]->upload(sites[2]->make_update(early, values_of(2)))),
              wire::RefusalCode::kEarly);
    auto other_base = context;
    other_base.base_model.bytes[0] ^= 1;
    EXPECT_EQ(refusal_code(sites[2]->upload(sites[2]->make_update(other_base, values_of(2)))),
              wire::RefusalCode::kWrongBaseModel);
    EXPECT_EQ(refusal_code(sites[2]->upload(sites[2]->make_update(context, values_of(2, 5)))),
              wire::RefusalCode::kWrongSize);
    auto forged = good;
    forged.signed_update.signature.bytes[3] ^= 1;
    EXPECT_EQ(refusal_code(sites[2]->upload(forged)), wire::RefusalCode::kBadSignature);
    auto foreign = sites[1]->make_update(context, values_of(1));
    EXPECT_EQ(refusal_code(sites[2]->upload(foreign)), wire::RefusalCode::kBadSignature);

    // Values that do not pass the gate; then nothing else of that site counts.
    auto values = values_of(2);
    values[4] = INT32_MIN;  // stands for a value that is not finite
    EXPECT_EQ(refusal_code(sites[2]->upload(sites[2]->make_update(context, values))),
              wire::RefusalCode::kNotANumber);
    values = values_of(3);
    values[0] = INT32_MAX;
    EXPECT_EQ(refusal_code(sites[3]->upload(sites[3]->make_update(context, values))),
              wire::RefusalCode::kOutOfRange);

    // The others are not disturbed.
    EXPECT_TRUE(std::holds_alternative<wire::Receipt>(
        sites[0]->upload(sites[0]->make_update(context, values_of(0)))));
    EXPECT_TRUE(std::holds_alternative<wire::Receipt>(
        sites[1]->upload(sites[1]->make_update(context, values_of(1)))));
    sites[0]->attest(sites[0]->expect<wire::AttestRequest>());
    EXPECT_EQ(sites[0]->expect<wire::RoundResult>().round, 1U);
    report_figures({sites[0].get(), sites[1].get(), sites[2].get(), sites[3].get()}, 1);
    EXPECT_EQ(child.wait(std::chrono::seconds(20)), 0) << log_of(federation);
    const auto attested = federation.events_named("round_attested");
    ASSERT_THAT(attested, SizeIs(1));
    EXPECT_THAT(attested[0], HasSubstr("not-a-number"));
    EXPECT_THAT(attested[0], HasSubstr("out-of-range"));
}

TEST(CoordinatorRun, SecondSignedUpdateIsRefusedAsEquivocation) {
    TestFederation federation(3);
    ChildCoordinator child(federation, {"--rounds", "1"});
    TestSite first(federation, 0);
    TestSite second(federation, 1);
    TestSite third(federation, 2);
    first.join();
    second.join();
    third.join();
    const auto context = first.wait_for_round();
    EXPECT_TRUE(std::holds_alternative<wire::Receipt>(
        third.upload(third.make_update(context, values_of(2)))));
    EXPECT_EQ(refusal_code(third.upload(third.make_update(context, values_of(5)))),
              wire::RefusalCode::kEquivocation);
    first.upload(first.make_update(context, values_of(0)));
    second.upload(second.make_update(context, values_of(1)));
    const auto request = first.expect<wire::AttestRequest>();
    EXPECT_THAT(request.signed_updates, SizeIs(3)) << "the one with a receipt stays";
    first.attest(request);
    EXPECT_EQ(first.expect<wire::RoundResult>().round, 1U);
    report_figures({&first, &second, &third}, 1);
    EXPECT_EQ(child.wait(std::chrono::seconds(20)), 0) << log_of(federation);
    EXPECT_THAT(federation.events_named("equivocation"), SizeIs(1));
}

TEST(CoordinatorRun, SingleUpdatesAreForAuditorsOnly) {
    TestFederation federation(3);
    ChildCoordinator child(federation, {"--rounds", "1"});
    TestSite auditor(federation, 0);
    TestSite other(federation, 1);
    TestSite third(federation, 2);
    auditor.join();
    other.join();
    third.join();
    const auto context = auditor.wait_for_round();
    const auto update = third.make_update(context, values_of(2));
    third.upload(update);
    const Digest root = update.signed_update.statement.update_root;
    EXPECT_EQ(auditor.fetch(root), update.bytes);
    EXPECT_EQ(other.fetch(root), std::nullopt);
    EXPECT_TRUE(other.fetch(context.base_model).has_value()) << "models are for every site";
    other.send(wire::Attestation{
        .round = 1, .attempt = 0, .commitment_signature = {}, .fault_signatures = {}});
    EXPECT_EQ(other.expect<wire::Refusal>().code, wire::RefusalCode::kNotAuditor);
    child.kill(SIGTERM);
    EXPECT_EQ(child.wait(std::chrono::seconds(10)), 130);
}

TEST(CoordinatorRun, RoundRecordIsServedAfterTheRun) {
    TestFederation federation(2);
    {
        ChildCoordinator child(federation, {"--rounds", "1"});
        TestSite first(federation, 0);
        TestSite second(federation, 1);
        first.join();
        second.join();
        const auto context = first.wait_for_round();
        first.upload(first.make_update(context, values_of(0)));
        second.upload(second.make_update(context, values_of(1)));
        first.attest(first.expect<wire::AttestRequest>());
        EXPECT_EQ(first.expect<wire::RoundResult>().round, 1U);
        report_figures({&first, &second}, 1);
        ASSERT_EQ(child.wait(std::chrono::seconds(20)), 0) << log_of(federation);
    }
    ChildCoordinator child(federation, {"--serve-only"});
    TestSite auditor(federation, 0);
    auditor.join();
    auditor.send(wire::RoundRecordRequest{1});
    const auto record = auditor.expect<wire::RoundRecord>();
    EXPECT_EQ(record.round, 1U);
    EXPECT_THAT(record.signed_updates, SizeIs(2));
    EXPECT_THAT(record.signatures, SizeIs(1));
    EXPECT_TRUE(auditor.fetch(record.commitment.model).has_value());
    auditor.send(wire::RoundRecordRequest{2});
    EXPECT_EQ(auditor.expect<wire::Refusal>().code, wire::RefusalCode::kNotFound);
    TestSite other(federation, 1);
    other.join();
    other.send(wire::RoundRecordRequest{1});
    const auto own = other.expect<wire::RoundRecord>();
    EXPECT_EQ(own.commitment, record.commitment) << "to claim a reward";
    EXPECT_THAT(own.signed_updates, IsEmpty()) << "single updates are for auditors";
    EXPECT_THAT(federation.events_named("round_opened"), SizeIs(1)) << "no second round";
}

TEST(CoordinatorRun, ServingOnlyLetsTheRoundStandStill) {
    constexpr std::int64_t kDeadlineMs = 1'500;
    TestFederation federation(2, {.collect_deadline_ms = kDeadlineMs});
    std::chrono::steady_clock::time_point opened;
    {
        ChildCoordinator child(federation, {"--rounds", "1"});
        TestSite first(federation, 0);
        TestSite second(federation, 1);
        first.join();
        second.join();
        EXPECT_EQ(first.wait_for_round().attempt, 0U);
        opened = std::chrono::steady_clock::now();
        child.kill(SIGKILL);
    }
    ChildCoordinator child(federation, {"--serve-only"});
    TestSite site(federation, 0);
    site.join();
    // Past the deadline; each answer comes after another turn of the loop.
    const auto late = opened + std::chrono::milliseconds(kDeadlineMs + 500);
    int after = 0;
    while (after < 3) {
        after += std::chrono::steady_clock::now() > late ? 1 : 0;
        site.send(wire::StatusRequest{});
        const std::string status = site.expect<wire::StatusReport>().json;
        ASSERT_THAT(status, HasSubstr("\"phase\":\"collecting\",\"round\":1,\"attempt\":0"));
    }
    EXPECT_THAT(federation.events_named("round_aborted"), IsEmpty());
    child.kill(SIGTERM);
    EXPECT_EQ(child.wait(std::chrono::seconds(10)), 130);
}

// What a verb prints.
template <class Verb>
std::string printed_by(Verb verb) {
    ::testing::internal::CaptureStdout();
    const Status done = verb();
    std::string text = ::testing::internal::GetCapturedStdout();
    EXPECT_TRUE(done.has_value()) << done.error().message;
    return text;
}

TEST(CoordinatorRun, StatusRoundsAndShowTellWhatHappened) {
    TestFederation federation(2);
    const StatusOptions text{.config = federation.config(), .json = false};
    EXPECT_EQ(status(text).error().code, Errc::kNotFound) << "nothing has run yet";
    EXPECT_THAT(printed_by([&] { return check_config(federation.config()); }),
                HasSubstr("13 shared parameters"));
    {
        ChildCoordinator child(federation, {"--rounds", "1"});
        TestSite first(federation, 0);
        TestSite second(federation, 1);
        first.join();
        second.join();
        const auto context = first.wait_for_round();
        std::string shown;  // the figures are renewed a few times a second
        for (int i = 0; i < 100 && shown.find("(collecting)") == std::string::npos; ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            shown = printed_by([&] { return status(text); });
        }
        EXPECT_THAT(shown, AllOf(HasSubstr("is running: round 1"), HasSubstr("site-1")));
        EXPECT_EQ(rounds(text).error().code, Errc::kConflict) << "the coordinator has the folder";
        first.upload(first.make_update(context, values_of(0)));
        second.upload(second.make_update(context, values_of(1)));
        first.attest(first.expect<wire::AttestRequest>());
        EXPECT_EQ(first.expect<wire::RoundResult>().round, 1U);
        report_figures({&first, &second}, 1);
        ASSERT_EQ(child.wait(std::chrono::seconds(20)), 0) << log_of(federation);
    }
    EXPECT_THAT(printed_by([&] { return status(text); }), HasSubstr("1 rounds are done"));
    EXPECT_THAT(printed_by([&] { return rounds(text); }), HasSubstr("round 1 "));
    EXPECT_THAT(printed_by([&] { return show(text, 1); }),
                AllOf(HasSubstr("Round 1"), HasSubstr("0.900 on 20 test rows of 2 sites")));
    EXPECT_EQ(show(text, 2).error().code, Errc::kNotFound);
    const StatusOptions json{.config = federation.config(), .json = true};
    EXPECT_THAT(printed_by([&] { return show(json, 1); }), HasSubstr("\"standing\":\"accepted\""));
}

TEST(CoordinatorRun, DamagedStoredUpdateAbortsTheAttemptAndItsSiteBringsItAgain) {
    TestFederation federation(2);
    auto child =
        std::make_unique<ChildCoordinator>(federation, std::vector<std::string>{"--rounds", "1"});
    TestSite first(federation, 0);
    TestSite second(federation, 1);
    first.join();
    second.join();
    const auto context = first.wait_for_round();
    const auto update = first.make_update(context, values_of(0));
    first.upload(update);
    child->kill(SIGKILL);
    const std::string name = to_hex(update.signed_update.statement.update_root.view());
    const auto blob = federation.folder() / "data/blobs" / name.substr(0, 2) / name;
    {
        std::fstream file(blob, std::ios::in | std::ios::out | std::ios::binary);
        ASSERT_TRUE(file.is_open());
        file.seekp(3);
        file.put('\x7f');
    }
    child =
        std::make_unique<ChildCoordinator>(federation, std::vector<std::string>{"--rounds", "1"});
    first.join();
    second.join();
    rules::RoundContext now = first.wait_for_round();
    while (now.attempt == 0) {  // the old attempt may still have been announced
        now = first.wait_for_round();
    }
    EXPECT_EQ(now.round, 1U);
    EXPECT_EQ(now.attempt, 1U);
    const auto aborted = federation.events_named("round_aborted");
    ASSERT_THAT(aborted, SizeIs(1));
    EXPECT_THAT(aborted[0], HasSubstr("does not match its root"));

    const auto again = first.make_update(now, values_of(0));
    ASSERT_EQ(again.bytes, update.bytes) << "training is deterministic";
    const std::size_t before = first.chunks_sent;
    EXPECT_TRUE(std::holds_alternative<wire::Receipt>(first.upload(again))) << log_of(federation);
    EXPECT_EQ(first.chunks_sent, before + 1);
    second.upload(second.make_update(now, values_of(1)));
    const auto request = first.expect<wire::AttestRequest>();
    EXPECT_THAT(request.signed_updates, SizeIs(2)) << "the damaged file counts against nobody";
    first.attest(request);
    EXPECT_EQ(first.expect<wire::RoundResult>().attempt, 1U);
    report_figures({&first, &second}, 1);
    EXPECT_EQ(child->wait(std::chrono::seconds(30)), 0) << log_of(federation);
}

TEST(CoordinatorRun, SiteAdmittedDuringARoundBeginsTheAttemptAgain) {
    TestFederation federation(2);
    federation.sites.reserve(3);  // sites at work point into it
    auto child =
        std::make_unique<ChildCoordinator>(federation, std::vector<std::string>{"--rounds", "1"});
    TestSite first(federation, 0);
    TestSite second(federation, 1);
    first.join();
    second.join();
    const auto context = first.wait_for_round();
    first.upload(first.make_update(context, values_of(0)));
    child->kill(SIGTERM);
    EXPECT_EQ(child->wait(std::chrono::seconds(10)), 130);
    federation.admit_site();
    child =
        std::make_unique<ChildCoordinator>(federation, std::vector<std::string>{"--rounds", "1"});
    TestSite third(federation, 2);
    third.join();
    first.join();
    rules::RoundContext now = first.wait_for_round();
    EXPECT_EQ(now.attempt, 1U);
    ASSERT_NE(now.find(third.id()), nullptr);
    const auto aborted = federation.events_named("round_aborted");
    ASSERT_THAT(aborted, SizeIs(1));
    EXPECT_THAT(aborted[0], HasSubstr("site-2 is new"));
    second.join();
    first.upload(first.make_update(now, values_of(0)));
    second.upload(second.make_update(now, values_of(1)));
    third.upload(third.make_update(now, values_of(2)));
    const auto request = first.expect<wire::AttestRequest>();
    EXPECT_THAT(request.signed_updates, SizeIs(3));
    first.attest(request);
    EXPECT_EQ(first.expect<wire::RoundResult>().attempt, 1U);
    report_figures({&first, &second, &third}, 1);
    EXPECT_EQ(child->wait(std::chrono::seconds(30)), 0) << log_of(federation);
}

TEST(CoordinatorRun, LargeUpdatesGoToDiskAndNotIntoMemory) {
    constexpr std::size_t kSites = 5;
    constexpr std::size_t kCoordinates = 10'000'000;
    TestFederation federation(
        kSites, {.coordinates = kCoordinates, .quorum = 5, .collect_deadline_ms = 120'000});
    ChildCoordinator child(federation, {"--rounds", "1"});
    std::vector<std::unique_ptr<TestSite>> sites;
    for (std::size_t i = 0; i < kSites; ++i) {
        sites.push_back(std::make_unique<TestSite>(federation, i));
        sites.back()->join();
    }
    const auto context = sites[0]->wait_for_round();
    const std::size_t idle = child.memory_mib("VmRSS");
    std::vector<std::thread> uploads;
    for (std::size_t i = 0; i < kSites; ++i) {
        uploads.emplace_back([&, i] {
            const auto update = sites[i]->make_update(context, values_of(i, kCoordinates));
            EXPECT_TRUE(std::holds_alternative<wire::Receipt>(sites[i]->upload(update)));
        });
    }
    for (std::thread& upload : uploads) {
        upload.join();
    }
    const auto request = sites[0]->expect<wire::AttestRequest>();
    EXPECT_THAT(request.signed_updates, SizeIs(kSites));
    const std::size_t peak = child.memory_mib("VmHWM");
    RecordProperty("idle_mib", static_cast<int>(idle));
    RecordProperty("peak_mib", static_cast<int>(peak));
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "a sanitizer's own memory is not the coordinator's";
#endif
    EXPECT_LT(peak, idle + 200) << "idle " << idle << " MiB";
}

TEST(CoordinatorRun, TakenPortIsNamed) {
    TestFederation federation(2);
    ChildCoordinator child(federation, {"--rounds", "1"});
    TestSite site(federation, 0);
    site.join();
    std::filesystem::copy(federation.folder(), federation.folder().parent_path() / "copy",
                          std::filesystem::copy_options::recursive);
    std::filesystem::remove_all(federation.folder().parent_path() / "copy/data");
    auto config = load_config(federation.folder().parent_path() / "copy/coordinator.toml");
    ASSERT_TRUE(config.has_value());
    auto manifest = manifest::load_manifest(config->manifest_file);
    ASSERT_TRUE(manifest.has_value());
    auto keys = read_keys(config->keys, "test");
    ASSERT_TRUE(keys.has_value());
    const auto second = Coordinator::open(*config, *manifest, *std::move(keys), {});
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().code, Errc::kConflict);
    EXPECT_THAT(second.error().message, HasSubstr(std::to_string(federation.port)));
}

TEST(CoordinatorRun, SecondCoordinatorOnTheSameFolderIsRefused) {
    TestFederation federation(2);
    ChildCoordinator child(federation, {"--rounds", "1"});
    TestSite site(federation, 0);
    site.join();
    ChildCoordinator second(federation, {"--rounds", "1"});
    EXPECT_EQ(second.wait(std::chrono::seconds(10)), 6);
    EXPECT_THAT(log_of(federation), HasSubstr("another coordinator"));
}

}  // namespace
}  // namespace fedstake::coordinator::testing
