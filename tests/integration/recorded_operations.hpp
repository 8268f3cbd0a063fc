// What a coordinator did on the chain, read from what it keeps: its journal says what it wanted,
// its outbox what became of it. And the same on the reference model of the contracts.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "contracts/cpp/memory_ledger.hpp"
#include "coordinator/round/round_machine.hpp"
#include "tests/integration/chain_view.hpp"

namespace fedstake::testing {

struct RecordedOperation {
    chain::Intent intent;
    chain::IntentState state = chain::IntentState::kQueued;
    std::string detail;  // why it was rejected
    Place place;         // where it took effect
};

struct OperationLog {
    std::vector<RecordedOperation> operations;  // done ones as the chain has them, then the rest
    std::uint64_t transactions = 0;             // that are on the chain for them
    std::uint64_t releases = 0;                 // of models; not among the operations
};

// REQUIRES that the coordinator is stopped.
[[nodiscard]] Result<OperationLog> read_operations(const std::filesystem::path& data_folder,
                                                   const round::MachineConfig& config,
                                                   ChainView& chain);

// Something that another account did.
struct OtherOperation {
    Place place;
    std::function<Status(chain::MemoryChain&)> perform;
};

// Replays both in the order of the chain. Fails the test where an operation ends in another state
// than it did on the chain.
void replay(const OperationLog& log, std::vector<OtherOperation> others,
            chain::MemoryLedger& ledger);

// Where the tokens and the stakes are, on both sides, to the wei.
void expect_equal_balances(chain::MemoryLedger& model, ChainView& chain,
                           const std::vector<Address>& accounts, const std::vector<SiteId>& sites);

}  // namespace fedstake::testing
