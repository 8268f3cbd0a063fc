// The contracts on anvil, called by many actors in few transactions.
//
// Each actor is an account with the code of a forwarder; a driver contract makes all calls of one
// moment in one transaction, through them, and logs what came of each. So a call costs some tens
// of microseconds instead of a round trip, msg.sender is the actor, and a refused call is undone by
// itself like any transaction.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/contracts/cpp/evm/chain_fixture.hpp"

namespace fedstake::testing {

// One call, and its outcome.
struct ActorCall {
    Address actor;  // zero: the driver itself calls, for views
    Address target;
    Bytes data;
};
struct ActorOutcome {
    bool succeeded = false;
    Bytes output;  // returned, or why it reverted
};

class ReplayChain {
public:
    ReplayChain(const evm::DeploymentConfig& config, const std::vector<Address>& actors);

    [[nodiscard]] TestChain& chain() noexcept { return chain_; }
    [[nodiscard]] evm::EthNode& node() noexcept { return chain_.node(); }
    [[nodiscard]] const evm::ContractAbis& abis() const { return chain_.abis(); }
    [[nodiscard]] const evm::ContractAddresses& at() const { return chain_.contracts(); }
    // Found by ConsortiumAccess.contracts().
    [[nodiscard]] const Address& result_prover() const noexcept { return result_prover_; }
    [[nodiscard]] const Address& settlement_prover() const noexcept { return settlement_prover_; }
    [[nodiscard]] const Address& disputes() const noexcept { return disputes_; }
    [[nodiscard]] const Address& demands() const noexcept { return demands_; }
    // Tells the token whether it refuses to pay to this account (ERC20InvalidReceiver).
    [[nodiscard]] ActorCall set_refused(const Address& account, bool refused) const;

    // Makes the calls at `time`, in order. Outcomes are read by take_outcomes().
    void run(std::uint64_t time, const std::vector<ActorCall>& calls);
    // Of all calls since the last one, in order.
    [[nodiscard]] std::vector<ActorOutcome> take_outcomes();

    // Remembers the state, and goes back to it, as often as wanted.
    void keep();
    void go_back();
    [[nodiscard]] std::uint64_t time();

private:
    void find_contracts();
    void make_token_refuse();

    TestChain chain_;
    Address driver_;
    Address sender_;
    Address result_prover_;
    Address settlement_prover_;
    Address disputes_;
    Address demands_;
    std::string snapshot_;
    std::uint64_t first_block_ = 0;  // whose outcomes were not taken yet
    std::uint64_t next_block_ = 0;
};

}  // namespace fedstake::testing
