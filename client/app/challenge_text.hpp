// What a challenge found and did, for people and for scripts.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "client/app/challenge_run.hpp"
#include "proto/base/exit_code.hpp"
#include "proto/manifest/manifest.hpp"

namespace fedstake::client {

// In one word: "clean", "convicted", "provable" (a dry run), "unprovable", "disputed", "expired"
// (a demand that nobody answered, closed by this command), "expirable" (a dry run), "demanded" (an
// answer may still come), "voided" (before this command), "incomplete".
[[nodiscard]] std::string_view challenge_word(const ChallengeOutcome& outcome,
                                              const std::optional<evm::Dispute>& dispute);

// kSuccess where nothing is left to do; kVerifyFailed for what a dry run would prove or expire;
// kNotNow while a demand waits for its answer; kUnprovable for one that no proof shows;
// kUnavailable where data was missing.
[[nodiscard]] ExitCode challenge_exit(const ChallengeOutcome& outcome,
                                      const std::optional<evm::Dispute>& dispute);

// What is said before a proof is sent.
[[nodiscard]] std::string fault_text(const ProvenFault& fault, const evm::ProofDesk& desk);
[[nodiscard]] std::string conviction_text(const evm::Conviction& conviction,
                                          const manifest::Manifest& manifest);
// Everything that was not said before. bond: of a dispute, where one can be opened.
[[nodiscard]] std::string outcome_text(const ChallengeOutcome& outcome,
                                       const std::optional<evm::Dispute>& dispute,
                                       std::optional<Amount> bond);

[[nodiscard]] nlohmann::json outcome_json(const ChallengeOutcome& outcome,
                                          const std::optional<evm::Dispute>& dispute,
                                          const manifest::Manifest& manifest);
// The unproven part alone: what a dispute's evidence digest is taken over.
[[nodiscard]] std::string evidence_text(const ChallengeOutcome& outcome);

}  // namespace fedstake::client
