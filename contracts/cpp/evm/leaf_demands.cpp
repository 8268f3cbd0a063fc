// What a demand asks for, as bytes and as calldata; where demands stand.
#include "contracts/cpp/evm/leaf_demands.hpp"

#include <array>

#include "proto/crypto/sha256.hpp"

namespace fedstake::evm {

namespace {

constexpr std::size_t kWord = 32;
constexpr std::size_t kSelector = 4;
constexpr std::size_t kCommitmentWords = 15;
// Nonce, fees, addresses, signature and the list's own length, at most.
constexpr std::size_t kEnvelope = 160;
// Of docs/protocol.md, section 10: per site, and beside the sites.
constexpr std::size_t kReportSite = 200;
constexpr std::size_t kReportRest = 21 + 32 + 192;
constexpr std::size_t kContextSite = 81;
constexpr std::size_t kContextRest = 240;

constexpr std::size_t padded(std::size_t bytes) {
    return (bytes + kWord - 1) / kWord * kWord;
}

std::size_t transaction_bytes(std::size_t leaves, std::size_t report, std::size_t context) {
    const std::size_t heads = kSelector + (kCommitmentWords + 3) * kWord;
    return kEnvelope + heads + 3 * kWord + leaves * 4 * kWord + padded(report) + padded(context);
}

Status check_digest(const char* what, ByteView bytes, const Digest& committed) {
    const Digest digest = crypto::sha256(bytes);
    if (digest == committed) return {};
    return fail(Errc::kCorrupt, std::string("the ") + what + " has SHA-256 " + digest.hex() +
                                    ", the commitment " + committed.hex());
}

}  // namespace

std::string_view demand_state_name(DemandState state) noexcept {
    constexpr std::array<std::string_view, 5> kNames{"none", "open", "answered", "expired",
                                                     "overridden"};
    return kNames.at(static_cast<std::size_t>(state));
}

Status check_round_data(const crypto::RoundCommitment& c, const RoundData& data) {
    if (const Digest root = root_of(data.leaves); root != c.updates_root) {
        return fail(Errc::kCorrupt, "the updates have root " + root.hex() + ", the commitment " +
                                        c.updates_root.hex());
    }
    FS_TRY(check_digest("report", data.report, c.report_digest));
    return check_digest("context", data.context, c.context_digest);
}

std::size_t answer_bytes(const RoundData& data) noexcept {
    return transaction_bytes(data.leaves.size(), data.report.size(), data.context.size());
}

std::size_t answer_bytes(std::size_t sites) noexcept {
    return transaction_bytes(sites, kReportRest + sites * kReportSite,
                             kContextRest + sites * kContextSite);
}

std::vector<AbiValue> answer_arguments(const crypto::RoundCommitment& c, const RoundData& data) {
    return {abi_of(c), abi_of(data.leaves), AbiValue::bytes(data.report),
            AbiValue::bytes(data.context)};
}

Result<std::vector<AbiValue>> DemandDesk::view(std::string_view function,
                                               std::vector<AbiValue> arguments) {
    return call_view(node_, contract_, abis_.leaf_demands, function, std::move(arguments));
}

Result<std::vector<AbiValue>> DemandDesk::rounds(std::string_view function,
                                                 std::vector<AbiValue> arguments) {
    return call_view(node_, at_.round_manager, abis_.round_manager, function, std::move(arguments));
}

Result<DemandTerms> DemandDesk::terms() {
    FS_ASSIGN(const auto result, view("terms", {}));
    FS_ASSIGN(const std::vector<AbiValue> fields, result[0].as_list());
    DemandTerms terms;
    FS_ASSIGN(terms.bond, fields[0].as_amount());
    FS_ASSIGN(terms.answer_time, fields[1].as_u64());
    FS_ASSIGN(const std::uint64_t bps, fields[2].as_u64());
    terms.coordinator_bps = static_cast<std::uint16_t>(bps);
    return terms;
}

Result<Demand> DemandDesk::of(const Digest& commitment) {
    FS_ASSIGN(const auto result, view("demandOf", {AbiValue::word(commitment)}));
    // (demander, deadline, epoch, state, bond, round)
    FS_ASSIGN(const std::vector<AbiValue> fields, result[0].as_list());
    Demand demand;
    FS_ASSIGN(demand.demander, fields[0].as_address());
    FS_ASSIGN(demand.deadline, fields[1].as_u64());
    FS_ASSIGN(const std::uint64_t state, fields[3].as_u64());
    if (state > static_cast<std::uint64_t>(DemandState::kOverridden)) {
        return fail(Errc::kCorrupt,
                    "the LeafDemands contract names a state that this program does not know: get "
                    "the version that fits the contracts");
    }
    demand.state = static_cast<DemandState>(state);
    FS_ASSIGN(demand.bond, fields[4].as_amount());
    FS_ASSIGN(demand.round, fields[5].as_u64());
    return demand;
}

Result<std::vector<chain::OpenDemand>> DemandDesk::open() {
    std::vector<chain::OpenDemand> found;
    FS_ASSIGN(const auto first, rounds("demandedRound", {}));
    FS_ASSIGN(const RoundNumber demanded, first[0].as_u64());
    if (demanded == 0) return found;
    FS_ASSIGN(const auto last, rounds("head", {}));
    FS_ASSIGN(const RoundNumber head, last[0].as_u64());
    for (RoundNumber round = demanded; round <= head; ++round) {
        FS_ASSIGN(const auto slots, rounds("slotOf", {AbiValue::number(round)}));
        // (commitment, round, finalAt, voided, ...)
        FS_ASSIGN(const std::vector<AbiValue> slot, slots[0].as_list());
        FS_ASSIGN(const Digest commitment, slot[0].as_digest());
        FS_ASSIGN(const bool voided, slot[3].as_bool());
        if (voided || commitment.is_zero()) continue;
        FS_ASSIGN(const Demand demand, of(commitment));
        if (demand.state != DemandState::kOpen) continue;
        found.push_back({.round = round,
                         .commitment = commitment,
                         .demander = demand.demander,
                         .bond = demand.bond,
                         .deadline = demand.deadline});
    }
    return found;
}

}  // namespace fedstake::evm
