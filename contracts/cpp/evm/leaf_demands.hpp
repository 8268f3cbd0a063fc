// Demands for the data of a committed round (ILeafDemands): the leaves of its updates tree, its
// report and its context. Reading where they stand and what was answered; making, answering and
// closing them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "contracts/cpp/evm/contract_set.hpp"
#include "contracts/cpp/evm/proof_calls.hpp"
#include "contracts/cpp/evm/transaction_sender.hpp"

namespace fedstake::evm {

// The largest transaction that nodes pass on (geth, reth and Nethermind alike).
inline constexpr std::size_t kTransactionBytesMax = std::size_t{128} * 1024;

enum class DemandState : std::uint8_t {
    kNone = 0,
    kOpen = 1,
    kAnswered = 2,
    kExpired = 3,
    kOverridden = 4,  // the round was voided otherwise first
};
[[nodiscard]] std::string_view demand_state_name(DemandState state) noexcept;

struct Demand {
    DemandState state = DemandState::kNone;
    Address demander;
    Amount bond = 0;
    std::uint64_t deadline = 0;  // Unix seconds; afterwards anyone may expire it
    RoundNumber round = 0;
};

// ILeafDemands.Terms: of demands that are made from now on.
struct DemandTerms {
    Amount bond = 0;
    std::uint64_t answer_time = 0;      // seconds
    std::uint16_t coordinator_bps = 0;  // of the coordinator's stake, where nobody answers
};

// What a demand asks for.
struct RoundData {
    std::vector<UpdateLeaf> leaves;
    Bytes report;
    Bytes context;
};
// RETURNS kCorrupt naming the part that is not what was committed.
[[nodiscard]] Status check_round_data(const crypto::RoundCommitment& c, const RoundData& data);
// Of the transaction that answers a demand. Above kTransactionBytesMax only nodes that were told to
// take it will.
[[nodiscard]] std::size_t answer_bytes(const RoundData& data) noexcept;
// The same where every site of a round takes part.
[[nodiscard]] std::size_t answer_bytes(std::size_t sites) noexcept;

// Arguments of answerDemand.
[[nodiscard]] std::vector<AbiValue> answer_arguments(const crypto::RoundCommitment& c,
                                                     const RoundData& data);

// A demand that was made.
struct DemandMade {
    Digest transaction;
    std::uint64_t gas_used = 0;
    Amount bond = 0;
    std::uint64_t deadline = 0;
};

// A demand that nobody answered, closed.
struct DemandExpiry {
    Digest transaction;
    std::uint64_t gas_used = 0;
    RoundNumber voided_from = 0;
    RoundNumber voided_to = 0;
    Address coordinator;  // the account that answers for the round
    Amount slashed = 0;   // of it; 0 where it had no stake
};

// Borrows everything: for use at once. One thread.
class DemandDesk {
public:
    // contract: the LeafDemands contract (AssignedContracts::leaf_demands).
    DemandDesk(EthNode& node, const ContractAddresses& contracts, const ContractAbis& abis,
               const Address& contract)
        : node_(node), at_(contracts), abis_(abis), contract_(contract) {}

    [[nodiscard]] const Address& address() const noexcept { return contract_; }
    [[nodiscard]] Result<DemandTerms> terms();
    [[nodiscard]] Result<Demand> of(const Digest& commitment);
    // All that are open about rounds that stand, by round. One call where there is none.
    [[nodiscard]] Result<std::vector<chain::OpenDemand>> open();

    // What was posted for an answered demand, from the log. RETURNS kNotFound where the node does
    // not have it.
    [[nodiscard]] Result<RoundData> answer(const crypto::RoundCommitment& c);

    // Approves the bond and demands. RETURNS kInvalidInput where the account has not that many
    // tokens, kNotNow with the contract's reason.
    [[nodiscard]] Result<DemandMade> demand(const crypto::RoundCommitment& c, Amount bond_most,
                                            const crypto::SigningKey& key,
                                            SenderOptions options = {});
    // RETURNS what TransactionSender::call() does.
    [[nodiscard]] Result<Receipt> post_answer(const crypto::RoundCommitment& c,
                                              const RoundData& data, const crypto::SigningKey& key,
                                              SenderOptions options = {});
    [[nodiscard]] Result<DemandExpiry> expire(const crypto::RoundCommitment& c,
                                              const crypto::SigningKey& key,
                                              SenderOptions options = {});
    // Gives back the bond of a demand whose round was voided otherwise.
    [[nodiscard]] Result<Receipt> settle_voided(const Digest& commitment,
                                                const crypto::SigningKey& key,
                                                SenderOptions options = {});
    // What a call would cost. RETURNS kNotNow with the contract's reason.
    [[nodiscard]] Result<CallTrial> attempt(std::string_view function,
                                            std::vector<AbiValue> arguments,
                                            const crypto::SigningKey& key);

private:
    [[nodiscard]] Result<std::vector<AbiValue>> view(std::string_view function,
                                                     std::vector<AbiValue> arguments);
    [[nodiscard]] Result<std::vector<AbiValue>> rounds(std::string_view function,
                                                       std::vector<AbiValue> arguments);
    [[nodiscard]] Result<DemandExpiry> read_expiry(const Receipt& receipt) const;

    EthNode& node_;
    const ContractAddresses& at_;
    const ContractAbis& abis_;
    Address contract_;
};

}  // namespace fedstake::evm
