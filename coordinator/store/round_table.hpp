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
    std::optional<Timestamp> voided;  // when this coordinator saw that the ledger had voided it
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
    // result that stands.
    [[nodiscard]] Status put(Timestamp at, const round::RecordResult& record);
    // The results of rounds from `first` on that are of earlier attempts than `attempt` stand no
    // more, and what sites reported about them is forgotten. Idempotent.
    [[nodiscard]] Status mark_voided(Timestamp at, RoundNumber first, std::uint32_t attempt);
    // The one that stands. RETURNS kNotFound naming the round.
    [[nodiscard]] Result<round::RecordResult> get(RoundNumber round);
    // That attempt's, whether it stands or was voided. RETURNS kNotFound naming both.
    [[nodiscard]] Result<round::RecordResult> get(RoundNumber round, std::uint32_t attempt);
    // Those that stand, ascending.
    [[nodiscard]] Result<std::vector<RoundLine>> list();
    // Ascending by round and attempt.
    [[nodiscard]] Result<std::vector<RoundLine>> list_voided();

    // The last word of a site about a round replaces earlier ones.
    [[nodiscard]] Status put_metrics(Timestamp at, const MetricsLine& line);
    [[nodiscard]] Result<std::vector<MetricsLine>> metrics(RoundNumber round);

private:
    Database& database_;
};

}  // namespace fedstake::store
