// The chain thread against a scripted ledger: posts once, survives an absent node, executes due
// slashes.
#include "coordinator/app/ledger_poster.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/coordinator/app/scripted_ledger.hpp"

namespace fedstake::coordinator {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class PosterTest : public ::testing::Test {
protected:
    void SetUp() override {
        PosterOptions options;
        options.sites = {SiteId{}};
        options.poll = Duration{2};
        options.backoff_max = Duration{8};
        options.stakes_every = Duration{0};
        options.on_news = [this](LedgerNews news) {
            const std::lock_guard lock(mutex_);
            news_.push_back(std::move(news));
            heard_.notify_all();
        };
        poster_ = std::make_unique<LedgerPoster>(std::make_unique<ScriptedLedger>(world_),
                                                 std::move(options));
    }

    template <class T>
    std::vector<T> news_of() {
        std::vector<T> found;
        for (const LedgerNews& news : news_) {
            if (const T* match = std::get_if<T>(&news)) {
                found.push_back(*match);
            }
        }
        return found;
    }
    // Waits until the condition over the news holds.
    template <class Condition>
    bool wait_for(Condition condition) {
        std::unique_lock lock(mutex_);
        return heard_.wait_for(lock, std::chrono::seconds(10), condition);
    }
    bool wait_until_settled() {
        for (int i = 0; i < 5000 && !poster_->settled(); ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return poster_->settled();
    }
    void change(const std::function<void(World&)>& apply) {
        const std::lock_guard lock(world_.mutex);
        apply(world_);
    }
    std::vector<std::string> performed() {
        const std::lock_guard lock(world_.mutex);
        return world_.performed;
    }

    static Digest commitment_of(RoundNumber round) {
        Digest digest;
        digest.bytes[31] = static_cast<std::uint8_t>(round);
        return digest;
    }
    void watch(RoundNumber round) {
        poster_->watch(round, commitment_of(round), "commit/" + std::to_string(round));
    }
    // What a chain does that voids `first` and has committed rounds up to `last`.
    void void_rounds(RoundNumber first, RoundNumber last) {
        change([&](World& world) {
            for (RoundNumber round = first; round <= last; ++round) {
                world.voided.insert(commitment_of(round));
            }
        });
    }

    World world_;
    std::mutex mutex_;
    std::condition_variable heard_;
    std::vector<LedgerNews> news_;
    std::unique_ptr<LedgerPoster> poster_;
};

chain::Intent commit(RoundNumber round) {
    return {.key = "commit/" + std::to_string(round), .operation = chain::CommitRound{}};
}

TEST_F(PosterTest, PostsEachIntentOnceAndSaysSo) {
    poster_->post(commit(1));
    poster_->post(commit(1));
    EXPECT_TRUE(wait_until_settled());
    EXPECT_THAT(performed(), ElementsAre("commit/1"));
    EXPECT_TRUE(wait_for([&] { return !news_of<IntentChanged>().empty(); }));
    EXPECT_THAT(poster_->unsettled(), IsEmpty());
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(news_of<IntentChanged>().back().status.state, chain::IntentState::kDone);
}

TEST_F(PosterTest, AKeyPostedAgainAfterItsEndIsSettledAgain) {
    poster_->post(commit(1));
    EXPECT_TRUE(wait_until_settled());
    poster_->post(commit(1));
    EXPECT_TRUE(wait_until_settled());
    EXPECT_THAT(performed(), ElementsAre("commit/1"));
    EXPECT_THAT(poster_->unsettled(), IsEmpty());
}

TEST_F(PosterTest, IsNotSettledWhileTheChainCannotBeAsked) {
    EXPECT_TRUE(wait_until_settled());
    change([](World& world) { world.up = false; });
    EXPECT_TRUE(wait_for([&] { return news_of<ChainDown>().size() == 1; }));
    EXPECT_FALSE(poster_->settled());
    change([](World& world) { world.up = true; });
    EXPECT_TRUE(wait_until_settled());
}

TEST_F(PosterTest, QueuesWhileTheNodeIsAwayAndPostsAfterwards) {
    change([](World& world) { world.up = false; });
    EXPECT_TRUE(wait_for([&] { return news_of<ChainDown>().size() == 1; }));
    poster_->post(commit(1));
    poster_->post(commit(2));
    std::this_thread::sleep_for(std::chrono::milliseconds(40));
    EXPECT_THAT(performed(), IsEmpty());
    EXPECT_FALSE(poster_->settled());
    EXPECT_THAT(poster_->unsettled(), ElementsAre("commit/1", "commit/2"));
    change([](World& world) { world.up = true; });
    EXPECT_TRUE(wait_until_settled());
    EXPECT_THAT(performed(), ElementsAre("commit/1", "commit/2"));
    EXPECT_TRUE(wait_for([&] { return news_of<ChainUp>().size() == 1; }));
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(news_of<ChainDown>().size(), 1U) << "said once, not at each try";
}

TEST_F(PosterTest, SaysWhichDemandsAreOpenWhenThatChanges) {
    const chain::OpenDemand demand{
        .round = 3, .commitment = commitment_of(3), .demander = {}, .bond = 5, .deadline = 900};
    EXPECT_TRUE(wait_until_settled());
    {
        const std::lock_guard lock(mutex_);
        EXPECT_THAT(news_of<DemandsChanged>(), IsEmpty()) << "there is none";
    }
    change([&](World& world) { world.demands = {demand}; });
    EXPECT_TRUE(wait_for([&] { return news_of<DemandsChanged>().size() == 1; }));
    change([](World& world) { world.demands.clear(); });
    EXPECT_TRUE(wait_for([&] { return news_of<DemandsChanged>().size() == 2; }));
    const std::lock_guard lock(mutex_);
    EXPECT_THAT(news_of<DemandsChanged>().front().open, ElementsAre(demand));
    EXPECT_THAT(news_of<DemandsChanged>().back().open, IsEmpty());
}

TEST_F(PosterTest, ExecutesASlashWhenItsTimeHasComeAndNotBefore) {
    chain::SlashCase slash;
    slash.id = 7;
    slash.state = chain::SlashState::kPending;
    slash.execute_after = 200;
    change([&](World& world) { world.cases.push_back(slash); });
    EXPECT_TRUE(wait_for([&] { return news_of<SlashCaseChanged>().size() == 1; }));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_THAT(performed(), IsEmpty());
    EXPECT_FALSE(poster_->settled());
    change([](World& world) { world.time = 200; });
    EXPECT_TRUE(wait_for([&] { return news_of<SlashCaseChanged>().size() == 2; }));
    EXPECT_TRUE(wait_until_settled());
    EXPECT_THAT(performed(), ElementsAre("slash/7"));
}

TEST_F(PosterTest, ASlashForAVoidedRoundIsNotExecuted) {
    chain::SlashCase slash;
    slash.id = 7;
    slash.state = chain::SlashState::kPending;
    slash.execute_after = 50;
    slash.digest.bytes[0] = 3;
    poster_->spare(slash.digest);
    change([&](World& world) { world.cases.push_back(slash); });
    EXPECT_TRUE(wait_for([&] { return news_of<SlashCaseChanged>().size() == 1; }));
    EXPECT_TRUE(wait_until_settled()) << "nobody waits for it";
    EXPECT_THAT(performed(), IsEmpty());
}

TEST_F(PosterTest, VetoedSlashIsNotExecuted) {
    chain::SlashCase slash;
    slash.id = 8;
    slash.state = chain::SlashState::kVetoed;
    change([&](World& world) { world.cases.push_back(slash); });
    EXPECT_TRUE(wait_for([&] { return news_of<SlashCaseChanged>().size() == 1; }));
    EXPECT_TRUE(wait_until_settled());
    EXPECT_THAT(performed(), IsEmpty());
}

TEST_F(PosterTest, ReportsFinalityOncePerRound) {
    watch(1);
    watch(2);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    change([](World& world) { world.final = 1; });
    EXPECT_TRUE(wait_for([&] { return news_of<RoundBecameFinal>().size() == 1; }));
    change([](World& world) { world.final = 2; });
    EXPECT_TRUE(wait_for([&] { return news_of<RoundBecameFinal>().size() == 2; }));
}

TEST_F(PosterTest, ReportsStakesOnlyWhenTheyChange) {
    EXPECT_TRUE(wait_for([&] { return news_of<StakesChanged>().size() == 1; }));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    change([](World& world) { world.stake = 900; });
    EXPECT_TRUE(wait_for([&] { return news_of<StakesChanged>().size() == 2; }));
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(news_of<StakesChanged>().back().accounts.at(0).stake, 900U);
}

TEST_F(PosterTest, AnAccountWithoutGasMoneyDoesNotHideStakesFinalityAndSlashes) {
    change([](World& world) { world.pump_trouble = "account 0x1 has 5 wei: send it ether"; });
    EXPECT_TRUE(wait_for([&] { return news_of<ChainDown>().size() == 1; }));
    chain::SlashCase slash;
    slash.id = 9;
    slash.state = chain::SlashState::kVetoed;
    watch(1);
    change([&](World& world) {
        world.stake = 800;
        world.final = 1;
        world.cases.push_back(slash);
    });
    EXPECT_TRUE(wait_for([&] {
        return !news_of<RoundBecameFinal>().empty() && !news_of<SlashCaseChanged>().empty() &&
               !news_of<StakesChanged>().empty() &&
               news_of<StakesChanged>().back().accounts.at(0).stake == 800;
    }));
    EXPECT_FALSE(poster_->settled());
}

TEST_F(PosterTest, SaysAgainWhatStopsItWhenTheReasonChanges) {
    change([](World& world) { world.up = false; });
    EXPECT_TRUE(wait_for([&] { return news_of<ChainDown>().size() == 1; }));
    change([](World& world) {
        world.up = true;
        world.pump_trouble = "account 0x1 has 5 wei and needs 90: send it ether";
    });
    EXPECT_TRUE(wait_for([&] { return news_of<ChainDown>().size() == 2; }));
    change([](World& world) {
        world.pump_trouble = "account 0x1 has 5 wei and needs 91: send it ether";
    });
    change([](World& world) { world.stake = 7; });
    EXPECT_TRUE(wait_for([&] { return news_of<StakesChanged>().back().accounts[0].stake == 7; }));
    change([](World& world) { world.pump_trouble.clear(); });
    EXPECT_TRUE(wait_for([&] { return news_of<ChainUp>().size() == 1; }));
    const std::lock_guard lock(mutex_);
    ASSERT_EQ(news_of<ChainDown>().size(), 2U) << "other figures are no other reason";
    EXPECT_EQ(news_of<ChainDown>().back().detail,
              "account 0x1 has 5 wei and needs 90: send it ether");
}

TEST_F(PosterTest, SaysWhyAnIntentIsHeldBackAlthoughItStaysQueued) {
    change([](World& world) { world.pump_trouble = "no answer yet"; });
    poster_->post(commit(1));
    EXPECT_TRUE(wait_for([&] { return news_of<IntentChanged>().size() == 1; }));
    change([](World& world) {
        world.pump_trouble.clear();
        world.held_back = "RewardTotalNotFunded: add tokens";
    });
    EXPECT_TRUE(wait_for([&] { return news_of<IntentChanged>().size() == 2; }));
    {
        const std::lock_guard lock(mutex_);
        const auto status = news_of<IntentChanged>().back().status;
        EXPECT_EQ(status.state, chain::IntentState::kQueued);
        EXPECT_EQ(status.detail, "RewardTotalNotFunded: add tokens");
    }
    change([](World& world) { world.held_back.clear(); });
    EXPECT_TRUE(wait_until_settled());
    EXPECT_TRUE(wait_for([&] { return news_of<IntentChanged>().size() == 3; }));
}

TEST_F(PosterTest, StakesComeWhileTheHistoryOfSlashesIsStillRead) {
    change([](World& world) {
        world.unread_history = SIZE_MAX;
        world.stake = 600;
    });
    EXPECT_TRUE(wait_for([&] {
        return !news_of<StakesChanged>().empty() &&
               news_of<StakesChanged>().back().accounts.at(0).stake == 600;
    }));
    change([](World& world) { world.stake = 601; });  // so that a visit has ended in between
    EXPECT_TRUE(wait_for([&] { return news_of<StakesChanged>().back().accounts[0].stake == 601; }));
    EXPECT_FALSE(poster_->settled()) << "slashes may follow";
    change([](World& world) { world.unread_history = 3; });
    EXPECT_TRUE(wait_until_settled());
    const std::lock_guard lock(mutex_);
    EXPECT_TRUE(news_of<ChainDown>().empty());
}

TEST_F(PosterTest, AChangedSignerIsAChangeAndIsNamed) {
    EXPECT_TRUE(wait_for([&] { return news_of<StakesChanged>().size() == 1; }));
    change([](World& world) { world.signer.bytes[0] = 1; });
    EXPECT_TRUE(wait_for([&] { return news_of<StakesChanged>().size() == 2; }));
    change([](World& world) { world.stake = 900; });
    EXPECT_TRUE(wait_for([&] { return news_of<StakesChanged>().size() == 3; }));
    const std::lock_guard lock(mutex_);
    const auto all = news_of<StakesChanged>();
    ASSERT_EQ(all.size(), 3U);
    EXPECT_THAT(all[0].new_signers, ElementsAre(SiteId{}));
    EXPECT_THAT(all[1].new_signers, ElementsAre(SiteId{}));
    EXPECT_THAT(all[2].new_signers, IsEmpty());
}

TEST_F(PosterTest, ReportsTheFirstVoidedRoundOnceAndStopsWatchingTheRest) {
    for (RoundNumber round = 1; round <= 4; ++round) {
        poster_->post(commit(round));
        watch(round);
    }
    EXPECT_TRUE(wait_until_settled());
    void_rounds(2, 4);
    EXPECT_TRUE(wait_for([&] { return news_of<RoundWasVoided>().size() == 1; }));
    change([](World& world) { world.stake = 7; });  // visits have gone by
    EXPECT_TRUE(wait_for([&] { return news_of<StakesChanged>().back().accounts[0].stake == 7; }));
    change([](World& world) { world.final = 4; });
    EXPECT_TRUE(wait_for([&] { return !news_of<RoundBecameFinal>().empty(); }));
    const std::lock_guard lock(mutex_);
    ASSERT_EQ(news_of<RoundWasVoided>().size(), 1U);
    EXPECT_EQ(news_of<RoundWasVoided>()[0].round, 2U);
    EXPECT_EQ(news_of<RoundWasVoided>()[0].commitment, commitment_of(2));
    ASSERT_EQ(news_of<RoundBecameFinal>().size(), 1U) << "2 to 4 are dead";
    EXPECT_EQ(news_of<RoundBecameFinal>()[0].round, 1U);
}

TEST_F(PosterTest, SeesAVoidOfPostedRoundsBelowOnesThatAreStillQueued) {
    poster_->post(commit(1));
    poster_->post(commit(2));
    EXPECT_TRUE(wait_until_settled());
    change([](World& world) { world.held_back = "RoundDisputed: wait"; });
    poster_->post(commit(3));
    for (RoundNumber round = 1; round <= 3; ++round) {
        watch(round);
    }
    void_rounds(1, 2);  // the chain never heard of round 3
    EXPECT_TRUE(wait_for([&] { return news_of<RoundWasVoided>().size() == 1; }));
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(news_of<RoundWasVoided>()[0].round, 1U);
}

TEST_F(PosterTest, SeesAVoidThatHappenedWhileTheNodeWasAway) {
    poster_->post(commit(1));
    watch(1);
    EXPECT_TRUE(wait_until_settled());
    change([](World& world) { world.up = false; });
    EXPECT_TRUE(wait_for([&] { return news_of<ChainDown>().size() == 1; }));
    void_rounds(1, 1);
    change([](World& world) { world.up = true; });
    EXPECT_TRUE(wait_for([&] { return news_of<RoundWasVoided>().size() == 1; }));
}

TEST_F(PosterTest, AsksAboutOneCommitmentAVisitHoweverManyRoundsWait) {
    for (RoundNumber round = 1; round <= 40; ++round) {
        poster_->post(commit(round));
        watch(round);
    }
    EXPECT_TRUE(wait_until_settled());
    const auto counts = [this] {
        const std::lock_guard lock(world_.mutex);
        return std::pair(world_.void_questions, world_.visits);
    };
    const auto [questions, visits] = counts();
    for (int i = 0; i < 5000 && counts().second < visits + 10; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    const auto [questions_after, visits_after] = counts();
    EXPECT_GE(visits_after, visits + 10);
    EXPECT_GE(questions_after, questions + 5) << "it does ask";
    EXPECT_LE(questions_after - questions, visits_after - visits + 2);
}

TEST_F(PosterTest, ADroppedIntentIsNeverSent) {
    change([](World& world) { world.held_back = "RoundOutOfOrder: wait"; });
    poster_->post(commit(1));
    EXPECT_TRUE(wait_for([&] { return !news_of<IntentChanged>().empty(); }));
    poster_->drop("commit/1", "round 1 was voided on the chain");
    poster_->drop("commit/9", "nobody knows it");
    EXPECT_TRUE(wait_for([&] {
        return news_of<IntentChanged>().back().status.state == chain::IntentState::kRejected;
    }));
    change([](World& world) { world.held_back.clear(); });
    poster_->post({.key = "commit/1/1", .operation = chain::CommitRound{}});
    EXPECT_TRUE(wait_until_settled());
    EXPECT_THAT(performed(), ElementsAre("commit/1/1"));
    EXPECT_THAT(poster_->unsettled(), IsEmpty());
}

TEST_F(PosterTest, IntentThatTheLedgerWillNotTakeIsNamed) {
    poster_->post({.key = "conflict", .operation = chain::CommitRound{}});
    EXPECT_TRUE(wait_for([&] { return news_of<IntentFailed>().size() == 1; }));
    EXPECT_TRUE(wait_until_settled());
}

}  // namespace
}  // namespace fedstake::coordinator
