// Attested cases and slashes of proven faults in the reference model.
#include "contracts/cpp/memory_vault.hpp"

#include <gtest/gtest.h>

#include "tests/contracts/cpp/memory_world.hpp"

namespace fedstake::chain {
namespace {

using testing::label;
using testing::MemoryWorld;
using testing::refusal;

TEST(MemorySlashes, AttestedSlashTakesExitsToo) {
    MemoryWorld world;
    const Address site = world.site(0);
    ASSERT_TRUE(world.chain->vault().stake(site, 1'000));
    ASSERT_TRUE(world.commit(1, 0));
    ASSERT_TRUE(world.chain->request_exit(site, 990));
    ASSERT_TRUE(world.chain->accuse(world.accusation(1, site, 200)));
    EXPECT_EQ(refusal(world.chain->accuse(world.accusation(1, site, 200))), "AlreadyAccused");
    world.chain->advance(world.chain->options().unbonding_delay);
    // What the case may take stays, the rest may leave.
    ASSERT_TRUE(world.chain->withdraw(site));
    EXPECT_EQ(world.chain->vault().account(site).exit, Amount{10});
    EXPECT_EQ(refusal(world.chain->withdraw(site)), "WithdrawalsFrozen");
    const std::uint64_t id = world.chain->vault().cases().at(0).id;
    ASSERT_TRUE(world.chain->execute_slash(id));
    EXPECT_EQ(refusal(world.chain->execute_slash(id)), "CaseNotPending");
    EXPECT_EQ(world.chain->vault().account(site).stake, Amount{0});
    EXPECT_EQ(world.chain->vault().account(site).exit, Amount{0});
    EXPECT_EQ(refusal(world.chain->withdraw(site)), "NothingToWithdraw");
    ASSERT_TRUE(world.chain->vault().sweep_slash_pool());
    EXPECT_EQ(world.chain->token().balance_of(world.chain->options().slash_pool), Amount{20});
}

TEST(MemorySlashes, AVetoedSlashNeverHappens) {
    MemoryWorld world;
    const Address site = world.site(0);
    ASSERT_TRUE(world.chain->vault().stake(site, 1'000));
    ASSERT_TRUE(world.commit(1, 0));
    ASSERT_TRUE(world.chain->accuse(world.accusation(1, site, 200)));
    const SlashCase open = world.chain->vault().cases().at(0);
    EXPECT_EQ(refusal(world.chain->vault().veto_slash(site, open.digest)),
              "AccessManagedUnauthorized");
    ASSERT_TRUE(world.chain->vault().veto_slash(world.council(), open.digest));
    world.chain->advance(world.chain->options().slash_delay);
    EXPECT_EQ(refusal(world.chain->execute_slash(open.id)), "CaseNotPending");
    EXPECT_EQ(world.chain->vault().account(site).stake, Amount{1'000});
}

TEST(MemorySlashes, AttestedSlashingIsCappedWithinAWindow) {
    MemoryWorld world;
    const Address site = world.site(0);
    ASSERT_TRUE(world.chain->vault().stake(site, 1'000));
    for (RoundNumber round = 1; round <= 3; ++round) ASSERT_TRUE(world.commit(round, 0));
    ASSERT_TRUE(world.chain->accuse(world.accusation(1, site, 1'500)));
    EXPECT_EQ(refusal(world.chain->accuse(world.accusation(2, site, 501))), "CapExceeded");
    ASSERT_TRUE(world.chain->accuse(world.accusation(2, site, 500)));
    world.chain->advance(90 * 86'400 - 1);
    EXPECT_EQ(refusal(world.chain->accuse(world.accusation(3, site, 1))), "EvidenceTooOld");
    ASSERT_TRUE(world.commit(4, 0));
    EXPECT_EQ(refusal(world.chain->accuse(world.accusation(4, site, 1))), "CapExceeded");
    world.chain->advance(1);
    EXPECT_TRUE(world.chain->accuse(world.accusation(4, site, 2'000)));
}

TEST(MemorySlashes, TheVetoOfAnOldCaseLeavesTheNewWindowAlone) {
    MemoryWorld world;
    const Address site = world.site(0);
    ASSERT_TRUE(world.chain->vault().stake(site, 1'000));
    ASSERT_TRUE(world.commit(1, 0));
    ASSERT_TRUE(world.chain->accuse(world.accusation(1, site, 500)));
    world.chain->advance(91 * 86'400);
    for (RoundNumber round = 2; round <= 4; ++round) ASSERT_TRUE(world.commit(round, 0));
    ASSERT_TRUE(world.chain->accuse(world.accusation(2, site, 700)));
    const Digest old_case = world.chain->vault().cases().at(0).digest;
    const Digest new_case = world.chain->vault().cases().at(1).digest;
    ASSERT_TRUE(world.chain->vault().veto_slash(world.council(), old_case));
    EXPECT_EQ(world.chain->vault().account(site).attested_bps, 700);
    EXPECT_EQ(refusal(world.chain->accuse(world.accusation(3, site, 1'500))), "CapExceeded");
    ASSERT_TRUE(world.chain->vault().veto_slash(world.council(), new_case));
    EXPECT_EQ(world.chain->vault().account(site).attested_bps, 0);
    EXPECT_TRUE(world.chain->accuse(world.accusation(4, site, 2'000)));
}

TEST(MemorySlashes, OnlyContractsSlash) {
    MemoryWorld world;
    MemoryVault& vault = world.chain->vault();
    const Address site = world.site(0);
    ASSERT_TRUE(vault.stake(site, 1'000));
    const Digest id = label("a case");
    for (const Address& caller : {site, world.council(), world.governor()}) {
        EXPECT_EQ(refusal(vault.propose_slash(caller, site, 100, 2, id)),
                  "AccessManagedUnauthorized");
        EXPECT_EQ(refusal(vault.postpone_slash(caller, id, 0)), "AccessManagedUnauthorized");
        EXPECT_EQ(refusal(vault.drop_slash(caller, id)), "AccessManagedUnauthorized");
        EXPECT_EQ(refusal(vault.slash_many(caller, {site}, {100}, caller, 1)),
                  "AccessManagedUnauthorized");
    }
    EXPECT_EQ(vault.account(site).stake, Amount{1'000});
}

TEST(MemorySlashes, AnAccountNamedTwiceIsSlashedFromWhatIsLeft) {
    MemoryWorld world;
    MemoryVault& vault = world.chain->vault();
    const Address prover = world.chain->options().addresses.provers[0];
    ASSERT_TRUE(vault.stake(world.site(0), 1'001));
    ASSERT_TRUE(vault.slash_many(prover, {world.site(0), world.site(1), world.site(0)},
                                 {5'000, 2'000, 2'000}, world.site(2), 5));
    EXPECT_EQ(vault.account(world.site(0)).stake, Amount{400}) << "501, then 100";
    EXPECT_EQ(vault.bounty_of(world.site(2)), Amount{150}) << "125 and 25";
    EXPECT_EQ(vault.slash_pool_balance(), Amount{451});
    EXPECT_EQ(vault.total_bonded(), Amount{400});
    EXPECT_FALSE(vault.account(world.site(0)).jailed) << "only equivocation jails";
}

TEST(MemorySlashes, ARefusedSlashOfManySlashesNobody) {
    MemoryWorld world;
    MemoryVault& vault = world.chain->vault();
    const Address prover = world.chain->options().addresses.provers[0];
    ASSERT_TRUE(vault.stake(world.site(0), 1'000));
    EXPECT_EQ(refusal(vault.slash_many(prover, {world.site(0)}, {1, 2}, Address{}, 5)),
              "LengthMismatch");
    EXPECT_EQ(refusal(vault.slash_many(prover, {world.site(0), world.site(1)}, {100, 10'001},
                                       Address{}, 5)),
              "BadBps");
    EXPECT_EQ(vault.account(world.site(0)).stake, Amount{1'000});
    EXPECT_EQ(vault.slash_pool_balance(), Amount{0});
}

}  // namespace
}  // namespace fedstake::chain
