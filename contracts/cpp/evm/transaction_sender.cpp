// Estimate, sign, send, wait.
#include "contracts/cpp/evm/transaction_sender.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "contracts/cpp/evm/contract_set.hpp"
#include "contracts/cpp/evm/transaction.hpp"

namespace fedstake::evm {

Result<Receipt> TransactionSender::call(const Address& contract, const ContractAbi& abi,
                                        std::string_view function,
                                        std::vector<AbiValue> arguments) {
    FS_ASSIGN(Bytes data, abi.encode_call(function, std::move(arguments)));
    return send({address(), contract, std::move(data), 0}, &abi, function);
}

Result<Receipt> TransactionSender::create(Bytes code_with_arguments, const ContractAbi& abi,
                                          std::string_view what) {
    FS_ASSIGN(Receipt receipt,
              send({address(), std::nullopt, std::move(code_with_arguments), 0}, &abi, what));
    if (!receipt.created) {
        return fail(Errc::kCorrupt, "the node names no address for " + std::string(what));
    }
    return receipt;
}

Result<CallTrial> TransactionSender::attempt(const Address& contract, const ContractAbi& abi,
                                             std::string_view function,
                                             std::vector<AbiValue> arguments) {
    FS_ASSIGN(Bytes data, abi.encode_call(function, std::move(arguments)));
    FS_ASSIGN(const CallOutcome outcome,
              node_.estimate_gas({address(), contract, std::move(data), 0}));
    if (outcome.revert) {
        return fail(Errc::kNotNow,
                    std::string(function) + ": " + explain_revert(abi, *outcome.revert));
    }
    FS_ASSIGN(const BlockHead head, node_.latest_block());
    return CallTrial{.gas = outcome.gas,
                     .cost = outcome.gas * max_fee(head, options_.priority_fee)};
}

Result<Receipt> TransactionSender::transfer(const Address& to, Amount value) {
    return send({address(), to, {}, value}, nullptr, "transfer of ether");
}

Result<Receipt> TransactionSender::send(CallRequest request, const ContractAbi* abi,
                                        std::string_view what) {
    const std::string name(what);
    FS_ASSIGN(const std::uint64_t chain_id, node_.chain_id());
    FS_ASSIGN(const BlockHead head, node_.latest_block());
    FS_ASSIGN(const Amount balance, node_.balance(address()));
    FS_ASSIGN(const CallOutcome estimate, node_.estimate_gas(request));
    if (estimate.revert && balance > request.value) {
        const std::string reason = abi != nullptr
                                       ? explain_revert(*abi, *estimate.revert)
                                       : "the node refuses it: " + estimate.revert->message;
        return fail(Errc::kNotNow, name + ": " + reason);
    }
    Transaction tx;
    tx.chain_id = chain_id;
    tx.max_priority_fee = options_.priority_fee;
    tx.max_fee = max_fee(head, tx.max_priority_fee);
    tx.gas_limit = estimate.gas + estimate.gas / 5;
    tx.to = request.to;
    tx.value = request.value;
    tx.data = std::move(request.data);
    const Amount needed = tx.value + tx.max_fee * tx.gas_limit;
    if (balance < needed || estimate.revert) {
        return fail(Errc::kUnavailable, name + ": account " + address().hex() + " has " +
                                            amount_to_string(balance) + " wei and needs " +
                                            amount_to_string(needed) + ": send it ether");
    }
    FS_ASSIGN(const std::uint64_t mined, node_.nonce(address(), false));
    FS_ASSIGN(tx.nonce, node_.nonce(address(), true));
    if (tx.nonce > mined) {
        return fail(Errc::kUnavailable,
                    name + ": account " + address().hex() + " has " +
                        std::to_string(tx.nonce - mined) +
                        " transactions that are not mined yet, perhaps of the same command "
                        "before: wait for them, then give the command again");
    }
    const SignedTransaction made = sign_transaction(tx, key_);
    FS_ASSIGN(const BroadcastOutcome outcome, node_.send_raw(made.raw));
    if (outcome.kind != Broadcast::kAccepted && outcome.kind != Broadcast::kAlreadyKnown) {
        return fail(Errc::kUnavailable,
                    name + ": the node at " + node_.name() + " refuses it: " + outcome.message);
    }
    return wait_for(made.hash, what);
}

Result<Receipt> TransactionSender::wait_for(const Digest& transaction, std::string_view what) {
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + std::chrono::milliseconds(options_.deadline.ms);
    std::chrono::milliseconds pause{2};
    while (Clock::now() < end) {
        FS_ASSIGN(auto receipt, node_.receipt(transaction));
        if (receipt && !receipt->succeeded) {
            return fail(Errc::kNotNow, std::string(what) + ": transaction " + transaction.hex() +
                                           " was mined but failed: try again");
        }
        if (receipt) return *std::move(receipt);
        std::this_thread::sleep_for(pause);
        pause = std::min(pause * 2, std::chrono::milliseconds(500));
    }
    return fail(Errc::kUnavailable, std::string(what) + ": transaction " + transaction.hex() +
                                        " is not mined yet; look for it before sending another");
}

}  // namespace fedstake::evm
