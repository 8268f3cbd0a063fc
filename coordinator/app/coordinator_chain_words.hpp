// What news from the chain means for the sites, and in words for the operator.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "coordinator/app/ledger_poster.hpp"
#include "coordinator/round/events.hpp"
#include "proto/manifest/manifest.hpp"

namespace fedstake::coordinator {

// A site whose stake does not answer for what it signs: the chain has bound its owner account to
// another signer than the manifest's, or to none. It could sign two updates unpunished.
struct SignerMismatch {
    SiteId site;
    std::string name;
    Address manifest_signer;
    Address chain_signer;  // zero: none
    [[nodiscard]] std::string text() const;
};
[[nodiscard]] std::optional<SignerMismatch> signer_mismatch(const chain::StakeAccount& account,
                                                            const manifest::Manifest& manifest);

// Jailed sites and those with another signer are barred: they are not asked to train, and not paid.
[[nodiscard]] round::StakesKnown stakes_known(const std::vector<chain::StakeAccount>& accounts,
                                              const manifest::Manifest& manifest);

// An accusation of a site that has lost all that may be taken in 90 days: refused by the contract,
// and nothing that a person has to look at.
[[nodiscard]] bool is_capped_accusation(const chain::IntentStatus& status);

// An answer to a demand that is closed otherwise: its round is void, or about to be.
[[nodiscard]] bool is_late_answer(const chain::IntentStatus& status);

// Why a commitment, or a transaction on its way, does not get on. Empty when it does, or when
// waiting is its usual course.
[[nodiscard]] std::string held_back(const chain::IntentStatus& status);

[[nodiscard]] std::string settlement_stopped(const ChainDown& news);

}  // namespace fedstake::coordinator
