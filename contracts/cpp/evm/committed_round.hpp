// What the chain says about a round that may be challenged: state, parties, and the whole
// commitment, from the transaction that posted it.
//
// The chain stores only a hash; the words are in the calldata of commitRound. Reading them there
// leaves no need to trust the coordinator's record.
#pragma once

#include <cstdint>
#include <optional>

#include "contracts/cpp/evm/contract_set.hpp"

namespace fedstake::evm {

enum class RoundState : std::uint8_t {
    kNone = 0,  // never committed, or dead since an earlier round was voided
    kCommitted = 1,
    kFinal = 2,
    kVoided = 3,
    kArchived = 4,  // final, and its slot was reused
};

struct CommittedRound {
    RoundNumber round = 0;
    RoundState state = RoundState::kNone;
    Digest commitment;             // struct hash; zero where the ring does not hold the round
    std::uint64_t final_at = 0;    // Unix seconds, chain time
    std::uint64_t window_end = 0;  // demands begin before; final_at is later after some of them
    std::uint32_t signers = 0;     // bit i: auditor i of the epoch
    std::uint16_t epoch = 0;
};

[[nodiscard]] Result<CommittedRound> committed_round(EthNode& node,
                                                     const ContractAddresses& contracts,
                                                     const ContractAbis& abis, RoundNumber round);

// The account that signs receipts and commits rounds in that epoch.
[[nodiscard]] Result<Address> coordinator_of(EthNode& node, const ContractAddresses& contracts,
                                             const ContractAbis& abis, std::uint16_t epoch);

// The commitment with that struct hash, from the log of RoundCommitted and its transaction,
// searched from the newest block backwards. RETURNS kNotFound where the node has neither, or where
// another contract made the call.
[[nodiscard]] Result<crypto::RoundCommitment> posted_commitment(EthNode& node,
                                                                const ContractAddresses& contracts,
                                                                const ContractAbis& abis,
                                                                RoundNumber round,
                                                                const Digest& struct_hash);

// The commitment in the calldata of commitRound. RETURNS kCorrupt for other bytes.
[[nodiscard]] Result<crypto::RoundCommitment> commitment_in_call(const ContractAbi& round_manager,
                                                                 ByteView calldata);

}  // namespace fedstake::evm
