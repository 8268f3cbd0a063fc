// Views, logs, and the calldata of one transaction.
#include "contracts/cpp/evm/committed_round.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "contracts/cpp/evm/log_reader.hpp"
#include "contracts/cpp/evm/quantity.hpp"

namespace fedstake::evm {

namespace {

// In the order of the Solidity struct.
Result<crypto::RoundCommitment> read_commitment(const std::vector<AbiValue>& words) {
    crypto::RoundCommitment c;
    FS_ASSIGN(c.federation, words[0].as_digest());
    FS_ASSIGN(c.round, words[1].as_u64());
    FS_ASSIGN(const std::uint64_t attempt, words[2].as_u64());
    FS_ASSIGN(const std::uint64_t sites, words[3].as_u64());
    c.attempt = static_cast<std::uint32_t>(attempt);
    c.sites = static_cast<std::uint32_t>(sites);
    FS_ASSIGN(c.coordinates, words[4].as_u64());
    FS_ASSIGN(c.reward_total, words[5].as_amount());
    FS_ASSIGN(c.score_sum, words[6].as_u64());
    Digest* const roots[] = {&c.context_digest, &c.parent_model,  &c.model,       &c.updates_root,
                             &c.aggregate_root, &c.report_digest, &c.scores_root, &c.rewards_root};
    for (std::size_t i = 0; i < std::size(roots); ++i) {
        FS_ASSIGN(*roots[i], words[7 + i].as_digest());
    }
    return c;
}

}  // namespace

Result<CommittedRound> committed_round(EthNode& node, const ContractAddresses& contracts,
                                       const ContractAbis& abis, RoundNumber round) {
    FS_ASSIGN(const auto states, call_view(node, contracts.round_manager, abis.round_manager,
                                           "roundState", {AbiValue::number(round)}));
    FS_ASSIGN(const auto slots, call_view(node, contracts.round_manager, abis.round_manager,
                                          "slotOf", {AbiValue::number(round)}));
    // (commitment, round, finalAt, voided, signers, rewardTotal, epoch, windowEnd, rewardsRoot)
    FS_ASSIGN(const std::vector<AbiValue> slot, slots[0].as_list());
    CommittedRound found;
    found.round = round;
    FS_ASSIGN(const std::uint64_t state, states[0].as_u64());
    if (state > static_cast<std::uint64_t>(RoundState::kArchived)) {
        return fail(Errc::kCorrupt,
                    "the RoundManager names a state of a round that this program "
                    "does not know: get the version that fits the contracts");
    }
    found.state = static_cast<RoundState>(state);
    FS_ASSIGN(found.commitment, slot[0].as_digest());
    FS_ASSIGN(found.final_at, slot[2].as_u64());
    FS_ASSIGN(const std::uint64_t signers, slot[4].as_u64());
    found.signers = static_cast<std::uint32_t>(signers);
    FS_ASSIGN(const std::uint64_t epoch, slot[6].as_u64());
    found.epoch = static_cast<std::uint16_t>(epoch);
    FS_ASSIGN(found.window_end, slot[7].as_u64());
    return found;
}

Result<Address> coordinator_of(EthNode& node, const ContractAddresses& contracts,
                               const ContractAbis& abis, std::uint16_t epoch) {
    FS_ASSIGN(const auto terms, call_view(node, contracts.round_manager, abis.round_manager,
                                          "epochOf", {AbiValue::number(epoch)}));
    FS_ASSIGN(const std::vector<AbiValue> fields, terms[0].as_list());
    return fields[0].as_address();
}

Result<crypto::RoundCommitment> commitment_in_call(const ContractAbi& round_manager,
                                                   ByteView calldata) {
    FS_ASSIGN(const AbiFunction called, round_manager.function("commitRound"));
    const auto selector = called.selector();
    if (calldata.size() < selector.size() ||
        !std::equal(selector.begin(), selector.end(), calldata.begin())) {
        return fail(Errc::kCorrupt, "the call is not commitRound");
    }
    std::vector<AbiType> types;
    for (const AbiParameter& input : called.inputs) types.push_back(input.type);
    FS_ASSIGN(const AbiValue arguments,
              abi_decode(AbiType::tuple(std::move(types)), calldata.subspan(selector.size())));
    FS_ASSIGN(const std::vector<AbiValue> list, arguments.as_list());
    FS_ASSIGN(const std::vector<AbiValue> words, list[0].as_list());
    return read_commitment(words);
}

Result<crypto::RoundCommitment> posted_commitment(EthNode& node, const ContractAddresses& contracts,
                                                  const ContractAbis& abis, RoundNumber round,
                                                  const Digest& struct_hash) {
    FS_ASSIGN(const AbiEvent event, abis.round_manager.event("RoundCommitted"));
    FS_ASSIGN(const auto log,
              newest_log(node, {.address = contracts.round_manager,
                                .topics = {event.topic(), topic_of(round), struct_hash},
                                .from_block = contracts.deployed_block}));
    const std::string what = "the transaction that posted round " + std::to_string(round);
    if (!log || log->transaction.is_zero()) {
        return fail(Errc::kNotFound, "the node at " + node.name() + " does not know " + what);
    }
    FS_ASSIGN(const Json transaction,
              node.raw("eth_getTransactionByHash", Json::array({log->transaction.hex()})));
    if (transaction.is_null()) {
        return fail(Errc::kNotFound,
                    "the node at " + node.name() + " does not have " + what + " any more");
    }
    FS_ASSIGN(const Bytes input, parse_data(member(transaction, "input"), "transaction input"));
    auto commitment = commitment_in_call(abis.round_manager, input);
    if (!commitment || commitment->struct_hash() != struct_hash) {
        return fail(Errc::kNotFound, what + " was made by another contract");
    }
    return commitment;
}

}  // namespace fedstake::evm
