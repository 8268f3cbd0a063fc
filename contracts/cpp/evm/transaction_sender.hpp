// Sends one transaction of an account and waits for its receipt: deployment and enrolment, where a
// person waits too. The coordinator's own writes go through the Outbox.
#pragma once

#include <string>

#include "contracts/cpp/evm/contract_abi.hpp"
#include "contracts/cpp/evm/eth_node.hpp"
#include "proto/base/time.hpp"
#include "proto/crypto/secp256k1.hpp"

namespace fedstake::evm {

struct SenderOptions {
    Duration deadline{120'000};  // for one receipt
    Amount priority_fee = 1'000'000'000;
};

// What a gas costs at most, in wei, from the head's base fee on: it may double before the
// transaction is mined.
[[nodiscard]] inline Amount max_fee(const BlockHead& head, Amount priority_fee) noexcept {
    return 2 * head.base_fee + priority_fee;
}

// A call that was tried and not sent.
struct CallTrial {
    std::uint64_t gas = 0;
    Amount cost = 0;  // wei, at most
};

class TransactionSender {
public:
    // Keeps references: node and key outlive it.
    TransactionSender(EthNode& node, const crypto::SigningKey& key, SenderOptions options = {})
        : node_(node), key_(key), options_(options) {}
    TransactionSender(EthNode&, crypto::SigningKey&&, SenderOptions = {}) = delete;

    [[nodiscard]] const Address& address() const noexcept { return key_.address(); }
    [[nodiscard]] EthNode& node() noexcept { return node_; }

    // Calls a function. RETURNS kNotNow with the contract's reason in words, or kUnavailable (node
    // down, account without gas money, no receipt in time: it may still be mined; an earlier
    // transaction of the account that is not mined yet: nothing is sent, since this one may be its
    // repetition). `abi` decodes the reason; `what` is for messages ("stake").
    [[nodiscard]] Result<Receipt> call(const Address& contract, const ContractAbi& abi,
                                       std::string_view function, std::vector<AbiValue> arguments);
    // Tries the call without sending it. RETURNS kNotNow as call() does.
    [[nodiscard]] Result<CallTrial> attempt(const Address& contract, const ContractAbi& abi,
                                            std::string_view function,
                                            std::vector<AbiValue> arguments);
    // Creates a contract; its address is receipt.created.
    [[nodiscard]] Result<Receipt> create(Bytes code_with_arguments, const ContractAbi& abi,
                                         std::string_view what);
    // Sends ether, in wei.
    [[nodiscard]] Result<Receipt> transfer(const Address& to, Amount value);

private:
    [[nodiscard]] Result<Receipt> send(CallRequest request, const ContractAbi* abi,
                                       std::string_view what);
    [[nodiscard]] Result<Receipt> wait_for(const Digest& transaction, std::string_view what);

    EthNode& node_;
    const crypto::SigningKey& key_;
    SenderOptions options_;
};

}  // namespace fedstake::evm
