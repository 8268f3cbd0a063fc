// What happened in a run, gathered from the coordinator's event log and the sites' result files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"

namespace fedstake::demo {

struct Excluded {
    std::string site;
    std::string reason;
};

struct RoundRecord {
    RoundNumber round = 0;
    std::vector<std::string> accepted;  // site names
    std::vector<Excluded> excluded;
    std::string rule;
    std::string model_digest;
    std::string commitment;
    std::string transaction;  // empty while not on the chain
};

struct SiteRecord {
    std::string name;
    SiteId owner;
    bool attacker = false;
    std::uint64_t rows = 0;
    std::uint64_t test_rows = 0;
    std::uint64_t correct_federated = 0;
    std::uint64_t correct_alone = 0;
    Amount stake_before = 0;
    Amount stake_after = 0;
    Amount reward = 0;
    Amount slashed = 0;
};

struct RunRecord {
    std::vector<RoundRecord> rounds;
    std::vector<SiteRecord> sites;
    bool verified = false;

    // Right predictions of the federated model over all test rows of honest sites.
    [[nodiscard]] double pooled_accuracy() const noexcept;
};

// Reads the event log. RETURNS kCorrupt with the line number for a line that is no event.
[[nodiscard]] Result<std::vector<RoundRecord>> read_rounds(const std::filesystem::path& events);

// Adds a site's own figures from the result file that its client wrote.
[[nodiscard]] Status read_site_result(const std::filesystem::path& file, SiteRecord& site);

// Whole tokens with two to six decimals, to the nearest: "1000.00", "13.337812", "<0.000001".
[[nodiscard]] std::string tokens(Amount wei);

// The table that a person reads, and the JSON document of --json.
[[nodiscard]] std::string render_table(const RunRecord& record, bool colour);
[[nodiscard]] std::string render_json(const RunRecord& record);

}  // namespace fedstake::demo
