// Tries proofs against a chain without paying, and sends the one that convicts.
//
// Order of calls: open(), attempt() until one convicts, then submit() with a key that has ether.
// One thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "contracts/cpp/evm/committed_round.hpp"
#include "contracts/cpp/evm/contract_set.hpp"
#include "contracts/cpp/evm/leaf_demands.hpp"
#include "contracts/cpp/evm/proof_calls.hpp"
#include "contracts/cpp/evm/transaction_sender.hpp"

namespace fedstake::evm {

// What a proof would do now.
struct ProofTrial {
    bool convicts = false;
    std::uint64_t gas = 0;  // estimate, where it convicts
    Amount cost = 0;        // wei, at twice the newest block's base fee: at most this
    std::string error;      // name of the contract's refusal: "NoFault"
    std::string reason;     // the same in words
};

struct Slashed {
    Address account;
    Amount amount = 0;
    Amount bounty = 0;  // of `amount`, the prover's
};

// What a proof did.
struct Conviction {
    Digest transaction;
    std::uint64_t gas_used = 0;
    // Where a round was convicted: it and all later ones up to this were voided.
    RoundNumber voided_from = 0;
    RoundNumber voided_to = 0;
    std::vector<Slashed> slashed;  // those who had stake
    Amount bounty = 0;             // StakeVault.payBounty pays it out
};

struct Dispute {
    Digest transaction;
    std::uint64_t gas_used = 0;
    Amount bond = 0;
    std::uint64_t deadline = 0;  // Unix seconds: when the round is voided if nobody decided
};

class ProofDesk {
public:
    // Finds the provers by the contracts themselves. Keeps the reference: node outlives the desk.
    // RETURNS what check_contracts() does, kConflict where the contracts do not name each other.
    [[nodiscard]] static Result<ProofDesk> open(EthNode& node, const ContractAddresses& contracts);

    [[nodiscard]] Result<CommittedRound> committed(RoundNumber round);
    [[nodiscard]] Result<Address> coordinator_of(std::uint16_t epoch);
    [[nodiscard]] Result<std::uint16_t> current_epoch();
    [[nodiscard]] Result<crypto::RoundCommitment> posted_commitment(RoundNumber round,
                                                                    const Digest& struct_hash);
    // Whether exactly this commitment was voided, by itself or with an earlier round.
    [[nodiscard]] Result<bool> is_voided(const Digest& commitment);
    [[nodiscard]] Result<bool> is_bound_signer(const SiteId& site, const Address& key);

    // Runs the proof on the newest state, as a transaction of `from`. A refusal by the contract is
    // a trial that does not convict; RETURNS errors of the node only.
    [[nodiscard]] Result<ProofTrial> attempt(const ProofCall& call, const Address& from);
    // Sends the proof and waits. RETURNS what TransactionSender::call() does; kCorrupt where the
    // transaction was mined and convicted nobody.
    [[nodiscard]] Result<Conviction> submit(const ProofCall& call, const crypto::SigningKey& key,
                                            SenderOptions options = {});

    // What the next dispute about this round costs, in token wei.
    [[nodiscard]] Result<Amount> bond_for(RoundNumber round);
    // Approves the bond and holds the round back. RETURNS kInvalidInput where the account has not
    // that many tokens, kNotNow with the contract's reason.
    [[nodiscard]] Result<Dispute> dispute(const crypto::RoundCommitment& c, const Digest& evidence,
                                          Amount bond_most, const crypto::SigningKey& key,
                                          SenderOptions options = {});

    // Borrows from this desk.
    [[nodiscard]] DemandDesk demands() { return {node_, at_, abis_, leaf_demands_}; }

    [[nodiscard]] Address address_of(Prover prover) const noexcept;
    [[nodiscard]] const ContractAbi& abi_of(Prover prover) const noexcept;
    [[nodiscard]] const ContractAbis& abis() const noexcept { return abis_; }

private:
    ProofDesk(EthNode& node, const ContractAddresses& contracts, ContractAbis abis)
        : node_(node), at_(contracts), abis_(std::move(abis)) {}
    [[nodiscard]] Status find_contracts();
    [[nodiscard]] Result<Conviction> read_conviction(const Receipt& receipt) const;

    EthNode& node_;
    ContractAddresses at_;
    ContractAbis abis_;
    Address result_prover_;
    Address settlement_prover_;
    Address disputes_;
    Address leaf_demands_;
};

}  // namespace fedstake::evm
