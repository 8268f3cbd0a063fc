// Balances and rounding.
#include "contracts/cpp/memory_token.hpp"

namespace fedstake::chain {

tl::unexpected<Error> refuse(std::string_view name, std::initializer_list<RefusalArgument> values) {
    std::string text;
    for (const RefusalArgument& value : values) text += (text.empty() ? "" : ", ") + value.text();
    return fail(Errc::kNotNow, std::string(name) + ": " + text);
}

tl::unexpected<Error> refuse_overflow() {
    constexpr int kOverflow = 0x11;
    return refuse("Panic", {kOverflow});
}

std::string_view refusal_name(const Error& error) noexcept {
    return std::string_view(error.message).substr(0, error.message.find(':'));
}

std::string_view refusal_values(const Error& error) noexcept {
    const std::size_t name = error.message.find(": ");
    return name == std::string::npos ? "" : std::string_view(error.message).substr(name + 2);
}

Amount share_down(Amount amount, std::uint16_t bps) noexcept {
    return amount / kFullBps * bps + amount % kFullBps * bps / kFullBps;
}

Amount share_up(Amount amount, std::uint16_t bps) noexcept {
    return amount / kFullBps * bps + (amount % kFullBps * bps + kFullBps - 1) / kFullBps;
}

Status to_96_bits(Amount amount) {
    if (amount <= kAmount96Max) return {};
    return refuse("SafeCastOverflowedUintDowncast", {96, amount});
}

Result<Amount> add_96_bits(Amount a, Amount b) {
    if (a > kAmount96Max - b) return refuse_overflow();
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
    FS_TRY(may_receive(to));
    const Amount available = balance_of(from);
    if (available < amount) {
        return refuse("ERC20InsufficientBalance", {from, available, amount});
    }
    balances_[from] = available - amount;
    balances_[to] += amount;
    return {};
}

void MemoryToken::set_refused(const Address& account, bool refused) {
    if (refused) {
        refused_.insert(account);
    } else {
        refused_.erase(account);
    }
}

Status MemoryToken::may_receive(const Address& account) const {
    if (refused_.contains(account)) return refuse("ERC20InvalidReceiver", {account});
    return {};
}

Amount MemoryToken::balance_of(const Address& account) const {
    const auto found = balances_.find(account);
    return found == balances_.end() ? Amount{0} : found->second;
}

}  // namespace fedstake::chain
