// The court's events give the cases, its views and the vault's give their state.
#include "contracts/cpp/evm/slash_cases.hpp"

#include <array>

#include <fmt/format.h>

#include "contracts/cpp/evm/log_reader.hpp"
#include "contracts/cpp/utc_text.hpp"

namespace fedstake::evm {

namespace {

using chain::utc_text;

constexpr std::array<std::string_view, 5> kStates{"none", "pending", "vetoed", "executed",
                                                  "dropped"};
constexpr std::array<std::string_view, 6> kStages{"none",      "accused",   "appealed",
                                                  "confirmed", "escalated", "closed"};

template <class Enum>
Result<Enum> enumeration(const AbiValue& value, std::size_t count, const char* what) {
    FS_ASSIGN(const std::uint64_t number, value.as_u64());
    if (number >= count) {
        return fail(Errc::kCorrupt, fmt::format("the contracts name {} {}, which this program does "
                                                "not know: get the version that fits them",
                                                what, number));
    }
    return static_cast<Enum>(number);
}

// Accused(caseId, site, round, kind, bps, evidenceRoot, signers)
Result<TriedCase> accused(const DecodedEvent& event) {
    TriedCase tried;
    FS_ASSIGN(tried.id, event.values[0].as_digest());
    FS_ASSIGN(tried.site, event.values[1].as_address());
    FS_ASSIGN(tried.round, event.values[2].as_u64());
    FS_ASSIGN(tried.evidence, event.values[5].as_digest());
    return tried;
}

Status read_state(EthNode& node, const ContractAddresses& at, const ContractAbis& abis,
                  TriedCase& tried) {
    FS_ASSIGN(const auto opened, call_view(node, at.stake_vault, abis.stake_vault, "caseOf",
                                           {AbiValue::word(tried.id)}));
    // (account, executeAfter, bps, kind, state, amount)
    FS_ASSIGN(const std::vector<AbiValue> fields, opened[0].as_list());
    FS_ASSIGN(tried.execute_after, fields[1].as_u64());
    FS_ASSIGN(const std::uint64_t bps, fields[2].as_u64());
    FS_ASSIGN(const std::uint64_t kind, fields[3].as_u64());
    tried.bps = static_cast<std::uint16_t>(bps);
    tried.kind = static_cast<std::uint16_t>(kind);
    FS_ASSIGN(tried.state, enumeration<CaseState>(fields[4], kStates.size(), "case state"));
    FS_ASSIGN(tried.amount, fields[5].as_amount());
    FS_ASSIGN(const auto trial, call_view(node, at.slash_court, abis.slash_court, "trialOf",
                                          {AbiValue::word(tried.id)}));
    // (signers, epoch, stage, deadline, bond)
    FS_ASSIGN(const std::vector<AbiValue> words, trial[0].as_list());
    FS_ASSIGN(const std::uint64_t signers, words[0].as_u64());
    tried.accusers = static_cast<std::uint32_t>(signers);
    FS_ASSIGN(tried.stage, enumeration<TrialStage>(words[2], kStages.size(), "trial stage"));
    FS_ASSIGN(tried.deadline, words[3].as_u64());
    FS_ASSIGN(tried.bond, words[4].as_amount());
    if (!tried.open()) return {};
    FS_ASSIGN(const auto voided, call_view(node, at.round_manager, abis.round_manager, "isVoided",
                                           {AbiValue::word(tried.evidence)}));
    FS_ASSIGN(tried.round_voided, voided[0].as_bool());
    return {};
}

}  // namespace

std::string_view case_state_name(CaseState state) noexcept {
    return kStates[static_cast<std::size_t>(state)];
}

std::string_view trial_stage_name(TrialStage stage) noexcept {
    return kStages[static_cast<std::size_t>(stage)];
}

Result<std::vector<TriedCase>> read_cases(EthNode& node, const ContractAddresses& contracts,
                                          const ContractAbis& abis,
                                          const std::optional<SiteId>& site) {
    FS_ASSIGN(const AbiEvent event, abis.slash_court.event("Accused"));
    LogQuery query{.address = contracts.slash_court,
                   .topics = {event.topic()},
                   .from_block = contracts.deployed_block,
                   .to_block = 0};
    if (site) query.topics = {event.topic(), Digest{}, topic_of(*site)};
    FS_ASSIGN(const std::vector<Log> logs, read_logs(node, query));
    std::vector<TriedCase> cases;
    for (const Log& log : logs) {
        FS_ASSIGN(const auto decoded, abis.slash_court.decode_event(log.topics, log.data));
        if (!decoded || decoded->name != "Accused") continue;
        FS_ASSIGN(TriedCase tried, accused(*decoded));
        FS_TRY(read_state(node, contracts, abis, tried));
        cases.push_back(tried);
    }
    return cases;
}

Result<Amount> appeal_bond(EthNode& node, const ContractAddresses& contracts,
                           const ContractAbis& abis) {
    FS_ASSIGN(const auto bond,
              call_view(node, contracts.slash_court, abis.slash_court, "appealBond", {}));
    return bond[0].as_amount();
}

std::string next_step(const TriedCase& tried, Amount appeal_bond, std::uint64_t now) {
    const std::string amount = amount_to_string(tried.amount);
    const std::string deadline = utc_text(tried.deadline);
    const std::string after = utc_text(tried.execute_after);
    const bool due = now >= tried.execute_after;
    if (tried.bond_left()) {
        return fmt::format(
            "closed; the bond of {} wei is still in the court: `appeal --close` "
            "brings it back",
            amount_to_string(tried.bond));
    }
    if (!tried.open()) return "closed";
    if (tried.round_voided) {
        return "its round was voided: `appeal --close` drops the case, as anyone may "
               "(SlashCourt.dropVoided)";
    }
    switch (tried.stage) {
        case TrialStage::kAccused:
            if (due) return fmt::format("anyone may now carry the slash of {} wei out", amount);
            return fmt::format(
                "{} wei are taken after {} unless the site appeals before (bond {} "
                "wei) or the council vetoes",
                amount, after, amount_to_string(appeal_bond));
        case TrialStage::kAppealed:
            if (now > tried.deadline) {
                return "nobody ruled in time: `appeal --close` ends the case and returns the bond";
            }
            return fmt::format(
                "the other auditors or the governor rule until {}; otherwise the "
                "case lapses",
                deadline);
        case TrialStage::kConfirmed:
            if (due) return fmt::format("anyone may now carry the slash of {} wei out", amount);
            return fmt::format(
                "a panel has confirmed it: {} wei are taken after {} unless the site "
                "escalates before (bond {} wei)",
                amount, after, amount_to_string(2 * appeal_bond));
        case TrialStage::kEscalated:
            if (now > tried.deadline) {
                return fmt::format(
                    "nobody ruled in time: the panel's confirmation stands. `appeal --close` "
                    "closes "
                    "the appeal, its bonds are lost, and the slash of {} wei can be carried out",
                    amount);
            }
            return fmt::format(
                "the governor rules until {}; otherwise the panel's confirmation stands", deadline);
        case TrialStage::kNone:
        case TrialStage::kClosed: break;
    }
    if (due) return fmt::format("anyone may now carry the slash of {} wei out", amount);
    return fmt::format("decided by the court: {} wei are taken after {}", amount, after);
}

}  // namespace fedstake::evm
