// eth_call and eth_estimateGas first, then one transaction and its events.
#include "contracts/cpp/evm/proof_desk.hpp"

#include <algorithm>

#include "contracts/cpp/evm/bond.hpp"

namespace fedstake::evm {

Result<ProofDesk> ProofDesk::open(EthNode& node, const ContractAddresses& contracts) {
    FS_TRY(check_contracts(node, contracts));
    FS_ASSIGN(ContractAbis abis, ContractAbis::load());
    ProofDesk desk(node, contracts, std::move(abis));
    FS_TRY(desk.find_contracts());
    return desk;
}

Status ProofDesk::find_contracts() {
    FS_ASSIGN(const AssignedContracts found, assigned_contracts(node_, at_, abis_));
    at_.access = found.access;
    result_prover_ = found.result_prover;
    settlement_prover_ = found.settlement_prover;
    disputes_ = found.disputes;
    leaf_demands_ = found.leaf_demands;
    if (found.round_manager != at_.round_manager || found.fault_prover != at_.fault_prover) {
        return fail(Errc::kConflict,
                    "the contract at " + at_.access.hex() +
                        " that assigns the roles names other contracts than the manifest: get the "
                        "federation's current manifest from the consortium");
    }
    return {};
}

Address ProofDesk::address_of(Prover prover) const noexcept {
    switch (prover) {
        case Prover::kFault: return at_.fault_prover;
        case Prover::kResult: return result_prover_;
        case Prover::kSettlement: return settlement_prover_;
    }
    return {};
}

const ContractAbi& ProofDesk::abi_of(Prover prover) const noexcept {
    switch (prover) {
        case Prover::kFault: return abis_.fault_prover;
        case Prover::kResult: return abis_.result_prover;
        case Prover::kSettlement: return abis_.settlement_prover;
    }
    return abis_.fault_prover;
}

Result<CommittedRound> ProofDesk::committed(RoundNumber round) {
    return committed_round(node_, at_, abis_, round);
}

Result<Address> ProofDesk::coordinator_of(std::uint16_t epoch) {
    return evm::coordinator_of(node_, at_, abis_, epoch);
}

Result<std::uint16_t> ProofDesk::current_epoch() {
    FS_ASSIGN(const auto result,
              call_view(node_, at_.round_manager, abis_.round_manager, "currentEpoch", {}));
    FS_ASSIGN(const std::uint64_t epoch, result[0].as_u64());
    return static_cast<std::uint16_t>(epoch);
}

Result<crypto::RoundCommitment> ProofDesk::posted_commitment(RoundNumber round,
                                                             const Digest& struct_hash) {
    return evm::posted_commitment(node_, at_, abis_, round, struct_hash);
}

Result<bool> ProofDesk::is_voided(const Digest& commitment) {
    FS_ASSIGN(const auto result, call_view(node_, at_.round_manager, abis_.round_manager,
                                           "isVoided", {AbiValue::word(commitment)}));
    return result[0].as_bool();
}

Result<bool> ProofDesk::is_bound_signer(const SiteId& site, const Address& key) {
    FS_ASSIGN(const auto result, call_view(node_, at_.stake_vault, abis_.stake_vault,
                                           "ownerOfSigner", {AbiValue::address(key)}));
    FS_ASSIGN(const Address owner, result[0].as_address());
    return owner == site;
}

Result<ProofTrial> ProofDesk::attempt(const ProofCall& call, const Address& from) {
    const ContractAbi& abi = abi_of(call.prover);
    FS_ASSIGN(Bytes data, abi.encode_call(call.function, call.arguments));
    const CallRequest request{from, address_of(call.prover), std::move(data), 0};
    // The estimate alone would do, but nodes word its failures in more ways than those of a call.
    FS_ASSIGN(const CallOutcome outcome, node_.call(request));
    ProofTrial trial;
    if (outcome.revert) {
        if (outcome.revert->data.empty()) {
            return fail(Errc::kUnavailable, call.function + ": the node at " + node_.name() +
                                                " refuses to try it: " + outcome.revert->message);
        }
        trial.error = abi.decode_revert(outcome.revert->data).name;
        trial.reason = explain_revert(abi, *outcome.revert);
        return trial;
    }
    trial.convicts = true;
    FS_ASSIGN(const CallOutcome estimate, node_.estimate_gas(request));
    FS_ASSIGN(const BlockHead head, node_.latest_block());
    trial.gas = estimate.gas;
    trial.cost = max_fee(head, SenderOptions{}.priority_fee) * estimate.gas;
    return trial;
}

Result<Conviction> ProofDesk::submit(const ProofCall& call, const crypto::SigningKey& key,
                                     SenderOptions options) {
    TransactionSender sender(node_, key, options);
    FS_ASSIGN(const Receipt receipt, sender.call(address_of(call.prover), abi_of(call.prover),
                                                 call.function, call.arguments));
    return read_conviction(receipt);
}

Result<Conviction> ProofDesk::read_conviction(const Receipt& receipt) const {
    Conviction result;
    result.transaction = receipt.transaction;
    result.gas_used = receipt.gas_used;
    bool proven = false;
    for (const Log& log : receipt.logs) {
        if (log.address == at_.stake_vault) {
            FS_ASSIGN(const auto event, abis_.stake_vault.decode_event(log.topics, log.data));
            if (!event || event->name != "SlashedNow") continue;
            Slashed slashed;
            FS_ASSIGN(const AbiValue account, event->field("account"));
            FS_ASSIGN(const AbiValue amount, event->field("amount"));
            FS_ASSIGN(const AbiValue bounty, event->field("bounty"));
            FS_ASSIGN(slashed.account, account.as_address());
            FS_ASSIGN(slashed.amount, amount.as_amount());
            FS_ASSIGN(slashed.bounty, bounty.as_amount());
            if (slashed.amount == 0) continue;  // had no stake
            result.bounty += slashed.bounty;
            result.slashed.push_back(slashed);
        } else if (log.address == at_.round_manager) {
            FS_ASSIGN(const auto event, abis_.round_manager.decode_event(log.topics, log.data));
            if (!event || event->name != "RoundVoided") continue;
            FS_ASSIGN(const AbiValue round, event->field("round"));
            FS_ASSIGN(const AbiValue head, event->field("previousHead"));
            FS_ASSIGN(result.voided_from, round.as_u64());
            FS_ASSIGN(result.voided_to, head.as_u64());
        } else {
            // RoundConvicted, EquivocationProven or CoordinatorEquivocationProven.
            proven = proven || log.address == at_.fault_prover || log.address == result_prover_ ||
                     log.address == settlement_prover_;
        }
    }
    if (!proven) {
        return fail(Errc::kCorrupt, "transaction " + receipt.transaction.hex() +
                                        " was mined, but no prover says that it convicted "
                                        "anybody: does the node answer for the right chain?");
    }
    return result;
}

Result<Amount> ProofDesk::bond_for(RoundNumber round) {
    FS_ASSIGN(const auto result, call_view(node_, disputes_, abis_.round_disputes, "bondFor",
                                           {AbiValue::number(round)}));
    return result[0].as_amount();
}

Result<Dispute> ProofDesk::dispute(const crypto::RoundCommitment& c, const Digest& evidence,
                                   Amount bond_most, const crypto::SigningKey& key,
                                   SenderOptions options) {
    TransactionSender sender(node_, key, options);
    FS_TRY(provide_bond(sender, at_, abis_, disputes_, bond_most, "a dispute"));
    FS_ASSIGN(const Receipt receipt,
              sender.call(disputes_, abis_.round_disputes, "challenge",
                          {evm::abi_of(c), AbiValue::word(evidence), AbiValue::number(bond_most)}));
    Dispute opened;
    opened.transaction = receipt.transaction;
    opened.gas_used = receipt.gas_used;
    for (const Log& log : receipt.logs) {
        if (log.address != disputes_) continue;
        FS_ASSIGN(const auto event, abis_.round_disputes.decode_event(log.topics, log.data));
        if (!event || event->name != "Challenged") continue;
        FS_ASSIGN(const AbiValue bond, event->field("bond"));
        FS_ASSIGN(const AbiValue deadline, event->field("deadline"));
        FS_ASSIGN(opened.bond, bond.as_amount());
        FS_ASSIGN(opened.deadline, deadline.as_u64());
        return opened;
    }
    return fail(Errc::kCorrupt, "transaction " + receipt.transaction.hex() +
                                    " was mined, but opened no dispute: does the node answer for "
                                    "the right chain?");
}

}  // namespace fedstake::evm
