// Reference model of the StakeVault, call by call, with the contract's rules and rounding.
//
// Times are Unix seconds; amounts are token wei. Refusals: memory_refusal.hpp.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "contracts/cpp/ledger.hpp"
#include "contracts/cpp/memory_access.hpp"
#include "contracts/cpp/memory_token.hpp"

namespace fedstake::chain {

// Seconds; IStakeVault.Windows says what each is.
struct VaultWindows {
    std::uint64_t unbonding = 0;
    std::uint64_t challenge = 0;
    std::uint64_t resolution = 0;
    std::uint64_t slash_delay = 0;
    std::uint64_t appeal = 0;
    std::uint64_t evidence_age = 0;
    friend bool operator==(const VaultWindows&, const VaultWindows&) = default;
};

struct VaultOptions {
    crypto::Eip712Domain domain;  // of the vault: in it keys agree to be bound
    Address slash_pool;
    VaultWindows windows;
};

// What all contracts of one chain share. Referenced objects outlive whoever keeps this.
struct MemoryContext {
    const std::uint64_t& now;
    MemoryToken& token;
    const MemoryAccess& access;
};

// A round that is not final, and the keys that answer for it: its coordinator's and its signers'.
struct OpenRound {
    RoundNumber round = 0;
    std::vector<Address> keys;
};

// What the vault asks the RoundManager before it lets stake go.
class OpenRounds {
public:
    virtual ~OpenRounds() = default;
    // The newest first.
    [[nodiscard]] virtual std::vector<OpenRound> open_rounds() const = 0;
    // When rounds that were voided without a proof, and that the account answers for, can be proven
    // no more; 0 for none.
    [[nodiscard]] virtual std::uint64_t answers_until(const Address& account) const = 0;
};

// StakeVault calls with this kind also jail.
inline constexpr std::uint16_t kKindEquivocation = 1;

class MemoryVault {
public:
    // REQUIRES windows that setWindows accepts.
    MemoryVault(VaultOptions options, MemoryContext context);

    struct Account {
        Amount stake = 0;
        Amount exit = 0;
        std::uint64_t exit_ready_at = 0;
        std::uint64_t last_accused_at = 0;
        std::uint16_t attested_bps = 0;
        std::uint16_t window = 0;  // counts the restarts of attested_bps
        std::uint32_t open_cases = 0;
        bool jailed = false;
        Address signer;
        Amount held = 0;  // what pending cases may take; stays until they close
    };

    // Until then withdrawals ask about no rounds. REQUIRES rounds to outlive the vault's last call.
    void watch(const OpenRounds& rounds) noexcept { rounds_ = &rounds; }

    // For any account. `possession` is the key's own word (SignerBinding); the form without it
    // takes the key's consent for granted.
    [[nodiscard]] Status set_signer(const Address& caller, const Address& signer,
                                    const crypto::Signature& possession);
    [[nodiscard]] Status set_signer(const Address& caller, const Address& signer);
    [[nodiscard]] Status stake(const Address& caller, Amount amount);
    [[nodiscard]] Status stake_for(const Address& caller, const Address& account, Amount amount);
    [[nodiscard]] Status request_exit(const Address& caller, Amount amount);
    [[nodiscard]] Status withdraw(const Address& caller);
    [[nodiscard]] Status execute_slash(const Digest& case_id);
    [[nodiscard]] Status pay_bounty(const Address& beneficiary);
    [[nodiscard]] Status sweep_slash_pool();
    // For the council.
    [[nodiscard]] Status veto_slash(const Address& caller, const Digest& case_id);
    [[nodiscard]] Status unjail(const Address& caller, const SiteId& site);
    // For the holder of the parameters.
    [[nodiscard]] Status set_windows(const Address& caller, const VaultWindows& windows);
    // For SlashCourt.
    [[nodiscard]] Status propose_slash(const Address& caller, const SiteId& site, std::uint16_t bps,
                                       std::uint16_t kind, const Digest& case_id);
    [[nodiscard]] Status postpone_slash(const Address& caller, const Digest& case_id,
                                        std::uint64_t execute_after);
    [[nodiscard]] Status drop_slash(const Address& caller, const Digest& case_id);
    // For the provers: one share for each account, in the order given.
    [[nodiscard]] Status slash_many(const Address& caller, const std::vector<Address>& accounts,
                                    const std::vector<std::uint16_t>& bps,
                                    const Address& beneficiary, std::uint16_t kind);

    [[nodiscard]] const VaultWindows& windows() const noexcept { return options_.windows; }
    [[nodiscard]] const Address& slash_pool() const noexcept { return options_.slash_pool; }
    [[nodiscard]] const Address& address() const noexcept {
        return options_.domain.verifying_contract;
    }
    [[nodiscard]] Account account(const SiteId& site) const;
    // attested_bps as it counts now: nothing after 90 days without an accusation.
    [[nodiscard]] std::uint16_t counted_bps(const SiteId& site) const;
    [[nodiscard]] Address owner_of_signer(const Address& signer) const;
    // Whether the key was replaced while its owner was in jail: what it signs is nobody's fault.
    [[nodiscard]] bool is_lost(const Address& signer) const;
    [[nodiscard]] SlashState case_state(const Digest& case_id) const;
    // Nothing when there is no such case. Valid until the next call that changes the vault.
    [[nodiscard]] const SlashCase* find_case(const Digest& case_id) const;
    // What the case may take, and its kind of fault. REQUIRES the case to exist.
    [[nodiscard]] Amount case_amount(const Digest& case_id) const;
    [[nodiscard]] std::uint16_t case_kind(const Digest& case_id) const;
    [[nodiscard]] const std::vector<SlashCase>& cases() const noexcept { return cases_; }
    [[nodiscard]] Amount bounty_of(const Address& beneficiary) const;
    [[nodiscard]] Amount total_bonded() const noexcept { return total_bonded_; }
    [[nodiscard]] Amount slash_pool_balance() const noexcept { return slash_pool_balance_; }

private:
    // Of the case at the same place in cases_; fixed when it was proposed.
    struct Proposal {
        Amount amount = 0;
        std::uint16_t kind = 0;
        std::uint16_t window = 0;
    };

    // Whether the key is the account's own or was ever bound to it.
    [[nodiscard]] bool is_of(const Address& key, const Address& account) const;
    [[nodiscard]] Status check_signer(const Address& caller, const Address& signer) const;
    [[nodiscard]] Status require_known(const Address& caller, const Address& account) const;
    [[nodiscard]] Status require_no_open_round(const Address& account) const;
    [[nodiscard]] Status add_stake(const Address& caller, const Address& account, Amount amount);
    [[nodiscard]] std::uint16_t counted_bps(const Account& account) const;
    [[nodiscard]] Result<std::size_t> pending_case(const Digest& case_id) const;
    [[nodiscard]] Status close_unslashed(const Digest& case_id, SlashState state);

    VaultOptions options_;
    MemoryContext context_;
    const OpenRounds* rounds_ = nullptr;
    std::map<Address, Account> accounts_;
    std::map<Address, Address> owners_;  // by signer, for ever
    std::set<Address> lost_;             // keys replaced in jail
    std::vector<SlashCase> cases_;       // in order of opening
    std::vector<Proposal> proposals_;
    std::map<Digest, std::size_t> case_index_;
    std::map<Address, Amount> bounties_;
    Amount total_bonded_ = 0;
    Amount slash_pool_balance_ = 0;
};

}  // namespace fedstake::chain
