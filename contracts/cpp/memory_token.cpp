// Balances and rounding.
#include "contracts/cpp/memory_token.hpp"

namespace fedstake::chain {

tl::unexpected<Error> refuse(std::string_view name, const std::string& details) {
    return fail(Errc::kNotNow, std::string(name) + ": " + details);
}

std::string_view refusal_name(const Error& error) noexcept {
    return std::string_view(error.message).substr(0, error.message.find(':'));
}

Amount share_down(Amount amount, std::uint16_t bps) noexcept {
    return amount / kFullBps * bps + amount % kFullBps * bps / kFullBps;
}

Amount share_up(Amount amount, std::uint16_t bps) noexcept {
    return amount / kFullBps * bps + (amount % kFullBps * bps + kFullBps - 1) / kFullBps;
}

Status to_96_bits(Amount amount) {
    if (amount <= kAmount96Max) return {};
    return refuse("SafeCastOverflowedUintDowncast", "96 bits, " + amount_to_string(amount));
}

Result<Amount> add_96_bits(Amount a, Amount b) {
    if (a > kAmount96Max - b) return refuse("Panic", "a sum of more than 96 bits");
    return a + b;
}

Status MemoryToken::mint(const Address& to, Amount amount) {
    if (amount > ~Amount{0} - supply_) {
        return fail(Errc::kLimitExceeded, "more than 2^128 tokens in all");
    }
    supply_ += amount;
    balances_[to] += amount;
    return {};
}

Status MemoryToken::transfer(const Address& from, const Address& to, Amount amount) {
    const Amount available = balance_of(from);
    if (available < amount) {
        return refuse(
            "ERC20InsufficientBalance",
            from.hex() + " has " + amount_to_string(available) + " of " + amount_to_string(amount));
    }
    balances_[from] = available - amount;
    balances_[to] += amount;
    return {};
}

Amount MemoryToken::balance_of(const Address& account) const {
    const auto found = balances_.find(account);
    return found == balances_.end() ? Amount{0} : found->second;
}

}  // namespace fedstake::chain
