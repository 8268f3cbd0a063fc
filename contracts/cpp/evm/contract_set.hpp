// The contracts of one federation: where they are, their interfaces, and typed encodings of the
// statements that go into their calls.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "contracts/cpp/evm/artifacts.hpp"
#include "contracts/cpp/evm/eth_node.hpp"
#include "contracts/cpp/ledger.hpp"
#include "proto/crypto/eip712.hpp"

namespace fedstake::evm {

struct ContractAddresses {
    std::uint64_t chain_id = 0;
    Address token;
    Address stake_vault;
    Address round_manager;
    Address fault_prover;
    Address slash_court;
    Address model_registry;
    // Who may do what; the provers of results and settlements and the disputes are found by it
    // (ConsortiumAccess.contracts()). Zero in what was read from a manifest.
    Address access{};
    std::uint64_t deployed_block = 0;  // logs are read from here on

    [[nodiscard]] crypto::Eip712Domain domain() const { return {chain_id, round_manager}; }
    friend bool operator==(const ContractAddresses&, const ContractAddresses&) = default;
};

// Interfaces, with the custom errors of every contract known to each.
struct ContractAbis {
    ContractAbi token;
    ContractAbi stake_vault;
    ContractAbi round_manager;
    ContractAbi fault_prover;
    ContractAbi slash_court;
    ContractAbi model_registry;
    ContractAbi access;
    ContractAbi result_prover;
    ContractAbi settlement_prover;
    ContractAbi round_disputes;
    ContractAbi members;  // MembershipToken
    ContractAbi governor;
    ContractAbi timelock;
    ContractAbi leaf_demands;

    // RETURNS kNotFound when the program was built without the artifacts.
    [[nodiscard]] static Result<ContractAbis> load();
};

// RETURNS kConflict for another chain id, kNotFound naming the contract that has no code.
[[nodiscard]] Status check_contracts(EthNode& node, const ContractAddresses& addresses);

// Calls a view function and decodes its results. A revert is kNotNow with the reason in words.
[[nodiscard]] Result<std::vector<AbiValue>> call_view(EthNode& node, const Address& contract,
                                                      const ContractAbi& abi,
                                                      std::string_view function,
                                                      std::vector<AbiValue> arguments);

// Several views at once. RETURNS what call_view() does, of the first that is refused.
struct ViewCall {
    const Address& contract;
    const ContractAbi& abi;
    std::string_view function;
    std::vector<AbiValue> arguments;
};
[[nodiscard]] Result<std::vector<std::vector<AbiValue>>> call_views(EthNode& node,
                                                                    std::vector<ViewCall> views);

// What ConsortiumAccess, which every contract names, says of the others.
struct AssignedContracts {
    Address access;
    Address round_manager;
    Address fault_prover;
    Address result_prover;
    Address settlement_prover;
    Address disputes;
    Address leaf_demands;
};
// By way of the RoundManager. RETURNS kCorrupt for an answer that is too short.
[[nodiscard]] Result<AssignedContracts> assigned_contracts(EthNode& node,
                                                           const ContractAddresses& contracts,
                                                           const ContractAbis& abis);

// The node's refusal of a call in words: the custom error, and what to do about it.
[[nodiscard]] std::string explain_revert(const ContractAbi& abi, const RpcFault& fault);

[[nodiscard]] AbiValue abi_of(const crypto::RoundCommitment& commitment);
[[nodiscard]] AbiValue abi_of(const crypto::AttestedFault& fault);
[[nodiscard]] AbiValue abi_of(const crypto::UpdateStatement& statement);
[[nodiscard]] AbiValue abi_of(const chain::PublishModel& release);  // Provenance

}  // namespace fedstake::evm
