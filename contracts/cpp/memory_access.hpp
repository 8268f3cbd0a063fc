// Roles of the reference model: who may call what, as ConsortiumAccess.wire gives them out. Delays
// between the announcement of a call and the call itself are not modelled: it is the call that
// counts.
#pragma once

#include <cstdint>
#include <set>
#include <utility>

#include "contracts/cpp/memory_refusal.hpp"
#include "proto/base/ids.hpp"

namespace fedstake::chain {

enum class Role : std::uint8_t {
    kParameters,  // windows, shares, bonds, epochs, publisher
    kCouncil,     // vetoes, pauses, unjails
    kProver,      // slash at once: provers, demands
    kCourt,       // opens, postpones and drops cases
    kVoider,      // voids rounds
    kDisputes,    // hold a round back: disputes, demands
    kGovernor,    // last instance of appeals and disputes
};

class MemoryAccess {
public:
    void grant(Role role, const Address& holder) { holders_.insert({role, holder}); }
    [[nodiscard]] Status require(Role role, const Address& caller) const {
        if (holders_.contains({role, caller})) return {};
        return refuse("AccessManagedUnauthorized", {caller});
    }

private:
    std::set<std::pair<Role, Address>> holders_;
};

}  // namespace fedstake::chain
