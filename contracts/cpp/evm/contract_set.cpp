// Loading the interfaces and encoding statements.
#include "contracts/cpp/evm/contract_set.hpp"

#include <array>

#include "contracts/cpp/refusal.hpp"

namespace fedstake::evm {

Result<ContractAbis> ContractAbis::load() {
    ContractAbis abis;
    struct Slot {
        std::string_view name;
        ContractAbi* abi;
    };
    const std::array slots{Slot{"TestToken", &abis.token},
                           Slot{"StakeVault", &abis.stake_vault},
                           Slot{"RoundManager", &abis.round_manager},
                           Slot{"FaultProver", &abis.fault_prover},
                           Slot{"SlashCourt", &abis.slash_court},
                           Slot{"ModelRegistry", &abis.model_registry},
                           Slot{"ConsortiumAccess", &abis.access},
                           Slot{"ResultProver", &abis.result_prover},
                           Slot{"SettlementProver", &abis.settlement_prover},
                           Slot{"RoundDisputes", &abis.round_disputes},
                           Slot{"MembershipToken", &abis.members},
                           Slot{"ConsortiumGovernor", &abis.governor},
                           Slot{"TimelockController", &abis.timelock},
                           Slot{"LeafDemands", &abis.leaf_demands}};
    for (const Slot& slot : slots) {
        FS_ASSIGN(const Artifact* const found, artifact(slot.name));
        *slot.abi = found->abi;
    }
    for (const Slot& slot : slots) {
        for (const Slot& other : slots) slot.abi->add_errors_of(*other.abi);
    }
    return abis;
}

Status check_contracts(EthNode& node, const ContractAddresses& addresses) {
    FS_ASSIGN(const std::uint64_t chain_id, node.chain_id());
    if (chain_id != addresses.chain_id) {
        return fail(Errc::kConflict, "the node at " + node.name() + " is on chain " +
                                         std::to_string(chain_id) + ", the federation on chain " +
                                         std::to_string(addresses.chain_id) +
                                         ": correct the node's URL");
    }
    struct Named {
        const char* name;
        const Address* address;
    };
    const std::array contracts{Named{"token", &addresses.token},
                               Named{"StakeVault", &addresses.stake_vault},
                               Named{"RoundManager", &addresses.round_manager},
                               Named{"FaultProver", &addresses.fault_prover},
                               Named{"SlashCourt", &addresses.slash_court},
                               Named{"ModelRegistry", &addresses.model_registry}};
    for (const Named& contract : contracts) {
        FS_ASSIGN(const Bytes code, node.code(*contract.address));
        if (code.empty()) {
            return fail(Errc::kNotFound, std::string("there is no ") + contract.name +
                                             " contract at " + contract.address->hex() +
                                             " on chain " + std::to_string(chain_id) +
                                             ": was the chain reset, or the manifest made for "
                                             "another one? Deploy again or correct it");
        }
    }
    return {};
}

std::string explain_revert(const ContractAbi& abi, const RpcFault& fault) {
    if (fault.data.empty()) return "the node refuses the call: " + fault.message;
    const RevertReason reason = abi.decode_revert(fault.data);
    if (reason.name.empty()) return "the contract refuses the call and gives no reason";
    std::vector<chain::RefusalValue> values;
    for (const std::string& argument : reason.arguments) {
        const std::size_t mark = argument.find(" = ");
        const bool named = mark != std::string::npos && !argument.starts_with('"');
        values.push_back(
            {named ? argument.substr(0, mark) : "", named ? argument.substr(mark + 3) : argument});
    }
    return chain::describe_refusal(reason.name, values);
}

namespace {

Result<std::vector<AbiValue>> decode_view(const ContractAbi& abi, std::string_view function,
                                          const CallOutcome& outcome) {
    if (outcome.revert) {
        return fail(Errc::kNotNow,
                    std::string(function) + ": " + explain_revert(abi, *outcome.revert));
    }
    return abi.decode_result(function, outcome.output);
}

}  // namespace

Result<std::vector<AbiValue>> call_view(EthNode& node, const Address& contract,
                                        const ContractAbi& abi, std::string_view function,
                                        std::vector<AbiValue> arguments) {
    FS_ASSIGN(Bytes data, abi.encode_call(function, std::move(arguments)));
    FS_ASSIGN(const CallOutcome outcome, node.call({Address{}, contract, std::move(data), 0}));
    return decode_view(abi, function, outcome);
}

Result<std::vector<std::vector<AbiValue>>> call_views(EthNode& node, std::vector<ViewCall> views) {
    std::vector<CallRequest> requests;
    requests.reserve(views.size());
    for (ViewCall& view : views) {
        FS_ASSIGN(Bytes data, view.abi.encode_call(view.function, std::move(view.arguments)));
        requests.push_back({Address{}, view.contract, std::move(data), 0});
    }
    FS_ASSIGN(const std::vector<CallOutcome> outcomes, node.call_all(requests));
    std::vector<std::vector<AbiValue>> results;
    results.reserve(outcomes.size());
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        FS_ASSIGN(auto result, decode_view(views[i].abi, views[i].function, outcomes[i]));
        results.push_back(std::move(result));
    }
    return results;
}

Result<AssignedContracts> assigned_contracts(EthNode& node, const ContractAddresses& contracts,
                                             const ContractAbis& abis) {
    FS_ASSIGN(const auto authority,
              call_view(node, contracts.round_manager, abis.round_manager, "authority", {}));
    AssignedContracts found;
    FS_ASSIGN(found.access, authority[0].as_address());
    FS_ASSIGN(const auto parts, call_view(node, found.access, abis.access, "contracts", {}));
    FS_ASSIGN(const std::vector<AbiValue> fields, parts[0].as_list());
    // In the order of ConsortiumAccess.Contracts.
    Address* const places[] = {nullptr,
                               &found.round_manager,
                               &found.fault_prover,
                               &found.result_prover,
                               &found.settlement_prover,
                               nullptr,
                               &found.disputes,
                               nullptr,
                               &found.leaf_demands};
    if (fields.size() < std::size(places)) {
        return fail(Errc::kCorrupt, "the node's answer is too short");
    }
    for (std::size_t i = 0; i < std::size(places); ++i) {
        if (places[i] == nullptr) continue;
        FS_ASSIGN(*places[i], fields[i].as_address());
    }
    return found;
}

AbiValue abi_of(const crypto::RoundCommitment& c) {
    return AbiValue::list({AbiValue::word(c.federation), AbiValue::number(c.round),
                           AbiValue::number(c.attempt), AbiValue::number(c.sites),
                           AbiValue::number(c.coordinates), AbiValue::number(c.reward_total),
                           AbiValue::number(c.score_sum), AbiValue::word(c.context_digest),
                           AbiValue::word(c.parent_model), AbiValue::word(c.model),
                           AbiValue::word(c.updates_root), AbiValue::word(c.aggregate_root),
                           AbiValue::word(c.report_digest), AbiValue::word(c.scores_root),
                           AbiValue::word(c.rewards_root)});
}

AbiValue abi_of(const crypto::AttestedFault& fault) {
    return AbiValue::list({AbiValue::word(fault.federation), AbiValue::number(fault.round),
                           AbiValue::address(fault.site),
                           AbiValue::number(static_cast<std::uint16_t>(fault.kind)),
                           AbiValue::number(fault.bps), AbiValue::word(fault.evidence_root),
                           AbiValue::number(fault.deadline)});
}

AbiValue abi_of(const crypto::UpdateStatement& statement) {
    return AbiValue::list(
        {AbiValue::word(statement.federation), AbiValue::number(statement.round),
         AbiValue::number(statement.attempt), AbiValue::address(statement.site),
         AbiValue::word(statement.base_model), AbiValue::word(statement.update_root),
         AbiValue::number(statement.coordinates), AbiValue::word(statement.details_digest)});
}

AbiValue abi_of(const chain::PublishModel& release) {
    return AbiValue::list(
        {AbiValue::word(release.model_id), AbiValue::number(release.version),
         AbiValue::number(release.commitment.round), AbiValue::word(release.parent),
         AbiValue::word(release.commitment.model), AbiValue::word(release.weights_sha256),
         AbiValue::number(release.weights_bytes), AbiValue::word(release.datasets_root),
         AbiValue::word(release.code_commit), AbiValue::word(release.config_hash),
         AbiValue::word(release.eval_hash)});
}

}  // namespace fedstake::evm
