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
