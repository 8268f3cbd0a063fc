// Slash cases with their trials, as the contracts hold them now: for lists that people read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "contracts/cpp/evm/contract_set.hpp"

namespace fedstake::evm {

// IStakeVault.CaseState and ISlashCourt.Stage, in the contracts' order.
enum class CaseState : std::uint8_t { kNone, kPending, kVetoed, kExecuted, kDropped };
enum class TrialStage : std::uint8_t {
    kNone,
    kAccused,
    kAppealed,
    kConfirmed,
    kEscalated,
    kClosed
};
[[nodiscard]] std::string_view case_state_name(CaseState state) noexcept;
[[nodiscard]] std::string_view trial_stage_name(TrialStage stage) noexcept;

struct TriedCase {
    Digest id;
    Address site;
    std::uint16_t kind = 0;  // crypto::FaultKind
    std::uint16_t bps = 0;
    CaseState state = CaseState::kNone;
    std::uint64_t execute_after = 0;  // Unix seconds; far away while an appeal is open
    Amount amount = 0;                // token wei; at most this is taken
    // From the court.
    RoundNumber round = 0;
    Digest evidence;             // commitment of that round
    std::uint32_t accusers = 0;  // bit i: auditor i of the epoch
    TrialStage stage = TrialStage::kNone;
    std::uint64_t deadline = 0;  // Unix seconds; of an open appeal
    Amount bond = 0;             // token wei, of all appeals so far
    bool round_voided = false;   // of open cases: anyone may drop them

    [[nodiscard]] bool open() const noexcept { return state == CaseState::kPending; }
    // The bond of an appeal that lies in the court although the case is closed.
    [[nodiscard]] bool bond_left() const noexcept { return !open() && bond > 0; }
};

// Every case about `site`, or about anybody; in order of opening.
[[nodiscard]] Result<std::vector<TriedCase>> read_cases(EthNode& node,
                                                        const ContractAddresses& contracts,
                                                        const ContractAbis& abis,
                                                        const std::optional<SiteId>& site);

// What an accused site pays to appeal; twice as much to escalate.
[[nodiscard]] Result<Amount> appeal_bond(EthNode& node, const ContractAddresses& contracts,
                                         const ContractAbis& abis);

// What happens next and who can do what until when, in one sentence. now: chain time.
[[nodiscard]] std::string next_step(const TriedCase& tried, Amount appeal_bond, std::uint64_t now);

}  // namespace fedstake::evm
