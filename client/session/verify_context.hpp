// What a round may start from: the federation's roster and the result of the round before.
//
// evaluate_round() takes its context as given; this checks the context itself. Without it a
// coordinator could invent sites, signers, rewards or strikes, and honest auditors would sign.
#pragma once

#include <optional>
#include <vector>

#include "client/session/verify.hpp"
#include "proto/manifest/manifest.hpp"

namespace fedstake::session {

// The record of the round before, as the coordinator keeps it, and its auditors' signatures.
struct PreviousRound {
    rules::RoundContext context;
    crypto::RoundCommitment commitment;
    Bytes report;
    std::uint32_t valid_signatures = 0;  // of different auditors of the manifest
};

// The manifest is today's. A round about to be attested must hold its roster exactly; a finished
// round may lack sites admitted since, and hold sites removed since.
enum class Roster { kOfToday, kOfThen };

// previous: nothing for round 1. One Check per figure; stakes are not among them (they are on the
// chain, where a lie about them shows). RETURNS kCorrupt when the previous record is unreadable,
// and kInvalidInput when it is missing or of another round.
[[nodiscard]] Result<std::vector<Check>> verify_context(
    const manifest::Manifest& manifest, const rules::RoundContext& context,
    const std::optional<PreviousRound>& previous, Roster roster);

}  // namespace fedstake::session
