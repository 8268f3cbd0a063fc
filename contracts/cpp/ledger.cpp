// Small helpers of the Ledger port.
#include "contracts/cpp/ledger.hpp"

namespace fedstake::chain {

Bytes pack_signatures(std::span<const AuditorSignature> signatures) {
    Bytes packed;
    packed.reserve(signatures.size() * 66);
    for (const AuditorSignature& item : signatures) {
        packed.push_back(item.index);
        const ByteView bytes = item.signature.view();
        packed.insert(packed.end(), bytes.begin(), bytes.end());
    }
    return packed;
}

std::string_view intent_state_name(IntentState state) noexcept {
    switch (state) {
        case IntentState::kQueued: return "queued";
        case IntentState::kSent: return "sent";
        case IntentState::kMined: return "mined";
        case IntentState::kDone: return "done";
        case IntentState::kRejected: return "rejected";
    }
    return "unknown";
}

std::string_view slash_state_name(SlashState state) noexcept {
    switch (state) {
        case SlashState::kNone: return "none";
        case SlashState::kPending: return "pending";
        case SlashState::kVetoed: return "vetoed";
        case SlashState::kExecuted: return "executed";
        case SlashState::kDropped: return "dropped";
    }
    return "unknown";
}

Result<std::vector<StakeAccount>> Ledger::stakes_of(std::span<const SiteId> sites) {
    std::vector<StakeAccount> accounts;
    accounts.reserve(sites.size());
    for (const SiteId& site : sites) {
        FS_ASSIGN(StakeAccount account, stake_of(site));
        accounts.push_back(std::move(account));
    }
    return accounts;
}

}  // namespace fedstake::chain
