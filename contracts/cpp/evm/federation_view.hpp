// Everything that the contracts say about a federation right now: for `status --chain`.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "contracts/cpp/evm/contract_set.hpp"
#include "contracts/cpp/evm/slash_cases.hpp"

namespace fedstake::evm {

// IRoundManager.Epoch.
struct EpochTerms {
    std::uint16_t number = 0;
    Address coordinator;
    std::uint32_t threshold = 0;
    std::uint64_t challenge_window = 0;  // seconds
    Digest rules_digest;                 // zero: not pinned
    std::vector<Address> auditors;
};

// A dispute that holds a round back.
struct OpenDispute {
    RoundNumber round = 0;
    Digest commitment;
    Address challenger;
    Amount bond = 0;
    std::uint64_t deadline = 0;  // Unix seconds; afterwards anyone may expire it: the round is void
};

// The chain's record of the newest committed round.
struct NewestRound {
    Digest commitment;
    std::uint64_t final_at = 0;  // Unix seconds
    std::uint32_t signers = 0;   // bit i: auditor i of its epoch
    Amount reward_total = 0;
};

struct StakeLine {
    SiteId site;
    Amount stake = 0;
    Amount exiting = 0;
    std::uint64_t exit_ready_at = 0;
    std::uint32_t open_cases = 0;
    bool jailed = false;
    Amount held = 0;
    Amount claimed = 0;
    Address signer;
};

struct FederationView {
    std::uint64_t block = 0;
    std::uint64_t time = 0;  // of that block, Unix seconds
    RoundNumber head = 0;
    RoundNumber final_round = 0;  // newest final one; 0: none
    NewestRound newest;
    EpochTerms epoch;
    std::uint64_t paused_until = 0;  // 0, or a time; in the past: not paused
    std::optional<OpenDispute> dispute;
    std::vector<chain::OpenDemand> demands;  // that nobody has met yet, by round
    Amount funded = 0;                       // ever put into the reward fund
    Amount claimed_total = 0;                // ever paid from it
    Amount bonded = 0;                       // all stakes and exits
    Amount slash_pool = 0;                   // slashed and not yet swept
    Amount appeal_bond = 0;
    std::vector<StakeLine> stakes;  // of the sites asked for, in their order
    std::vector<TriedCase> cases;   // all, in order of opening

    [[nodiscard]] bool paused() const noexcept { return paused_until > time; }
};

// Some dozens of calls. RETURNS what check_contracts() and call_view() do.
[[nodiscard]] Result<FederationView> read_federation(EthNode& node,
                                                     const ContractAddresses& contracts,
                                                     const ContractAbis& abis,
                                                     const std::vector<SiteId>& sites);

// The newest final round; 0 when none is.
[[nodiscard]] Result<RoundNumber> newest_final_round(EthNode& node,
                                                     const ContractAddresses& contracts,
                                                     const ContractAbis& abis);

}  // namespace fedstake::evm
