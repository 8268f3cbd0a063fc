// Credits.sol, function by function.
#include "contracts/cpp/memory_credits.hpp"

namespace fedstake::chain {

void MemoryCredits::pay(const Address& account, Amount amount) {
    if (amount == 0 || token_.transfer(holder_, account, amount)) return;
    owed_[account] += amount;
}

Status MemoryCredits::withdraw(const Address& account) {
    const Amount amount = credit_of(account);
    if (amount == 0) return refuse("NothingCredited", {account});
    FS_TRY(token_.transfer(holder_, account, amount));
    owed_.erase(account);
    return {};
}

Amount MemoryCredits::credit_of(const Address& account) const {
    const auto found = owed_.find(account);
    return found == owed_.end() ? Amount{0} : found->second;
}

}  // namespace fedstake::chain
