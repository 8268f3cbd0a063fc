// Answers as they were posted, and the transactions of both sides.
#include <fmt/format.h>

#include "contracts/cpp/evm/bond.hpp"
#include "contracts/cpp/evm/leaf_demands.hpp"
#include "contracts/cpp/evm/log_reader.hpp"

namespace fedstake::evm {

namespace {

Result<RoundData> data_in(const ContractAbi& abi, const Log& log) {
    FS_ASSIGN(const auto event, abi.decode_event(log.topics, log.data));
    if (!event) return fail(Errc::kCorrupt, "the log is of another event");
    RoundData data;
    FS_ASSIGN(const AbiValue report, event->field("report"));
    FS_ASSIGN(const AbiValue context, event->field("context"));
    FS_ASSIGN(data.report, report.as_bytes());
    FS_ASSIGN(data.context, context.as_bytes());
    FS_ASSIGN(const AbiValue value, event->field("leaves"));
    FS_ASSIGN(const std::vector<AbiValue> list, value.as_list());
    data.leaves.reserve(list.size());
    for (const AbiValue& entry : list) {
        FS_ASSIGN(const std::vector<AbiValue> words, entry.as_list());
        UpdateLeaf leaf;
        FS_ASSIGN(leaf.site, words[0].as_address());
        FS_ASSIGN(leaf.update_root, words[1].as_digest());
        FS_ASSIGN(leaf.statement_digest, words[2].as_digest());
        FS_ASSIGN(leaf.signature_hash, words[3].as_digest());
        data.leaves.push_back(leaf);
    }
    return data;
}

}  // namespace

Result<RoundData> DemandDesk::answer(const crypto::RoundCommitment& c) {
    const Digest commitment = c.struct_hash();
    FS_ASSIGN(const AbiEvent event, abis_.leaf_demands.event("Answered"));
    FS_ASSIGN(const auto log,
              newest_log(node_, {.address = contract_,
                                 .topics = {event.topic(), topic_of(c.round), commitment},
                                 .from_block = at_.deployed_block}));
    if (!log) {
        return fail(Errc::kNotFound, fmt::format("the node at {} does not know the answer to the "
                                                 "demand about round {}",
                                                 node_.name(), c.round));
    }
    FS_ASSIGN(RoundData data, data_in(abis_.leaf_demands, *log));
    FS_TRY(check_round_data(c, data));
    return data;
}

Result<DemandMade> DemandDesk::demand(const crypto::RoundCommitment& c, Amount bond_most,
                                      const crypto::SigningKey& key, SenderOptions options) {
    TransactionSender sender(node_, key, options);
    FS_TRY(provide_bond(sender, at_, abis_, contract_, bond_most, "a demand"));
    FS_ASSIGN(const Receipt receipt, sender.call(contract_, abis_.leaf_demands, "demandLeaves",
                                                 {abi_of(c), AbiValue::number(bond_most)}));
    DemandMade made{
        .transaction = receipt.transaction, .gas_used = receipt.gas_used, .bond = 0, .deadline = 0};
    for (const Log& log : receipt.logs) {
        if (log.address != contract_) continue;
        FS_ASSIGN(const auto event, abis_.leaf_demands.decode_event(log.topics, log.data));
        if (!event || event->name != "Demanded") continue;
        FS_ASSIGN(const AbiValue bond, event->field("bond"));
        FS_ASSIGN(const AbiValue deadline, event->field("deadline"));
        FS_ASSIGN(made.bond, bond.as_amount());
        FS_ASSIGN(made.deadline, deadline.as_u64());
        return made;
    }
    return fail(Errc::kCorrupt, "transaction " + receipt.transaction.hex() +
                                    " was mined, but demands nothing: does the node answer for "
                                    "the right chain?");
}

Result<Receipt> DemandDesk::post_answer(const crypto::RoundCommitment& c, const RoundData& data,
                                        const crypto::SigningKey& key, SenderOptions options) {
    return TransactionSender(node_, key, options)
        .call(contract_, abis_.leaf_demands, "answerDemand", answer_arguments(c, data));
}

Result<DemandExpiry> DemandDesk::read_expiry(const Receipt& receipt) const {
    DemandExpiry result;
    result.transaction = receipt.transaction;
    result.gas_used = receipt.gas_used;
    bool expired = false;
    for (const Log& log : receipt.logs) {
        const ContractAbi* const abi = log.address == at_.stake_vault     ? &abis_.stake_vault
                                       : log.address == at_.round_manager ? &abis_.round_manager
                                       : log.address == contract_         ? &abis_.leaf_demands
                                                                          : nullptr;
        if (abi == nullptr) continue;
        FS_ASSIGN(const auto event, abi->decode_event(log.topics, log.data));
        if (!event) continue;
        if (event->name == "Expired") {
            FS_ASSIGN(const AbiValue coordinator, event->field("coordinator"));
            FS_ASSIGN(result.coordinator, coordinator.as_address());
            expired = true;
        } else if (event->name == "SlashedNow") {
            FS_ASSIGN(const AbiValue amount, event->field("amount"));
            FS_ASSIGN(result.slashed, amount.as_amount());
        } else if (event->name == "RoundVoided") {
            FS_ASSIGN(const AbiValue round, event->field("round"));
            FS_ASSIGN(const AbiValue head, event->field("previousHead"));
            FS_ASSIGN(result.voided_from, round.as_u64());
            FS_ASSIGN(result.voided_to, head.as_u64());
        }
    }
    if (expired) return result;
    return fail(Errc::kCorrupt, "transaction " + receipt.transaction.hex() +
                                    " was mined, but no demand has expired: does the node answer "
                                    "for the right chain?");
}

Result<DemandExpiry> DemandDesk::expire(const crypto::RoundCommitment& c,
                                        const crypto::SigningKey& key, SenderOptions options) {
    FS_ASSIGN(const Receipt receipt,
              TransactionSender(node_, key, options)
                  .call(contract_, abis_.leaf_demands, "expireDemand", {abi_of(c)}));
    return read_expiry(receipt);
}

Result<Receipt> DemandDesk::settle_voided(const Digest& commitment, const crypto::SigningKey& key,
                                          SenderOptions options) {
    return TransactionSender(node_, key, options)
        .call(contract_, abis_.leaf_demands, "settleVoided", {AbiValue::word(commitment)});
}

Result<CallTrial> DemandDesk::attempt(std::string_view function, std::vector<AbiValue> arguments,
                                      const crypto::SigningKey& key) {
    return TransactionSender(node_, key)
        .attempt(contract_, abis_.leaf_demands, function, std::move(arguments));
}

}  // namespace fedstake::evm
