// Reference model of the token and the StakeVault, with the contract's rules and rounding.
//
// A refused call changes nothing and returns kNotNow with "ErrorName: details", the name being the
// contract's custom error. Times are Unix seconds; amounts are token wei.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "contracts/cpp/ledger.hpp"

namespace fedstake::chain {

// The name in front of ':' of a refusal of the reference model.
[[nodiscard]] std::string_view refusal_name(const Error& error) noexcept;

// share of `amount` in 1/10000, rounded up or down without overflow.
[[nodiscard]] Amount share_up(Amount amount, std::uint16_t bps) noexcept;
[[nodiscard]] Amount share_down(Amount amount, std::uint16_t bps) noexcept;

// Balances of one ERC-20 token without allowances: contracts take what the caller has.
class MemoryToken {
public:
    // RETURNS kLimitExceeded above 2^128 tokens in all.
    [[nodiscard]] Status mint(const Address& to, Amount amount);
    [[nodiscard]] Status transfer(const Address& from, const Address& to, Amount amount);
    [[nodiscard]] Amount balance_of(const Address& account) const;

private:
    std::map<Address, Amount> balances_;
    Amount supply_ = 0;
};

struct VaultOptions {
    Address address;  // holds the staked tokens
    Address slash_pool;
    Address council;
    std::uint64_t unbonding_delay = 0;
    std::uint64_t slash_delay = 0;
};

class MemoryVault {
public:
    MemoryVault(VaultOptions options, MemoryToken& token)
        : options_(std::move(options)), token_(token) {}

    struct Account {
        Amount stake = 0;
        Amount exit = 0;
        std::uint64_t exit_ready_at = 0;
        std::uint64_t window_started_at = 0;  // when attested_bps last began anew
        std::uint64_t last_accused_at = 0;
        std::uint16_t attested_bps = 0;
        std::uint32_t open_cases = 0;
        bool jailed = false;
        Address signer;
        Amount held = 0;  // what pending cases may take; stays until they close
    };

    // For any account.
    [[nodiscard]] Status set_signer(const Address& caller, const Address& signer);
    [[nodiscard]] Status stake(const Address& caller, Amount amount);
    [[nodiscard]] Status request_exit(const Address& caller, Amount amount, std::uint64_t now);
    [[nodiscard]] Status withdraw(const Address& caller, std::uint64_t now);
    [[nodiscard]] Status execute_slash(const Digest& case_id, std::uint64_t now);
    [[nodiscard]] Status pay_bounty(const Address& beneficiary);
    [[nodiscard]] Status sweep_slash_pool();
    // For the council.
    [[nodiscard]] Status veto_slash(const Address& caller, const Digest& case_id);
    [[nodiscard]] Status unjail(const Address& caller, const SiteId& site);
    // For SlashCourt and FaultProver.
    [[nodiscard]] Status propose_slash(const SiteId& site, std::uint16_t bps, const Digest& case_id,
                                       std::uint64_t now);
    [[nodiscard]] Status slash_equivocation(const SiteId& site, std::uint16_t bps,
                                            const Address& beneficiary);

    [[nodiscard]] Account account(const SiteId& site) const;
    [[nodiscard]] Address owner_of_signer(const Address& signer) const;
    [[nodiscard]] SlashState case_state(const Digest& case_id) const;
    [[nodiscard]] const std::vector<SlashCase>& cases() const noexcept { return cases_; }
    [[nodiscard]] Amount bounty_of(const Address& beneficiary) const;
    [[nodiscard]] Amount total_bonded() const noexcept { return total_bonded_; }
    [[nodiscard]] Amount slash_pool_balance() const noexcept { return slash_pool_balance_; }

private:
    [[nodiscard]] Result<SlashCase*> pending_case(const Digest& case_id);
    Amount take_bond(Account& account, Amount wanted);

    VaultOptions options_;
    MemoryToken& token_;
    std::map<Address, Account> accounts_;
    std::map<Address, Address> owners_;    // by signer, for ever
    std::vector<SlashCase> cases_;         // in order of opening
    std::vector<Amount> pending_amounts_;  // of the same cases: fixed when proposed
    std::map<Digest, std::size_t> case_index_;
    std::map<Address, Amount> bounties_;
    Amount total_bonded_ = 0;
    Amount slash_pool_balance_ = 0;
};

}  // namespace fedstake::chain
