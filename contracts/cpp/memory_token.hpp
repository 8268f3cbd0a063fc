// The ERC-20 of the reference model, and its arithmetic: amounts in token wei.
#pragma once

#include <cstdint>
#include <map>
#include <set>

#include "contracts/cpp/memory_refusal.hpp"
#include "proto/base/ids.hpp"

namespace fedstake::chain {

// What the contracts keep of stakes, exits, bounties and the reward fund has 96 bits.
inline constexpr Amount kAmount96Max = (Amount{1} << 96U) - 1;
inline constexpr std::uint16_t kFullBps = 10'000;

// share of `amount` in 1/10000, rounded up or down without overflow.
[[nodiscard]] Amount share_up(Amount amount, std::uint16_t bps) noexcept;
[[nodiscard]] Amount share_down(Amount amount, std::uint16_t bps) noexcept;

// SafeCast.toUint96: refuses what has more than 96 bits.
[[nodiscard]] Status to_96_bits(Amount amount);
// Checked addition of two 96-bit amounts: Panic where the sum has more.
[[nodiscard]] Result<Amount> add_96_bits(Amount a, Amount b);

// Balances of one ERC-20 token without allowances: contracts take what the caller has.
class MemoryToken {
public:
    // RETURNS kLimitExceeded above 2^128 tokens in all.
    [[nodiscard]] Status mint(const Address& to, Amount amount);
    [[nodiscard]] Status transfer(const Address& from, const Address& to, Amount amount);
    [[nodiscard]] Amount balance_of(const Address& account) const;
    // Some tokens keep lists of accounts that they do not pay to.
    void set_refused(const Address& account, bool refused);
    [[nodiscard]] Status may_receive(const Address& account) const;

private:
    std::map<Address, Amount> balances_;
    std::set<Address> refused_;
    Amount supply_ = 0;
};

}  // namespace fedstake::chain
