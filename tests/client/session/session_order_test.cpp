// Rounds that begin again: what a site takes from a coordinator that may lie about it.
#include <set>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/base/rng.hpp"
#include "tests/client/session/session_fixture.hpp"

namespace fedstake::session::testing {
namespace {

using ::testing::HasSubstr;

class OrderTest : public SessionTest {
protected:
    SessionConfig with_chain() const {
        SessionConfig made = config();
        made.voids_possible = true;
        return made;
    }
    static bool trains(const Actions& actions) { return find<EnsureBlob>(actions) != nullptr; }
    static wire::RoundResult result(RoundNumber round, std::string_view model) {
        wire::RoundResult made;
        made.round = round;
        made.model = digest_of(model);
        return made;
    }
    RoundContext on(RoundNumber round, std::uint32_t attempt, std::string_view base) const {
        RoundContext made = context(round, attempt);
        made.base_model = digest_of(base);
        return made;
    }
};

TEST_F(OrderTest, GoesBackForAnAttemptAboveAllThatItSigned) {
    SessionMachine machine(with_chain(), signer_, {});
    (void)train(machine, context(1, 2));
    (void)train(machine, context(2));
    (void)train(machine, context(3));
    EXPECT_FALSE(trains(machine.step(open(context(2, 1))))) << "attempt 2 was signed for once";
    EXPECT_FALSE(trains(machine.step(open(context(2, 2)))));
    const Actions actions = machine.step(open(context(2, 3)));
    ASSERT_TRUE(trains(actions));
    ASSERT_NE(find<StoreAttempts>(actions), nullptr);
    EXPECT_EQ(find<StoreAttempts>(actions)->attempts, (Attempts{.highest = 3, .floor = 3}));
    ASSERT_NE(find<Notify>(actions), nullptr);
    EXPECT_THAT(find<Notify>(actions)->text, HasSubstr("rounds begin again with round 2"));
}

TEST_F(OrderTest, TakesNoAttemptBelowTheOneThatRoundsBeganAgainWith) {
    SessionMachine machine(with_chain(), signer_, {});
    (void)train(machine, context(1));
    (void)train(machine, context(5));
    (void)train(machine, context(3, 1));
    // (5, 0) was signed: round 5 must not come with attempt 0 again.
    EXPECT_FALSE(trains(machine.step(open(context(4, 0)))));
    EXPECT_FALSE(trains(machine.step(open(context(5, 0)))));
    EXPECT_FALSE(trains(machine.step(open(context(6, 0)))));
    EXPECT_TRUE(trains(machine.step(open(context(4, 1)))));
}

TEST_F(OrderTest, RemembersTheFloorAcrossARestart) {
    SessionMachine before(with_chain(), signer_, {});
    (void)train(before, context(1));
    const auto signed_before = train(before, context(5));
    const Actions back = before.step(open(context(3, 1)));
    ASSERT_NE(find<StoreAttempts>(back), nullptr);
    const Attempts stored = find<StoreAttempts>(back)->attempts;
    SessionMachine after(with_chain(), signer_, {signed_before, 0, stored});
    EXPECT_FALSE(trains(after.step(open(context(5, 0))))) << "signed before rounds began again";
    EXPECT_TRUE(trains(after.step(open(context(3, 1))))) << "nothing was signed for it yet";
    SessionMachine later(with_chain(), signer_, {train(after, context(3, 1)), 0, stored});
    EXPECT_FALSE(trains(later.step(open(context(2, 1))))) << "not above what was signed";
    EXPECT_TRUE(trains(later.step(open(context(2, 2)))));
}

TEST_F(OrderTest, KeepsTheHighestAttemptBeforeItSignsForALaterRound) {
    SessionMachine machine(with_chain(), signer_, {});
    (void)machine.step(LinkUp{});
    const RoundContext retried = context(1, 2);
    (void)machine.step(open(retried));
    (void)machine.step(BlobReady{retried.base_model});
    const Actions actions = machine.step(Trained{.round = 1,
                                                 .attempt = 2,
                                                 .update_root = digest_of("update"),
                                                 .coordinates = 4,
                                                 .details = {1}});
    ASSERT_GE(actions.size(), 2U);
    const auto* stored = std::get_if<StoreAttempts>(&actions[0]);
    ASSERT_NE(stored, nullptr) << "durable before the update that replaces the last one";
    EXPECT_EQ(stored->attempts.highest, 2U);
    EXPECT_NE(std::get_if<StoreSigned>(&actions[1]), nullptr);
}

TEST_F(OrderTest, WithoutAChainRoundsNeverBeginAgain) {
    SessionMachine machine(config(), signer_, {});
    (void)train(machine, context(1));
    (void)train(machine, context(5));
    const Actions actions = machine.step(open(context(4, 9)));
    EXPECT_FALSE(trains(actions));
    EXPECT_THAT(find<Notify>(actions)->text, HasSubstr("already signed for a later one"));
}

TEST_F(OrderTest, TheBaseOfARoundThatBeginsAgainIsTheResultThatStands) {
    SessionMachine machine(with_chain(), signer_, {});
    (void)train(machine, on(1, 0, "model 0"));
    (void)machine.step(Received{result(1, "model 1")});
    (void)train(machine, on(2, 0, "model 1"));
    (void)machine.step(Received{result(2, "a lie")});
    (void)train(machine, on(3, 0, "a lie"));
    EXPECT_FALSE(trains(machine.step(open(on(2, 1, "a lie")))));
    ASSERT_TRUE(trains(machine.step(open(on(2, 1, "model 1")))));
    (void)train(machine, on(2, 1, "model 1"));
    (void)machine.step(Received{result(2, "model 2")});
    EXPECT_FALSE(trains(machine.step(open(on(3, 1, "a lie"))))) << "it has no result any more";
    EXPECT_TRUE(trains(machine.step(open(on(3, 1, "model 2")))));
}

TEST_F(OrderTest, ASiteThatWasAwayWhenRoundsBeganAgainGoesOn) {
    SessionMachine machine(with_chain(), signer_, {});
    (void)train(machine, on(1, 0, "model 0"));
    (void)train(machine, on(3, 0, "a lie"));
    (void)machine.step(Received{result(3, "more lies")});
    (void)machine.step(LinkDown{});
    // Rounds 2 and 3 have been run again meanwhile; 4 opens.
    (void)machine.step(LinkUp{});
    EXPECT_TRUE(trains(machine.step(open(on(4, 1, "model 3")))));
}

TEST_F(OrderTest, DropsTrainingOfAVoidedRoundAndTrainsForTheOneThatBeginsAgain) {
    SessionMachine machine(with_chain(), signer_, {});
    (void)train(machine, context(1));
    (void)train(machine, context(2));
    (void)machine.step(open(context(3)));
    (void)machine.step(BlobReady{digest_of("base")});
    EXPECT_FALSE(trains(machine.step(open(context(2, 1))))) << "one training at a time";
    const Actions actions = machine.step(Trained{.round = 3,
                                                 .attempt = 0,
                                                 .update_root = digest_of("update"),
                                                 .coordinates = 4,
                                                 .details = {}});
    EXPECT_EQ(find<StoreSigned>(actions), nullptr);
    EXPECT_TRUE(trains(actions));
}

// Whatever a coordinator offers, in whatever order, with restarts in between and the process dying
// between any two writes: no pair of round and attempt is signed twice.
TEST_F(OrderTest, NoCoordinatorGetsTwoSignaturesForOneAttempt) {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        SCOPED_TRACE(::testing::Message() << "seed " << seed);
        Rng rng(seed);
        Remembered disk;
        std::set<std::pair<RoundNumber, std::uint32_t>> made;
        auto machine = std::make_unique<SessionMachine>(with_chain(), signer_, disk);
        bool alive = true;
        const auto perform = [&](const Actions& actions) {
            const bool dies = rng.below(10) == 0;
            std::uint64_t budget = dies ? rng.below(3) : UINT64_MAX;
            for (const Action& action : actions) {
                if (budget-- == 0) {
                    alive = false;
                    return;
                }
                if (const auto* stored = std::get_if<StoreAttempts>(&action)) {
                    disk.attempts = stored->attempts;
                } else if (const auto* sat = std::get_if<StoreSatOut>(&action)) {
                    disk.sat_out = sat->round;
                } else if (const auto* update = std::get_if<StoreSigned>(&action)) {
                    const auto& statement = update->update.statement;
                    EXPECT_TRUE(made.emplace(statement.round, statement.attempt).second)
                        << statement.round << "/" << statement.attempt << " signed twice";
                    disk.last_signed = update->update;
                }
            }
        };
        for (int i = 0; i < 80; ++i) {
            if (!alive || rng.below(12) == 0) {
                machine = std::make_unique<SessionMachine>(with_chain(), signer_, disk);
                alive = true;
            }
            const RoundContext offer =
                context(1 + rng.below(4), static_cast<std::uint32_t>(rng.below(8)));
            perform(machine->step(open(offer)));
            if (alive) perform(machine->step(BlobReady{offer.base_model}));
            if (alive) {
                perform(machine->step(Trained{.round = offer.round,
                                              .attempt = offer.attempt,
                                              .update_root = digest_of(std::to_string(i)),
                                              .coordinates = 4,
                                              .details = {}}));
            }
        }
    }
}

}  // namespace
}  // namespace fedstake::session::testing
