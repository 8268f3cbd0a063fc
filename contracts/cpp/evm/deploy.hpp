// Deploys the contracts of one federation and wires their roles.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "contracts/cpp/evm/contract_set.hpp"
#include "contracts/cpp/evm/transaction_sender.hpp"

namespace fedstake::evm {

struct DeploymentConfig {
    FederationId federation;
    // The staking token; nothing: a TestToken is deployed too, which the deployer mints at will.
    std::optional<Address> token;
    Address coordinator;  // commits rounds
    Address publisher;    // releases models; zero: the coordinator
    Address council;      // vetoes slashes, voids rounds, pauses; zero: the deployer
    // Last instance of appeals and disputes; changes parameters and code after a delay: a timelock.
    // Zero: the council.
    Address governor;
    Address slash_pool;             // receives slashed stake; zero: 0x...dEaD, i.e. it is burnt
    std::vector<Address> auditors;  // signer addresses in index order (Manifest::auditors)
    std::uint8_t threshold = 1;     // M
    Digest rules_digest;            // of the RoundRules, pinned on the chain; zero: not pinned
    std::uint64_t challenge_window = 86'400;  // seconds
    std::uint64_t slash_delay = 7 * 86'400;
    std::uint64_t unbonding_delay = 14 * 86'400;  // at least both of the above
    // From a round's finality to the last accusation about it. The unbonding delay must be at least
    // the challenge window and 1.1 times this; where it is less, this is lowered.
    std::uint64_t evidence_age = 10 * 86'400;
    // Most that a dispute holds a round back; lowered to what the unbonding delay leaves.
    std::uint64_t resolution = 3 * 86'400;
    std::uint64_t upgrade_delay = 7 * 86'400;    // between the announcement of new code and its use
    std::uint64_t parameter_delay = 2 * 86'400;  // the same of windows, shares and epochs
    std::uint16_t accusation_bps_max = 2'000;
    std::uint16_t equivocation_bps = 1'000;
    std::uint16_t coordinator_bps = 5'000;  // of a coordinator that committed a false round
    std::uint16_t signer_bps = 2'000;       // of each auditor who signed it
    // Who votes, one vote each. Some: a MembershipToken and two pairs of a TimelockController and
    // a ConsortiumGovernor are deployed too, one for code, parameters and roles, one for rulings,
    // and the deployer keeps no role. None: `governor` decides alone, after the delays above.
    std::vector<Address> members;
    std::uint64_t timelock_delay = 7 * 86'400;    // between a vote and what it decided
    std::uint64_t vote_delay_blocks = 7'200;      // between a proposal and its vote
    std::uint64_t vote_period_blocks = 21'600;    // that a vote lasts
    std::uint64_t vote_extension_blocks = 7'200;  // that it goes on after a late quorum
    // That a vote about an appeal or a dispute lasts, beside a 24th before it and at most a quarter
    // after a late quorum. It is carried out at once, and must end before the dispute does.
    std::uint64_t ruling_vote_blocks = 7'200;
    Amount appeal_bond = 1'000'000;   // token wei; returned unless the slash is upheld
    Amount dispute_bond = 1'000'000;  // of the first challenge of a round, then doubled
    // Of a demand to publish a round's leaves; pays the coordinator for the answer.
    Amount demand_bond = 1'000'000;
    // To answer a demand. Demands are refused while four times this is more than unbonding leaves
    // beside challenge and resolution.
    std::uint64_t answer_time = 86'400;
    // Of a coordinator that does not answer: as much as for a lie.
    std::uint16_t withheld_bps = 5'000;
    // Put into the reward fund from the deployer's tokens; with a TestToken they are minted.
    Amount reward_fund = 0;

    // RETURNS kInvalidInput naming the field.
    [[nodiscard]] Status validate() const;
};

// Zero where nobody votes. A governor is the only proposer of its timelock.
struct Governance {
    Address members;           // MembershipToken
    Address timelock;          // holds UPGRADER, PARAMETERS and the admin role
    Address governor;          // ConsortiumGovernor
    Address rulings_timelock;  // holds GOVERNOR, without a delay
    Address rulings_governor;
};

struct Deployment {
    ContractAddresses contracts;
    Governance governance;
    std::uint64_t gas_used = 0;
    Address deployer;
};

// Every contract is an implementation and a proxy in front of it; the proxy's constructor
// initializes it. Then one call wires all roles. About twenty transactions, ten more with
// members. A failure in between names the step; what was deployed until then stays unused on the
// chain and the next try starts anew.
[[nodiscard]] Result<Deployment> deploy_contracts(EthNode& node, const crypto::SigningKey& deployer,
                                                  const DeploymentConfig& config,
                                                  SenderOptions options = {});

}  // namespace fedstake::evm
