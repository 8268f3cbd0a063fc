// Decisions and sentences about what the chain says.
#include "coordinator/app/coordinator_chain_words.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "contracts/cpp/refusal.hpp"

namespace fedstake::coordinator {

std::string SignerMismatch::text() const {
    const std::string bound =
        chain_signer.is_zero()
            ? fmt::format("no signer is bound on the chain to its owner account {}", site.hex())
            : fmt::format("its owner account {} is bound on the chain to the signer {}", site.hex(),
                          chain_signer.hex());
    return fmt::format(
        "site {} takes no part: {}, the manifest has {}. It has to run `fedstake-client "
        "stake` with the keys that it was admitted with",
        name, bound, manifest_signer.hex());
}

std::optional<SignerMismatch> signer_mismatch(const chain::StakeAccount& account,
                                              const manifest::Manifest& manifest) {
    const manifest::SiteEntry* entry = manifest.find(account.site);
    if (entry == nullptr || entry->signer == account.signer) {
        return std::nullopt;
    }
    return SignerMismatch{.site = account.site,
                          .name = entry->name,
                          .manifest_signer = entry->signer,
                          .chain_signer = account.signer};
}

round::StakesKnown stakes_known(const std::vector<chain::StakeAccount>& accounts,
                                const manifest::Manifest& manifest) {
    round::StakesKnown event;
    for (const chain::StakeAccount& account : accounts) {
        const Amount active = account.stake - std::min(account.stake, account.exiting);
        const bool barred = account.jailed || signer_mismatch(account, manifest).has_value();
        event.stakes.push_back({.site = account.site, .stake = active, .barred = barred});
    }
    return event;
}

bool is_capped_accusation(const chain::IntentStatus& status) {
    return status.state == chain::IntentState::kRejected &&
           status.detail.starts_with(chain::kNotAccusedAgain);
}

bool is_late_answer(const chain::IntentStatus& status) {
    return status.state == chain::IntentState::kRejected && status.key.starts_with("answer/");
}

std::string held_back(const chain::IntentStatus& status) {
    // An accusation waits for its round and a release for finality: both come by themselves.
    const bool waits =
        status.state == chain::IntentState::kQueued && status.key.starts_with("commit/");
    const bool stuck = status.state == chain::IntentState::kSent;
    if (status.detail.empty() || !(waits || stuck)) {
        return "";
    }
    return fmt::format("ledger: {} waits: {}", status.key, status.detail);
}

std::string settlement_stopped(const ChainDown& news) {
    return "nothing can be settled on the chain now; training goes on, settlements queue: " +
           news.detail;
}

}  // namespace fedstake::coordinator
