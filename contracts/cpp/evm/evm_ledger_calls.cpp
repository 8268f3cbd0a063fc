// Operations as contract calls, and reverts as verdicts.
#include <algorithm>

#include <fmt/format.h>

#include "contracts/cpp/evm/evm_ledger.hpp"
#include "contracts/cpp/evm/leaf_demands.hpp"
#include "contracts/cpp/operation.hpp"
#include "contracts/cpp/refusal.hpp"
#include "proto/crypto/keccak256.hpp"

namespace fedstake::evm {

namespace {

using chain::RefusalKind;

constexpr std::size_t kProvenanceBytes = 11 * 32;

struct Encoded {
    const Address* to = nullptr;
    const ContractAbi* abi = nullptr;
    std::string_view function;
    std::string_view event;
    std::vector<AbiValue> arguments;
};

struct Encoder {
    const ContractAddresses& at;
    const ContractAbis& abis;
    const Address& leaf_demands;

    static AbiValue packed(const std::vector<chain::AuditorSignature>& signatures) {
        return AbiValue::bytes(chain::pack_signatures(signatures));
    }
    static AbiValue packed(const crypto::Signature& signature) {
        return AbiValue::bytes({signature.bytes.begin(), signature.bytes.end()});
    }

    Encoded operator()(const chain::CommitRound& call) const {
        return {&at.round_manager,
                &abis.round_manager,
                "commitRound",
                "RoundCommitted",
                {abi_of(call.commitment), packed(call.signatures)}};
    }
    Encoded operator()(const chain::Accuse& call) const {
        return {&at.slash_court,
                &abis.slash_court,
                "accuse",
                "Accused",
                {abi_of(call.fault), packed(call.signatures)}};
    }
    Encoded operator()(const chain::ExecuteSlash& call) const {
        return {&at.stake_vault,
                &abis.stake_vault,
                "executeSlash",
                "SlashExecuted",
                {AbiValue::word(call.digest)}};
    }
    Encoded operator()(const chain::ClaimReward& call) const {
        const rules::RewardClaim& claim = call.claim;
        return {&at.round_manager,
                &abis.round_manager,
                "claim",
                "Claimed",
                {AbiValue::number(call.commitment.round), AbiValue::number(claim.leaf_count),
                 AbiValue::number(claim.index), AbiValue::address(claim.site),
                 AbiValue::number(claim.cumulative), AbiValue::word(claim.salt),
                 AbiValue::words(claim.proof)}};
    }
    Encoded operator()(const chain::ProveEquivocation& call) const {
        return {&at.fault_prover,
                &abis.fault_prover,
                "proveEquivocation",
                "EquivocationProven",
                {abi_of(call.first), packed(call.first_signature), abi_of(call.second),
                 packed(call.second_signature)}};
    }
    Encoded operator()(const chain::PublishModel& call) const {
        return {&at.model_registry,
                &abis.model_registry,
                "publish",
                "ModelPublished",
                {abi_of(call.commitment), abi_of(call)}};
    }
    Encoded operator()(const chain::AnswerDemand& call) const {
        return {
            &leaf_demands, &abis.leaf_demands, "answerDemand", "Answered",
            answer_arguments(call.commitment, {.leaves = update_leaves(at.domain(), call.updates),
                                               .report = call.report,
                                               .context = call.context})};
    }
};

// The error's arguments, decoded; empty when they are malformed.
std::uint64_t number_argument(const RevertReason& reason, std::string_view name) {
    const std::string prefix = std::string(name) + " = ";
    for (const std::string& argument : reason.arguments) {
        if (!argument.starts_with(prefix)) continue;
        const auto value = parse_amount(std::string_view(argument).substr(prefix.size()));
        return value ? static_cast<std::uint64_t>(*value) : 0;
    }
    return 0;
}

// "20" or "22.5".
std::string percent(std::uint64_t bps) {
    return fmt::format("{:g}", static_cast<double>(bps) / 100.0);
}

const ContractAbi& abi_at(const ContractAbis& abis, const ContractAddresses& at,
                          const Address& contract) {
    if (contract == at.stake_vault) return abis.stake_vault;
    if (contract == at.slash_court) return abis.slash_court;
    if (contract == at.fault_prover) return abis.fault_prover;
    if (contract == at.model_registry) return abis.model_registry;
    return abis.round_manager;
}

}  // namespace

Result<OutboxCall> EvmLedger::encode(const chain::Intent& intent) {
    chain::Operation operation = intent.operation;
    if (auto* execute = std::get_if<chain::ExecuteSlash>(&operation);
        execute != nullptr && execute->digest.is_zero()) {
        FS_ASSIGN(const auto cases, slash_log_.read(node_));
        const auto found = std::find_if(cases.begin(), cases.end(), [&](const auto& entry) {
            return entry.id == execute->case_id;
        });
        if (found == cases.end()) {
            return fail(Errc::kNotFound,
                        "the chain has no slash case " + std::to_string(execute->case_id));
        }
        execute->digest = found->digest;
    }
    if (std::holds_alternative<chain::AnswerDemand>(operation)) FS_TRY(find_leaf_demands());
    const Address leaf_demands = leaf_demands_.value_or(Address{});
    Encoded encoded = std::visit(Encoder{options_.contracts, abis_, leaf_demands}, operation);
    OutboxCall call;
    call.key = intent.key;
    call.lane = std::string(chain::operation_lane(operation));
    call.text = chain::operation_text(operation);
    call.identity = chain::operation_identity(operation);
    call.to = *encoded.to;
    FS_ASSIGN(call.data, encoded.abi->encode_call(encoded.function, std::move(encoded.arguments)));
    FS_ASSIGN(const AbiEvent event, encoded.abi->event(encoded.event));
    call.event_topic = event.topic();
    return call;
}

Result<Verdict> EvmLedger::judge(const OutboxCall& call, const RpcFault& fault) {
    const ContractAbi& abi = abi_at(abis_, options_.contracts, call.to);
    const RevertReason reason = abi.decode_revert(fault.data);
    Verdict verdict{chain::judge_refusal(reason.name).kind, explain_revert(abi, fault)};
    if (fault.data.empty()) {
        // Not a contract's word but the node's (overload, pruned state, no gas): ask again.
        verdict.kind = RefusalKind::kWait;
    } else if (reason.name == "CapExceeded") {
        verdict.text = fmt::format(
            "{}: its slashes within 90 days would come to {} % of its stake, {} % is the most",
            chain::kNotAccusedAgain, percent(number_argument(reason, "bps")),
            percent(number_argument(reason, "maximum")));
    } else if (reason.name == "NoOpenDemand") {
        // A reorganisation may take a demand back that comes again.
        const auto state = static_cast<DemandState>(number_argument(reason, "state"));
        verdict.kind = state == DemandState::kNone       ? RefusalKind::kWait
                       : state == DemandState::kAnswered ? RefusalKind::kAlready
                                                         : RefusalKind::kFinal;
    } else if (reason.name == "CaseNotPending") {
        const bool executed =
            number_argument(reason, "state") == static_cast<int>(chain::SlashState::kExecuted);
        verdict.kind = executed ? RefusalKind::kAlready : RefusalKind::kFinal;
    } else if (reason.name == "NotAuthorized" && call.to == options_.contracts.round_manager) {
        // An epoch may name another account, and a later one this account again.
        verdict.kind = RefusalKind::kWait;
        FS_ASSIGN(const auto named,
                  view(options_.contracts.round_manager, abis_.round_manager, "coordinator", {}));
        FS_ASSIGN(const Address coordinator, named[0].as_address());
        verdict.text = fmt::format(
            "NotAuthorized: the open epoch takes rounds from {} alone, and this is {}: start the "
            "coordinator with that account's key, or have the holder of the role PARAMETERS (the "
            "timelock; the deployer where there is none) open an epoch that names {} "
            "(RoundManager.openEpoch)",
            coordinator.hex(), key_.address().hex(), key_.address().hex());
    } else if (reason.name == "CommitmentMismatch") {
        FS_ASSIGN(const RoundNumber committed, head());
        const bool later = number_argument(reason, "round") > committed;
        verdict.kind = later ? RefusalKind::kWait : RefusalKind::kFinal;
    } else if (reason.name == "VersionOutOfOrder" && call.data.size() > kProvenanceBytes) {
        const ByteView provenance = ByteView(call.data).last(kProvenanceBytes);
        Digest model_id;
        std::copy_n(provenance.begin(), 32, model_id.bytes.begin());
        FS_ASSIGN(
            const auto record,
            view(options_.contracts.model_registry, abis_.model_registry, "recordOf",
                 {AbiValue::word(model_id), AbiValue::number(number_argument(reason, "version"))}));
        FS_ASSIGN(const Digest stored, record[0].as_digest());
        verdict.kind = stored == crypto::keccak256(provenance) ? RefusalKind::kAlready
                       : stored.is_zero()                      ? RefusalKind::kWait
                                                               : RefusalKind::kFinal;
    }
    return verdict;
}

}  // namespace fedstake::evm
