// The compiled contracts: ABI and bytecode, embedded from contracts/abi at build time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "contracts/cpp/evm/contract_abi.hpp"
#include "proto/base/bytes.hpp"
#include "proto/base/result.hpp"

namespace fedstake::evm {

struct Artifact {
    std::string name;
    ContractAbi abi;
    Bytes bytecode;  // creation code, before constructor arguments
};

// By contract name ("RoundManager"). Parsed once. RETURNS kNotFound when the program was built
// without it. The pointer stays valid.
[[nodiscard]] Result<const Artifact*> artifact(std::string_view name);

// Generated: JSON text in pieces.
struct EmbeddedArtifact {
    std::string_view name;
    std::vector<std::string_view> json;
};
[[nodiscard]] const std::vector<EmbeddedArtifact>& embedded_artifacts();

}  // namespace fedstake::evm
