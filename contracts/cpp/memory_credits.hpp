// Reference model of Credits: bonds that the token refuses to pay out when they are due wait for
// their owners.
#pragma once

#include <map>

#include "contracts/cpp/memory_token.hpp"

namespace fedstake::chain {

class MemoryCredits {
public:
    // REQUIRES the token to outlive this. holder: the contract that has the bonds.
    MemoryCredits(const Address& holder, MemoryToken& token) : holder_(holder), token_(token) {}

    // Sends what is owed, or notes it where the token refuses. REQUIRES the holder to have it.
    void pay(const Address& account, Amount amount);
    // Pays what was noted.
    [[nodiscard]] Status withdraw(const Address& account);
    [[nodiscard]] Amount credit_of(const Address& account) const;

private:
    Address holder_;
    MemoryToken& token_;
    std::map<Address, Amount> owed_;
};

}  // namespace fedstake::chain
