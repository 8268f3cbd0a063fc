// The demand that belongs to a challenge: for what the coordinator does not hand out. Made once,
// and then waited for, used or expired by the same command.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "contracts/cpp/evm/leaf_demands.hpp"
#include "contracts/cpp/evm/proof_desk.hpp"

namespace fedstake::client {

// What became of it.
struct DemandStep {
    enum class Kind : std::uint8_t {
        kNone,       // nothing is missing, and nobody demands anything
        kOffered,    // something is missing, and may be demanded
        kTooLate,    // something is missing; the round's window is over
        kMade,       // by this command
        kWaiting,    // made before, by anybody; there is time left to answer
        kExpirable,  // nobody has answered in time; a dry run
        kExpired,    // the same, and this command has closed it: the round is void
    };
    Kind kind = Kind::kNone;
    evm::DemandTerms terms;        // of kOffered
    std::uint64_t window_end = 0;  // of kOffered and kTooLate; Unix seconds
    evm::Demand demand;            // of the others
    Digest transaction;            // of kMade
    std::optional<evm::DemandExpiry> expiry;
    bool lacks = false;       // this site misses something
    bool mine = false;        // the payer of this command has made the demand
    bool can_answer = false;  // this site has what is demanded
};

struct DemandCase {
    const crypto::RoundCommitment& commitment;
    std::uint64_t window_end = 0;
    bool lacks = false;       // what proofs need is missing
    bool can_answer = false;  // leaves, report and context are all there
    bool wanted = false;      // --demand
    Address self{};           // who pays for this command
    bool dry_run = false;
};

using KeySource = std::function<Result<const crypto::SigningKey*>()>;

// Looks where the demand stands and takes the next step. state: the site's state folder, where a
// note of the bond is kept. RETURNS the errors of DemandDesk.
[[nodiscard]] Result<DemandStep> pursue_demand(evm::EthNode& node, evm::ProofDesk& desk,
                                               const DemandCase& about,
                                               const std::filesystem::path& state,
                                               const KeySource& key);

// Brings back bonds that this site put on attempts of the round that were voided otherwise. RETURNS
// a sentence for each.
[[nodiscard]] Result<std::vector<std::string>> recover_bonds(evm::ProofDesk& desk,
                                                             RoundNumber round,
                                                             const std::filesystem::path& state,
                                                             bool dry_run, const KeySource& key);

// Sentences, each ended by a newline; empty for kNone.
[[nodiscard]] std::string demand_text(const DemandStep& step, RoundNumber round);
[[nodiscard]] nlohmann::json demand_json(const DemandStep& step);

}  // namespace fedstake::client
