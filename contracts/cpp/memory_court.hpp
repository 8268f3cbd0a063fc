// Reference model of the SlashCourt, call by call: accusations, appeals, rulings and their bonds.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "contracts/cpp/memory_credits.hpp"
#include "contracts/cpp/memory_rounds.hpp"

namespace fedstake::chain {

// ISlashCourt.Stage; the numbers are the contract's.
enum class TrialStage : std::uint8_t {
    kNone,
    kAccused,
    kAppealed,
    kConfirmed,
    kEscalated,
    kClosed
};

struct CourtOptions {
    Address address;  // holds the bonds
    std::uint16_t bps_max = 2'000;
    Amount appeal_bond = 0;
};

class MemoryCourt {
public:
    MemoryCourt(CourtOptions options, MemoryContext context, const MemoryRounds& rounds,
                MemoryVault& vault)
        : options_(options),
          context_(context),
          rounds_(rounds),
          vault_(vault),
          credits_(options.address, context.token) {}

    struct Trial {
        std::uint32_t signers = 0;  // bit i: auditor i of the epoch accused
        std::uint16_t epoch = 0;
        TrialStage stage = TrialStage::kNone;
        std::uint64_t deadline = 0;  // when an open appeal lapses
        Amount bond = 0;
    };

    [[nodiscard]] Status accuse(const Accuse& call);
    [[nodiscard]] Status appeal(const Address& caller, const Digest& case_id);
    [[nodiscard]] Status escalate(const Address& caller, const Digest& case_id);
    [[nodiscard]] Status rule_by_panel(const Digest& case_id, bool upheld,
                                       const std::vector<AuditorSignature>& signatures);
    [[nodiscard]] Status rule_by_governor(const Address& caller, const Digest& case_id,
                                          bool upheld);
    [[nodiscard]] Status lapse(const Digest& case_id);
    // Names the case as dropVoided does: round, site, kind and evidence root count.
    [[nodiscard]] Status drop_voided(const crypto::AttestedFault& fault);
    [[nodiscard]] Status settle_vetoed(const Digest& case_id);
    [[nodiscard]] Status set_appeal_bond(const Address& caller, Amount bond);
    // Pays what the token refused to pay when it was due.
    [[nodiscard]] Status withdraw_bond(const Address& account) {
        return credits_.withdraw(account);
    }

    [[nodiscard]] Trial trial_of(const Digest& case_id) const;
    [[nodiscard]] Amount credit_of(const Address& account) const {
        return credits_.credit_of(account);
    }
    [[nodiscard]] Amount appeal_bond() const noexcept { return options_.appeal_bond; }
    [[nodiscard]] const Address& address() const noexcept { return options_.address; }

private:
    [[nodiscard]] Status check_fault(const crypto::AttestedFault& fault) const;
    [[nodiscard]] Status reopen(const Address& caller, const Digest& case_id, TrialStage from,
                                TrialStage to);
    [[nodiscard]] Status acquit(const Digest& case_id);
    [[nodiscard]] Status uphold(const Digest& case_id, TrialStage stage,
                                std::uint64_t execute_after);
    void pay_bond(const Digest& case_id, const Address& to);
    [[nodiscard]] Status require_stage(const Digest& case_id, TrialStage stage) const;
    [[nodiscard]] Status require_open_appeal(const Digest& case_id) const;

    CourtOptions options_;
    MemoryContext context_;
    const MemoryRounds& rounds_;
    MemoryVault& vault_;
    MemoryCredits credits_;
    std::map<Digest, Trial> trials_;
};

}  // namespace fedstake::chain
