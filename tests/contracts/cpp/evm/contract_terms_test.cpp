// A manifest that was edited after the deployment does not fit the contracts any more.
#include "contracts/cpp/evm/contract_terms.hpp"

#include <functional>

#include <gmock/gmock.h>

#include "tests/contracts/cpp/evm/chain_fixture.hpp"

namespace fedstake::evm {
namespace {

using namespace fedstake::testing;
using ::testing::AllOf;
using ::testing::HasSubstr;

ContractTerms deployed_terms() {
    const DeploymentConfig config = deployment_config();
    return {.federation = config.federation,
            .coordinator = config.coordinator,
            .auditors = config.auditors,
            .threshold = config.threshold,
            .accusation_bps_max = config.accusation_bps_max,
            .rules_digest = config.rules_digest};
}

TEST(ContractTerms, NamesEachDifferenceAndWhatToDo) {
    FEDSTAKE_NEED_ANVIL();
    TestChain chain;
    const auto check = [&](const ContractTerms& terms, const ContractAddresses& at) {
        return check_terms(chain.node(), at, chain.abis(), terms);
    };
    const Status same = check(deployed_terms(), chain.contracts());
    EXPECT_TRUE(same) << same.error().message;

    const auto complaint = [&](const std::function<void(ContractTerms&)>& edit) {
        ContractTerms terms = deployed_terms();
        edit(terms);
        const Status checked = check(terms, chain.contracts());
        EXPECT_EQ(checked.error().code, Errc::kConflict);
        EXPECT_THAT(checked.error().message, HasSubstr("restore the manifest"));
        return checked.error().message;
    };
    EXPECT_THAT(complaint([](auto& t) { std::swap(t.auditors[0], t.auditors[1]); }),
                AllOf(HasSubstr("auditor 0 = " + signer_key(0).address().hex()),
                      HasSubstr("manifest says " + signer_key(1).address().hex())));
    EXPECT_THAT(complaint([](auto& t) { t.auditors.push_back(signer_key(3).address()); }),
                HasSubstr("a number of auditors of 3, the manifest says 4"));
    EXPECT_THAT(complaint([](auto& t) { t.auditors.pop_back(); }),
                HasSubstr("a number of auditors of 3, the manifest says 2"));
    EXPECT_THAT(complaint([](auto& t) { t.threshold = 3; }),
                HasSubstr("a number of signatures needed of 2, the manifest says 3"));
    EXPECT_THAT(complaint([](auto& t) { t.coordinator = owner_key(0).address(); }),
                HasSubstr("coordinator " + dev_key(kCoordinator).address().hex()));
    EXPECT_THAT(complaint([](auto& t) { t.federation.bytes[0] ^= 1U; }), HasSubstr("federation"));
    EXPECT_THAT(complaint([](auto& t) { t.accusation_bps_max = 100; }),
                HasSubstr("slash_bps_max 2000, the manifest says 100"));

    ContractAddresses mixed = chain.contracts();
    mixed.slash_court = mixed.fault_prover;
    EXPECT_FALSE(check(deployed_terms(), mixed)) << "the court's address is the prover's";
}

TEST(ContractTerms, OtherRulesThanThePinnedOnesAreNamed) {
    FEDSTAKE_NEED_ANVIL();
    DeploymentConfig config = deployment_config();
    config.rules_digest = *Digest::parse(std::string(64, '7'));
    TestChain chain({}, config);
    ContractTerms terms = deployed_terms();
    terms.rules_digest = config.rules_digest;
    const auto check = [&] {
        return check_terms(chain.node(), chain.contracts(), chain.abis(), terms);
    };
    ASSERT_TRUE(check());
    terms.rules_digest.bytes[0] ^= 1U;
    const Status refused = check();
    EXPECT_EQ(refused.error().code, Errc::kConflict);
    EXPECT_THAT(refused.error().message,
                AllOf(HasSubstr("rules of digest " + config.rules_digest.hex()),
                      HasSubstr("the manifest says " + terms.rules_digest.hex()),
                      HasSubstr("anyone can void rounds under other rules")));
}

TEST(ContractTerms, AnEpochThatPinsNoRulesAgreesToAny) {
    FEDSTAKE_NEED_ANVIL();
    TestChain chain;
    ContractTerms terms = deployed_terms();
    terms.rules_digest.bytes.fill(9);
    EXPECT_TRUE(check_terms(chain.node(), chain.contracts(), chain.abis(), terms));
}

TEST(ContractTerms, NothingIsPostedToContractsWithOtherTerms) {
    FEDSTAKE_NEED_ANVIL();
    TestChain chain;
    EvmLedgerOptions options{chain.contracts(), test_federation(), {}, deployed_terms()};
    options.terms->auditors.pop_back();
    auto ledger = *EvmLedger::open(chain.connect(), dev_key(kCoordinator),
                                   std::make_unique<MemoryOutboxStore>(), options);
    const auto commitment = sample_commitment(1, 100, *Digest::parse(std::string(64, '1')));
    const auto signatures = audited(chain.domain(), commitment.struct_hash());
    ASSERT_TRUE(ledger->submit({"commit/1", chain::CommitRound{commitment, signatures}}));
    EXPECT_EQ(ledger->check().error().code, Errc::kConflict);
    EXPECT_EQ(ledger->pump().error().code, Errc::kConflict);
    EXPECT_EQ(ledger->stake_of(owner_key(0).address()).error().code, Errc::kConflict);
    EXPECT_EQ(ledger->status("commit/1")->state, chain::IntentState::kQueued);

    options.terms = deployed_terms();
    ledger = *EvmLedger::open(chain.connect(), dev_key(kCoordinator),
                              std::make_unique<MemoryOutboxStore>(), options);
    ASSERT_TRUE(ledger->submit({"commit/1", chain::CommitRound{commitment, signatures}}));
    ASSERT_TRUE(ledger->pump());
    EXPECT_EQ(ledger->status("commit/1")->state, chain::IntentState::kDone);
}

}  // namespace
}  // namespace fedstake::evm
