// What the contracts were deployed with, against what the manifest says today. Contracts are
// immutable: a manifest that was edited afterwards describes others.
#pragma once

#include <cstdint>
#include <vector>

#include "contracts/cpp/evm/contract_set.hpp"

namespace fedstake::evm {

struct ContractTerms {
    FederationId federation;
    Address coordinator;
    std::vector<Address> auditors;  // signer addresses in index order (Manifest::auditors)
    std::uint32_t threshold = 1;
    std::uint16_t accusation_bps_max = 0;
    Digest rules_digest{};  // of the RoundRules; an epoch that pins none agrees to any
};

// REQUIRES check_contracts() to have passed. RETURNS kConflict naming the first difference and what
// to do, kUnavailable when a contract does not answer. A dozen calls.
[[nodiscard]] Status check_terms(EthNode& node, const ContractAddresses& addresses,
                                 const ContractAbis& abis, const ContractTerms& terms);

}  // namespace fedstake::evm
