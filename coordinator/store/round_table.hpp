// Finished rounds and what sites reported about them, for audits, claims and status.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "coordinator/round/actions.hpp"
#include "coordinator/store/sqlite.hpp"
#include "proto/base/time.hpp"

namespace fedstake::store {

struct RoundLine {
    RoundNumber round = 0;
    std::uint32_t attempt = 0;
    Timestamp at;
    Digest commitment;  // struct hash, as the chain stores it
    Digest model;
};

struct MetricsLine {
    RoundNumber round = 0;
    SiteId site;
    std::string json;
};

class RoundTable {
public:
    // Borrows the database.
    explicit RoundTable(Database& database) : database_(database) {}

    // Idempotent. RETURNS kConflict when another record is kept for the round: a round has one
    // result.
    [[nodiscard]] Status put(Timestamp at, const round::RecordResult& record);
    // RETURNS kNotFound naming the round.
    [[nodiscard]] Result<round::RecordResult> get(RoundNumber round);
    // Ascending.
    [[nodiscard]] Result<std::vector<RoundLine>> list();

    // The last word of a site about a round replaces earlier ones.
    [[nodiscard]] Status put_metrics(Timestamp at, const MetricsLine& line);
    [[nodiscard]] Result<std::vector<MetricsLine>> metrics(RoundNumber round);

private:
    Database& database_;
};

}  // namespace fedstake::store
