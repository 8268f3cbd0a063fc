// Stakes, exits, keys and windows of the reference model.
#include "contracts/cpp/memory_vault.hpp"

#include <gtest/gtest.h>

#include "tests/contracts/cpp/memory_world.hpp"

namespace fedstake::chain {
namespace {

using testing::label;
using testing::MemoryWorld;
using testing::refusal;

TEST(MemoryVault, StakesExitsAndWithdraws) {
    MemoryWorld world;
    const Address site = world.site(0);
    EXPECT_EQ(refusal(world.chain->vault().stake(site, 0)), "ZeroAmount");
    EXPECT_EQ(refusal(world.chain->vault().stake(site, 100'001)), "ERC20InsufficientBalance");
    ASSERT_TRUE(world.chain->vault().stake(site, 1'000));
    EXPECT_EQ(refusal(world.chain->request_exit(site, 1'001)), "InsufficientStake");
    ASSERT_TRUE(world.chain->request_exit(site, 400));
    EXPECT_EQ(refusal(world.chain->withdraw(site)), "ExitNotReady");
    world.chain->advance(world.chain->options().unbonding_delay);
    ASSERT_TRUE(world.chain->withdraw(site));
    EXPECT_EQ(refusal(world.chain->withdraw(site)), "NothingToWithdraw");
    EXPECT_EQ(world.chain->token().balance_of(site), Amount{99'400});
    EXPECT_EQ(world.chain->vault().total_bonded(), Amount{600});
}

TEST(MemoryVault, ASignerBelongsToItsFirstOwnerForEver) {
    MemoryWorld world;
    const Address first = world.signer(0).address();
    EXPECT_EQ(refusal(world.chain->vault().set_signer(world.site(1), first)), "SignerTaken");
    ASSERT_TRUE(
        world.chain->vault().set_signer(world.site(0), testing::label_address("new signer")));
    EXPECT_EQ(refusal(world.chain->vault().set_signer(world.site(1), first)), "SignerTaken");
    EXPECT_EQ(world.chain->vault().owner_of_signer(first), world.site(0));
}

TEST(MemoryVault, AKeyIsBoundOnlyByItsOwnWord) {
    MemoryWorld world;
    MemoryVault& vault = world.chain->vault();
    const auto key = *crypto::SigningKey::from_secret(label("new key").bytes);
    const auto consent = [&](const Address& owner, const crypto::SigningKey& hand) {
        return crypto::sign_statement({world.domain().chain_id, vault.address()},
                                      crypto::SignerBinding{owner, key.address()}, hand);
    };
    const Address site = world.site(0);
    const Address other = world.site(1);
    EXPECT_EQ(refusal(vault.set_signer(site, Address{}, consent(site, key))), "ZeroAddress");
    EXPECT_EQ(refusal(vault.set_signer(site, key.address(), consent(site, world.signer(0)))),
              "NotSignedBySigner");
    EXPECT_EQ(refusal(vault.set_signer(site, key.address(), consent(other, key))),
              "NotSignedBySigner")
        << "the consent names another owner";
    EXPECT_EQ(refusal(vault.set_signer(
                  site, key.address(),
                  crypto::sign_statement(world.domain(), crypto::SignerBinding{site, key.address()},
                                         key))),
              "NotSignedBySigner")
        << "in the domain of the rounds";
    ASSERT_TRUE(vault.set_signer(site, key.address(), consent(site, key)));
    EXPECT_EQ(refusal(vault.set_signer(other, key.address(), consent(other, key))), "SignerTaken");
    EXPECT_EQ(vault.account(site).signer, key.address());
}

TEST(MemoryVault, StakesForOthers) {
    MemoryWorld world;
    MemoryVault& vault = world.chain->vault();
    EXPECT_EQ(refusal(vault.stake_for(world.site(0), Address{}, 5)), "ZeroAddress");
    EXPECT_EQ(refusal(vault.stake_for(world.site(0), world.site(1), 0)), "ZeroAmount");
    ASSERT_TRUE(vault.stake_for(world.site(0), world.site(1), 5));
    EXPECT_EQ(vault.account(world.site(1)).stake, Amount{5});
    EXPECT_EQ(vault.account(world.site(0)).stake, Amount{0});
    EXPECT_EQ(world.chain->token().balance_of(world.site(0)), Amount{99'995});
    EXPECT_EQ(refusal(vault.stake_for(world.site(0), testing::label_address("stranger"), 5)),
              "UnknownAccount")
        << "a gift could keep it from becoming a signer";
    EXPECT_EQ(refusal(vault.stake_for(world.site(0), world.signer(1).address(), 5)),
              "UnknownAccount");
    const Address nobody = testing::label_address("nobody");
    EXPECT_EQ(refusal(vault.stake_for(nobody, nobody, 5)), "ERC20InsufficientBalance")
        << "everybody is known to itself";
}

TEST(MemoryVault, AKeyWithStakeOfItsOwnIsNobodysSigner) {
    MemoryWorld world;
    MemoryVault& vault = world.chain->vault();
    const Address key = testing::label_address("a rich key");
    ASSERT_TRUE(world.chain->token().mint(key, 100));
    ASSERT_TRUE(vault.stake(key, 100));
    EXPECT_EQ(refusal(vault.set_signer(world.site(0), key)), "SignerHasStake");
    ASSERT_TRUE(world.chain->request_exit(key, 100));
    EXPECT_EQ(refusal(vault.set_signer(world.site(0), key)), "SignerHasStake") << "it can be taken";
    EXPECT_TRUE(vault.set_signer(key, key)) << "of itself";
    EXPECT_TRUE(vault.stake_for(world.site(0), key, 1)) << "its owner is itself";
    const Address bound = world.signer(1).address();
    ASSERT_TRUE(world.chain->token().mint(bound, 100));
    EXPECT_EQ(refusal(vault.stake(bound, 100)), "BoundSigner");
}

TEST(MemoryVault, AKeyThatIsAccusedIsNobodysSignerThoughItsStakeIsGone) {
    MemoryWorld world;
    MemoryVault& vault = world.chain->vault();
    const Address key = world.coordinator();
    ASSERT_TRUE(world.chain->token().mint(key, 100));
    ASSERT_TRUE(vault.stake(key, 100));
    ASSERT_TRUE(world.commit(1, 0));
    ASSERT_TRUE(world.chain->accuse(world.accusation(1, key, 200)));
    MemoryConvictions& convictions = world.chain->convictions();
    ASSERT_TRUE(convictions.set_shares(world.governor(), Prover::kResult, {1, 10'000, 1}));
    ASSERT_TRUE(convictions.convict(world.site(0), RoundFault::kBadReport,
                                    world.commitment(1, 0).commitment));
    EXPECT_EQ(vault.account(key).stake, Amount{0});
    EXPECT_EQ(refusal(vault.set_signer(world.site(0), key)), "SignerHasStake");
}

TEST(MemoryVault, WhoSignedAnOpenRoundDoesNotWithdraw) {
    MemoryWorld world;
    for (std::size_t i = 0; i < 2; ++i) {
        ASSERT_TRUE(world.chain->vault().stake(world.site(i), 100));
        ASSERT_TRUE(world.chain->request_exit(world.site(i), 60));
    }
    world.chain->advance(world.chain->options().unbonding_delay);
    ASSERT_TRUE(world.commit(1, 0));
    ASSERT_TRUE(world.commit(2, 0));
    const auto refused = world.chain->withdraw(world.site(0));
    EXPECT_EQ(refusal(refused), "AnswersForRound");
    EXPECT_TRUE(refused.error().message.ends_with("2"))
        << "the newest: " << refused.error().message;
    EXPECT_TRUE(world.chain->withdraw(world.site(1))) << "auditor 1 did not sign";
    world.chain->advance(world.chain->options().challenge_window - 1);
    EXPECT_EQ(refusal(world.chain->withdraw(world.site(0))), "AnswersForRound");
    world.chain->advance(1);
    EXPECT_TRUE(world.chain->withdraw(world.site(0)));
}

// Sites 0 to 2 own the auditors' keys, of which 0 and 2 sign; all have exits that are due.
class Leaving : public ::testing::Test {
protected:
    Leaving() {
        for (std::size_t i = 0; i < 3; ++i) {
            EXPECT_TRUE(world.chain->vault().stake(world.site(i), 100));
            EXPECT_TRUE(world.chain->request_exit(world.site(i), 60));
        }
        world.chain->advance(world.chain->options().unbonding_delay);
    }
    [[nodiscard]] std::uint64_t until(RoundNumber round) {
        const auto found =
            rounds.record_of(round, world.commitment(round, 0).commitment.struct_hash());
        return found->window_end + world.chain->vault().windows().evidence_age;
    }

    MemoryWorld world;
    MemoryRounds& rounds = world.chain->rounds();
};

TEST_F(Leaving, AVoidOpensNoExitBeforeTheLastProof) {
    ASSERT_TRUE(world.commit(1, 0));
    EXPECT_EQ(rounds.newest_open(), 1U);
    EXPECT_EQ(rounds.answers_until(world.site(0)), 0U) << "the round stands";
    ASSERT_TRUE(world.chain->void_round(world.council(), world.commitment(1, 0).commitment));
    EXPECT_EQ(rounds.newest_open(), 0U);
    const std::uint64_t last = until(1);
    const auto refused = world.chain->withdraw(world.site(0));
    EXPECT_EQ(refusal(refused), "AnswersForVoidedRounds");
    EXPECT_EQ(refusal_values(refused.error()), world.site(0).hex() + ", " + std::to_string(last));
    EXPECT_EQ(rounds.answers_until(world.coordinator()), last) << "a key without an owner";
    EXPECT_EQ(rounds.answers_until(world.signer(0).address()), 0U) << "its owner answers";
    EXPECT_TRUE(world.chain->withdraw(world.site(1))) << "auditor 1 did not sign";
    world.chain->set_time(last);
    EXPECT_EQ(refusal(world.chain->withdraw(world.site(0))), "AnswersForVoidedRounds");
    world.chain->advance(1);
    EXPECT_TRUE(world.chain->withdraw(world.site(0)));
    EXPECT_EQ(rounds.answers_until(world.site(0)), last) << "noted for good";
}

TEST_F(Leaving, AnOpenRoundComesBeforeAVoidedOne) {
    ASSERT_TRUE(world.commit(1, 0));
    ASSERT_TRUE(world.chain->void_round(world.council(), world.commitment(1, 0).commitment));
    ASSERT_TRUE(world.commit(1, 1));
    EXPECT_EQ(refusal(world.chain->withdraw(world.site(0))), "AnswersForRound");
}

TEST_F(Leaving, WhoIsSlashedForARoundAnswersForItNoMore) {
    ASSERT_TRUE(world.commit(1, 0));
    ASSERT_TRUE(world.chain->convictions().convict(world.site(1), RoundFault::kBadReport,
                                                   world.commitment(1, 0).commitment));
    EXPECT_EQ(rounds.answers_until(world.site(0)), 0U);
    EXPECT_TRUE(world.chain->withdraw(world.site(0)));
}

TEST_F(Leaving, RoundsThatDieWithAProvenOneWereNotProven) {
    ASSERT_TRUE(world.commit(1, 0));
    world.chain->advance(10);
    ASSERT_TRUE(world.commit(2, 0));
    ASSERT_TRUE(world.chain->convictions().convict(world.site(1), RoundFault::kBadReport,
                                                   world.commitment(1, 0).commitment));
    EXPECT_EQ(rounds.answers_until(world.site(0)), until(2));
    EXPECT_EQ(refusal(world.chain->withdraw(world.site(0))), "AnswersForVoidedRounds");
}

// All who signed rounds of one epoch that die together are noted once, with the latest window.
TEST_F(Leaving, TheLatestWindowOfAnEpochCountsForAllWhoSignedInIt) {
    ASSERT_TRUE(world.commit(1, 0));
    const Address third = world.site(2);
    world.chain->advance(10);
    ASSERT_TRUE(rounds.open_epoch(world.governor(), {world.coordinator(),
                                                     1,
                                                     world.chain->options().challenge_window,
                                                     Digest{},
                                                     {world.signer(0).address()}}));
    for (const RoundNumber round : {2U, 3U}) {
        CommitRound call = world.commitment(round, 0);
        call.signatures.resize(1);
        ASSERT_TRUE(world.chain->commit_round(world.coordinator(), call));
        world.chain->advance(10);
    }
    ASSERT_TRUE(world.chain->void_round(world.council(), world.commitment(1, 0).commitment));
    EXPECT_EQ(rounds.answers_until(third), until(1)) << "signed in the first epoch only";
    EXPECT_EQ(rounds.answers_until(world.site(0)), until(3));
    EXPECT_LT(until(1), until(3));
}

TEST_F(Leaving, WhoSignedOnlyTheFirstOfThemIsNotForgotten) {
    ASSERT_TRUE(world.commit(1, 0));
    world.chain->advance(10);
    CommitRound second = world.commitment(2, 0);
    second.signatures = {{0, world.signer(0).sign(crypto::typed_data_digest(
                                 world.domain(), second.commitment.struct_hash()))},
                         {1, world.signer(1).sign(crypto::typed_data_digest(
                                 world.domain(), second.commitment.struct_hash()))}};
    ASSERT_TRUE(world.chain->commit_round(world.coordinator(), second));
    ASSERT_TRUE(world.chain->void_round(world.council(), world.commitment(1, 0).commitment));
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(rounds.answers_until(world.site(i)), until(2)) << "site " << i;
    }
}

TEST(MemoryVault, AKeyThatIsReplacedInJailIsLost) {
    MemoryWorld world;
    MemoryVault& vault = world.chain->vault();
    const Address first = world.signer(0).address();
    const Address second = testing::label_address("second key");
    ASSERT_TRUE(vault.stake(world.site(0), 1'000));
    ASSERT_TRUE(world.chain->prove_equivocation(world.site(1), world.equivocation(0)));
    EXPECT_FALSE(vault.is_lost(first)) << "not by jail alone";
    ASSERT_TRUE(vault.set_signer(world.site(0), second));
    EXPECT_TRUE(vault.is_lost(first));
    EXPECT_EQ(vault.owner_of_signer(first), world.site(0)) << "bound for ever";
    ASSERT_TRUE(vault.unjail(world.council(), world.site(0)));
    EXPECT_TRUE(vault.is_lost(first)) << "for good";
    ASSERT_TRUE(vault.set_signer(world.site(0), testing::label_address("third key")));
    EXPECT_FALSE(vault.is_lost(second)) << "replaced in freedom";
}

TEST(MemoryVault, AFormerKeyAnswersToo) {
    MemoryWorld world;
    ASSERT_TRUE(world.chain->vault().stake(world.site(0), 100));
    ASSERT_TRUE(world.chain->request_exit(world.site(0), 60));
    world.chain->advance(world.chain->options().unbonding_delay);
    ASSERT_TRUE(world.commit(1, 0));
    ASSERT_TRUE(world.chain->vault().set_signer(world.site(0), testing::label_address("new key")));
    EXPECT_EQ(refusal(world.chain->withdraw(world.site(0))), "AnswersForRound");
}

TEST(MemoryVault, TheCoordinatorAnswersForItsRounds) {
    MemoryWorld world;
    ASSERT_TRUE(world.chain->token().mint(world.coordinator(), 100));
    ASSERT_TRUE(world.chain->vault().stake(world.coordinator(), 100));
    ASSERT_TRUE(world.chain->request_exit(world.coordinator(), 60));
    EXPECT_EQ(refusal(world.chain->withdraw(world.coordinator())), "ExitNotReady");
    world.chain->advance(world.chain->options().unbonding_delay);
    ASSERT_TRUE(world.commit(1, 0));
    EXPECT_EQ(refusal(world.chain->withdraw(world.coordinator())), "AnswersForRound");
    world.chain->advance(world.chain->options().challenge_window);
    EXPECT_TRUE(world.chain->withdraw(world.coordinator()));
}

TEST(MemoryVault, KeepsNoMoreThan96BitsOfAnAccount) {
    MemoryWorld world;
    MemoryVault& vault = world.chain->vault();
    const Address whale = testing::label_address("whale");
    ASSERT_TRUE(world.chain->token().mint(whale, Amount{1} << 99U));
    EXPECT_EQ(refusal(vault.stake(whale, kAmount96Max + 1)), "SafeCastOverflowedUintDowncast");
    ASSERT_TRUE(vault.stake(whale, kAmount96Max));
    EXPECT_EQ(refusal(vault.stake(whale, 1)), "Panic");
    ASSERT_TRUE(world.chain->request_exit(whale, kAmount96Max));
    ASSERT_TRUE(vault.stake(whale, 1));
    EXPECT_EQ(refusal(world.chain->request_exit(whale, 1)), "Panic");
    EXPECT_EQ(vault.account(whale).stake, Amount{1}) << "a refused call changes nothing";
}

TEST(MemoryVault, WindowsKeepStakeWithinReach) {
    MemoryWorld world;
    MemoryVault& vault = world.chain->vault();
    const VaultWindows good = vault.windows();
    const auto refused = [&](auto change) {
        VaultWindows windows = good;
        change(windows);
        return refusal(vault.set_windows(world.governor(), windows));
    };
    EXPECT_EQ(refusal(vault.set_windows(world.site(0), good)), "AccessManagedUnauthorized");
    EXPECT_EQ(refused([](auto& w) { w.unbonding -= 1; }), "WindowShrinks");
    EXPECT_EQ(refused([](auto& w) { w.challenge -= 1; }), "WindowShrinks");
    EXPECT_EQ(refused([](auto& w) { w.resolution = w.unbonding - w.challenge + 1; }),
              "WindowTooShort");
    EXPECT_EQ(refused([](auto& w) { w.slash_delay = w.unbonding + 1; }), "WindowTooShort");
    // 1.1 times the age, rounded up, and the challenge window.
    EXPECT_EQ(refused([](auto& w) { w.evidence_age = (w.unbonding - w.challenge) / 11 * 10 + 10; }),
              "WindowTooShort");
    EXPECT_EQ(vault.windows(), good);
    EXPECT_EQ(refused([](auto& w) { w.resolution = w.unbonding - w.challenge; }), "accepted");
}

}  // namespace
}  // namespace fedstake::chain
