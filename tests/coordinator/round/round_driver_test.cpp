// Crash discipline: whatever the events and wherever the process dies, replay gives the same state
// and no durable action is lost.
#include "coordinator/round/round_driver.hpp"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/base/rng.hpp"
#include "tests/coordinator/round/federation_fixture.hpp"

namespace fedstake::round::testing {
namespace {

class MemoryJournal final : public Journal {
public:
    Result<std::uint64_t> append(Timestamp at, ByteView event) override {
        entries.emplace_back(at, Bytes(event.begin(), event.end()));
        return entries.size();
    }
    Status mark_performed(std::uint64_t sequence) override {
        marked = std::max(marked, sequence);
        return {};
    }
    Result<std::uint64_t> performed() override { return marked; }
    Status replay(const Visitor& visit) override {
        for (std::size_t i = 0; i < entries.size(); ++i) {
            FS_TRY(visit(i + 1, entries[i].first, entries[i].second));
        }
        return {};
    }

    std::vector<std::pair<Timestamp, Bytes>> entries;
    std::uint64_t marked = 0;
};

// Counts what was performed; dies (returns an error) when its budget is used up.
class CountingPerformer final : public ActionPerformer {
public:
    Status perform(Timestamp /*now*/, const Action& action) override {
        if (budget == 0) {
            return fail(Errc::kUnavailable, "killed");
        }
        --budget;
        if (is_durable(action)) {
            ++durable[action_key(action)];
        }
        all.push_back(action_key(action));
        if (const auto* release = std::get_if<ReleaseModel>(&action)) {
            releases.push_back(*release);
        }
        return {};
    }

    std::uint64_t budget = UINT64_MAX;
    std::map<std::string, int> durable;
    std::vector<std::string> all;
    std::vector<ReleaseModel> releases;
};

// Every site seen, every update stored: to kClosed.
void close_round(RoundDriver& driver, const Federation& federation, Timestamp now) {
    ASSERT_TRUE(driver.handle(now, federation.stakes()).has_value());
    ASSERT_TRUE(driver.start(now, federation.started()).has_value());
    for (std::size_t i = 0; i < federation.options.sites; ++i) {
        ASSERT_TRUE(driver.handle(now, SiteSeen{federation.site(i)}).has_value());
    }
    for (std::size_t i = 0; i < federation.options.sites; ++i) {
        const auto update = federation.update(driver.machine().state(), i);
        ASSERT_TRUE(driver.handle(now, UpdateSigned{update}).has_value());
        ASSERT_TRUE(driver
                        .handle(now, UpdateStored{.round = 1,
                                                  .attempt = 0,
                                                  .site = federation.site(i),
                                                  .update_root = update.statement.update_root,
                                                  .verdict = Refusal::kNone})
                        .has_value());
    }
}

using Records = std::map<RoundNumber, Standing>;

// What the host makes of a void, from the records that it keeps.
RoundVoided voided(RoundNumber round, const Records& records) {
    RoundVoided event{
        .round = round, .commitment = records.at(round).commitment.struct_hash(), .before = {}};
    if (round > 1) {
        event.before = records.at(round - 1);
    }
    return event;
}

Event random_event(Rng& rng, const Federation& federation, const RoundMachine& machine,
                   const Records& records) {
    const State& state = machine.state();
    if (!state.ledger.empty() && rng.below(20) == 0) {
        auto place = state.ledger.begin();
        std::advance(place, static_cast<std::ptrdiff_t>(rng.below(state.ledger.size())));
        return voided(place->first, records);
    }
    const auto site = static_cast<std::size_t>(rng.below(federation.options.sites));
    const auto variant = static_cast<std::uint8_t>(rng.below(12) == 0 ? 1 : 0);
    switch (rng.below(12)) {
        case 0: return SiteSeen{federation.site(site)};
        case 1: return DeadlinePassed{};
        case 2:
            return AggregationFailed{
                .round = state.context.round, .attempt = state.context.attempt, .reason = "chance"};
        case 3:
            return AuditorRefused{.round = state.context.round,
                                  .attempt = state.context.attempt,
                                  .auditor = federation.site(site),
                                  .reason = "chance"};
        case 4:
            return rng.below(2) == 0 ? Event(RoundPosted{rng.below(6)})
                                     : Event(RoundFinal{rng.below(6)});
        case 5: {
            auto stakes = federation.stakes();
            stakes.stakes[site].stake = rng.below(30);
            return stakes;
        }
        case 6:
        case 7:
            if (state.phase == Phase::kClosed) {
                return federation.outcome(machine);
            }
            return SiteSeen{federation.site(site)};
        case 8:
        case 9:
            if (state.phase == Phase::kAggregated) {
                return federation.attestation(state, site);
            }
            return UpdateSigned{federation.update(state, site, variant)};
        case 10: return UpdateSigned{federation.update(state, site, variant)};
        default: {
            const auto update = federation.update(state, site, variant);
            return UpdateStored{
                .round = update.statement.round,
                .attempt = update.statement.attempt,
                .site = update.statement.site,
                .update_root = update.statement.update_root,
                .verdict = rng.below(10) == 0 ? Refusal::kOutOfRange : Refusal::kNone};
        }
    }
}

// One random life of a coordinator with crashes between and inside steps.
void live(std::uint64_t seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    Rng rng(seed);
    Federation federation({.sites = 4, .rounds_max = 4});
    MemoryJournal journal;
    CountingPerformer performer;
    Timestamp now{1'700'000'000'000};

    // The same events without a crash.
    RoundMachine undisturbed(federation.config());
    std::map<std::string, int> expected;
    Records records;
    const auto mirror = [&](const Event& event) {
        auto actions = undisturbed.step(now, event);
        ASSERT_TRUE(actions.has_value());
        for (const Action& action : *actions) {
            if (is_durable(action)) {
                expected[action_key(action)] += 1;
            }
            if (const auto* record = std::get_if<RecordResult>(&action)) {
                records[record->commitment.round] = {.context = record->context,
                                                     .settlement = record->settlement,
                                                     .commitment = record->commitment,
                                                     .state = record->report.state};
            }
        }
    };

    auto driver = RoundDriver::resume(federation.config(), journal, performer, now);
    ASSERT_TRUE(driver.has_value());
    ASSERT_TRUE(driver->handle(now, federation.stakes()).has_value());
    mirror(federation.stakes());
    ASSERT_TRUE(driver->start(now, federation.started()).has_value());
    mirror(federation.started());
    for (int i = 0; i < 120; ++i) {
        now = now + Duration{static_cast<std::int64_t>(rng.below(20'000))};
        const Event event = random_event(rng, federation, driver->machine(), records);
        const bool dies = rng.below(6) == 0;
        performer.budget = dies ? rng.below(3) : UINT64_MAX;
        const Status handled = driver->handle(now, event);
        mirror(event);
        if (dies) {
            performer.budget = UINT64_MAX;
            const State before = driver->machine().state();
            driver = RoundDriver::resume(federation.config(), journal, performer, now);
            ASSERT_TRUE(driver.has_value()) << driver.error().message;
            EXPECT_EQ(driver->machine().state(), before);
        } else {
            ASSERT_TRUE(handled.has_value());
        }
        ASSERT_EQ(driver->machine().state(), undisturbed.state());
    }
    for (const auto& [key, count] : expected) {
        EXPECT_GE(performer.durable[key], 1) << key << " was never performed";
    }
    for (const auto& [key, count] : performer.durable) {
        EXPECT_TRUE(expected.contains(key)) << key << " was made up by a replay";
    }
}

TEST(RoundDriver, ReplayAfterAnyCrashGivesTheSameStateAndLosesNoAction) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        live(seed);
    }
}

TEST(RoundDriver, QuestionsOfPeersDoNotGrowTheJournal) {
    Federation federation;
    MemoryJournal journal;
    CountingPerformer performer;
    const Timestamp now{1};
    auto driver = RoundDriver::resume(federation.config(), journal, performer, now);
    ASSERT_TRUE(driver->handle(now, federation.stakes()).has_value());
    ASSERT_TRUE(driver->start(now, federation.started()).has_value());
    for (std::size_t i = 0; i < 4; ++i) {
        ASSERT_TRUE(driver->handle(now, SiteSeen{federation.site(i)}).has_value());
    }
    const auto update = federation.update(driver->machine().state(), 0);
    ASSERT_TRUE(driver->handle(now, UpdateSigned{update}).has_value());
    const std::size_t size = journal.entries.size();
    auto bad = update;
    bad.signature.bytes[4] ^= 1;
    for (int i = 0; i < 50; ++i) {
        ASSERT_TRUE(driver->handle(now, UpdateSigned{update}).has_value());
        ASSERT_TRUE(driver->handle(now, UpdateSigned{bad}).has_value());
        ASSERT_TRUE(driver->handle(now, SiteSeen{federation.site(0)}).has_value());
        ASSERT_TRUE(driver->handle(now, federation.stakes()).has_value());
    }
    EXPECT_EQ(journal.entries.size(), size);
}

TEST(RoundDriver, WordsOfAuditorsDoNotGrowTheJournal) {
    Federation federation({.sites = 4, .auditors = 3, .auditors_needed = 2});
    MemoryJournal journal;
    CountingPerformer performer;
    const Timestamp now{1};
    auto driver = RoundDriver::resume(federation.config(), journal, performer, now);
    close_round(*driver, federation, now);
    ASSERT_TRUE(driver->handle(now, federation.outcome(driver->machine())).has_value());
    const State& state = driver->machine().state();
    const std::size_t size = journal.entries.size();
    const auto good = federation.attestation(state, 0);
    auto bad = good;
    bad.commitment.bytes[3] ^= 1;
    auto old = good;
    old.attempt += 1;
    const auto stranger = federation.attestation(state, 3);
    const auto say_everything = [&] {
        for (int i = 0; i < 50; ++i) {
            ASSERT_TRUE(driver
                            ->handle(now, AuditorRefused{.round = 1,
                                                         .attempt = 0,
                                                         .auditor = federation.site(0),
                                                         .reason = std::to_string(i)})
                            .has_value());
            for (const auto& word : {bad, old, stranger}) {
                ASSERT_TRUE(driver->handle(now, word).has_value());
            }
        }
    };
    say_everything();
    EXPECT_EQ(journal.entries.size(), size + 1) << "one refusal, whatever its words";
    ASSERT_TRUE(driver->handle(now, good).has_value());
    EXPECT_EQ(journal.entries.size(), size + 2) << "an auditor may change its mind";
    ASSERT_TRUE(driver->handle(now, good).has_value());
    say_everything();
    EXPECT_EQ(journal.entries.size(), size + 2) << "a signature stands";
    EXPECT_EQ(state.phase, Phase::kAggregated);
}

TEST(RoundDriver, RestartPublishesAReleaseThatTheLedgerMayLack) {
    Federation federation({.auditors_needed = 0, .rounds_max = 1, .chain_enabled = false});
    MemoryJournal journal;
    CountingPerformer performer;
    const Timestamp now{1};
    auto driver = RoundDriver::resume(federation.config(), journal, performer, now);
    close_round(*driver, federation, now);
    ASSERT_TRUE(driver->handle(now, federation.outcome(driver->machine())).has_value());
    ASSERT_EQ(performer.releases.size(), 1U);
    EXPECT_FALSE(performer.releases[0].written);
    driver = RoundDriver::resume(federation.config(), journal, performer, now);
    ASSERT_EQ(performer.releases.size(), 2U);
    EXPECT_TRUE(performer.releases[1].written) << "marked as performed: the file is there";
    EXPECT_EQ(performer.releases[1].commitment, performer.releases[0].commitment);
    journal.marked = 0;
    driver = RoundDriver::resume(federation.config(), journal, performer, now);
    ASSERT_EQ(performer.releases.size(), 3U);
    EXPECT_FALSE(performer.releases[2].written) << "died before the mark: everything again";
}

TEST(RoundDriver, RestartWhileAggregatingAsksForTheAggregationAgain) {
    Federation federation;
    MemoryJournal journal;
    CountingPerformer performer;
    const Timestamp now{1};
    auto driver = RoundDriver::resume(federation.config(), journal, performer, now);
    close_round(*driver, federation, now);
    ASSERT_EQ(driver->machine().state().phase, Phase::kClosed);
    performer.all.clear();
    driver = RoundDriver::resume(federation.config(), journal, performer, now);
    ASSERT_TRUE(driver->start(now, federation.started()).has_value());
    EXPECT_THAT(performer.all, ::testing::ElementsAre("1/0/aggregate"));
}

TEST(RoundDriver, RestartWithAnotherRosterAbortsOnceAndWaitsForTheSites) {
    Federation federation;
    MemoryJournal journal;
    CountingPerformer performer;
    const Timestamp now{1};
    auto driver = RoundDriver::resume(federation.config(), journal, performer, now);
    close_round(*driver, federation, now);
    Started changed = federation.started();
    changed.roster.pop_back();
    performer.all.clear();
    driver = RoundDriver::resume(federation.config(), journal, performer, now);
    ASSERT_TRUE(driver->start(now, changed).has_value());
    EXPECT_THAT(performer.all, ::testing::ElementsAre("1/0/abort", "1/1/wait"));
    const State before = driver->machine().state();
    driver = RoundDriver::resume(federation.config(), journal, performer, now);
    EXPECT_EQ(driver->machine().state(), before);
}

// Two rounds attested, the third collecting; then the first is voided and the process dies after
// every possible number of actions.
TEST(RoundDriver, AVoidIsCarriedOutWhereverTheProcessDies) {
    bool died = true;
    for (std::uint64_t budget = 0; died; ++budget) {
        SCOPED_TRACE(::testing::Message() << "killed after " << budget << " actions");
        Federation federation({.rounds_max = 4});
        MemoryJournal journal;
        CountingPerformer performer;
        const Timestamp now{1};
        auto driver = RoundDriver::resume(federation.config(), journal, performer, now);
        close_round(*driver, federation, now);
        const auto first = federation.outcome(driver->machine());
        ASSERT_TRUE(driver->handle(now, first).has_value());
        for (std::size_t i = 0; i < 2; ++i) {
            const auto word = federation.attestation(driver->machine().state(), i);
            ASSERT_TRUE(driver->handle(now, word).has_value());
        }
        ASSERT_EQ(driver->machine().state().context.round, 2U);
        const RoundVoided event{
            .round = 1, .commitment = first.commitment.struct_hash(), .before = {}};
        performer.budget = budget;
        died = !driver->handle(now, event).has_value();
        const State after = driver->machine().state();
        ASSERT_EQ(after.context.round, 1U);
        ASSERT_EQ(after.context.attempt, 1U);

        performer.budget = UINT64_MAX;
        performer.all.clear();
        driver = RoundDriver::resume(federation.config(), journal, performer, now);
        ASSERT_TRUE(driver.has_value());
        EXPECT_EQ(driver->machine().state(), after);
        EXPECT_THAT(performer.all, ::testing::Not(::testing::Contains("intent/commit/1")))
            << "what was dropped is not even handed out for a moment";
        EXPECT_THAT(performer.all, ::testing::Contains("drop/commit/1")) << "at every start";
        EXPECT_GE(performer.durable["1/1/take-back"], 1);
        EXPECT_GE(performer.durable["drop/commit/1"], 1);
        EXPECT_GE(performer.durable["2/0/abort"], 1);
        ASSERT_TRUE(driver->handle(now, event).has_value()) << "heard again after the restart";
        EXPECT_EQ(driver->machine().state(), after);
    }
}

TEST(RoundDriver, NamesACorruptJournalEntry) {
    Federation federation;
    MemoryJournal journal;
    CountingPerformer performer;
    ASSERT_TRUE(journal.append(Timestamp{1}, Bytes{1, 99}).has_value());
    const auto driver = RoundDriver::resume(federation.config(), journal, performer, Timestamp{1});
    ASSERT_FALSE(driver.has_value());
    EXPECT_EQ(driver.error().code, Errc::kCorrupt);
    EXPECT_THAT(driver.error().message, ::testing::HasSubstr("journal entry 1"));
}

}  // namespace
}  // namespace fedstake::round::testing
