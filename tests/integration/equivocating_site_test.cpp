// A site that signs two updates for one attempt: the coordinator, who holds both, proves it on the
// chain. The site pays a tenth and is jailed, the others' rounds go on, and the bounty is paid.
#include <algorithm>

#include <gtest/gtest.h>

#include "contracts/cpp/evm/anvil_process.hpp"
#include "tests/integration/chain_view.hpp"
#include "tests/integration/hand_written_site.hpp"
#include "tests/integration/running_federation.hpp"

namespace fedstake::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kRoundsWithACulprit = 3;
constexpr std::size_t kCulprit = 3;  // trains, does not audit

TEST(EquivocatingSite, IsSlashedAndJailedByTheCoordinatorsProof) {
    if (!evm::find_anvil()) GTEST_SKIP() << "needs anvil: run npm ci in contracts/";
    demo::Options options = small_options();
    options.rounds = kRoundsWithACulprit;
    options.chain = true;
    RunningFederation running(options);
    FS_ASSERT_OK(running.parts().found());
    const auto opened = ChainView::open(running.parts());
    FS_ASSERT_OK(opened);
    ChainView& chain = **opened;
    FS_ASSERT_OK(running.start_rounds_without(kCulprit));
    const demo::DemoSite& culprit = running.parts().sites()[kCulprit];
    const auto site = HandWrittenSite::join(running.parts(), culprit);
    FS_ASSERT_OK(site);
    const auto context = (*site)->wait_for_round(1);
    FS_ASSERT_OK(context);
    const std::vector<std::int32_t> one(running.parts().manifest().rules.coordinates, 1000);
    std::vector<std::int32_t> other = one;
    other.front() = 2000;
    FS_ASSERT_OK((*site)->offer((*site)->update_for(*context, one), one));
    FS_ASSERT_OK((*site)->offer((*site)->update_for(*context, other), other));
    ASSERT_EQ(running.wait_for_end(60s), 0) << running.log();

    EXPECT_EQ(running.events("equivocation", in_round(1)).size(), 1U);
    EXPECT_EQ(running.events("round_attested").size(), kRoundsWithACulprit)
        << "the others' rounds go on";
    const chain::StakeAccount account = chain.account_of((*site)->site());
    EXPECT_EQ(amount_to_string(account.stake), amount_to_string(900 * kToken));
    EXPECT_TRUE(account.jailed);
    const Address coordinator = running.parts().manifest().coordinator;
    EXPECT_EQ(amount_to_string(chain.bounty_of(coordinator)), amount_to_string(25 * kToken));
    EXPECT_EQ(amount_to_string(chain.slash_pool()), amount_to_string(75 * kToken));
    FS_ASSERT_OK(chain.send(evm::dev_key(0), chain.at().stake_vault, chain.abis().stake_vault,
                            "payBounty", {evm::AbiValue::address(coordinator)}));
    EXPECT_EQ(amount_to_string(chain.tokens_of(coordinator)), amount_to_string(25 * kToken));
}

}  // namespace
}  // namespace fedstake::testing
