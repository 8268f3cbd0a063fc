// Runs a federation under detection and counts which signals fire and what verdicts follow.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "aggregation/detect/detect.hpp"
#include "tests/aggregation/detect/federation.hpp"

namespace fedstake::aggregation::detect::testing {

SiteId site_id(std::size_t index);

// Of the honest or of the hostile sites of a campaign.
struct Counts {
    std::size_t site_rounds = 0;
    std::array<std::size_t, kSignals> fired{};
    std::size_t struck_default = 0;
    std::size_t struck = 0;  // under the cautious policy, as the next two
    std::size_t excluded = 0;
    std::size_t down_weighted = 0;

    void add(const Counts& other);
};

struct Tally {
    Counts honest;
    Counts tiny;  // of these, the last honest site
    Counts hostile;

    void add(const Tally& other);
};

// Keeps what an integration keeps between two rounds: the rows of the last one, the last changes of
// the model, the history.
class Detector {
public:
    Detection observe(const std::vector<std::optional<Row>>& updates, std::uint32_t f,
                      const Row& aggregate);

private:
    RoundNumber round_ = 0;
    History history_;
    std::vector<SiteId> sites_before_;
    std::vector<Row> rows_before_;
    std::deque<Row> changes_;
};

// The model moves by the coordinate median of all updates. Counts from round 4 on, when all signals
// have their evidence.
Tally campaign(const World& world, Attack attack, std::size_t hostile, std::uint32_t f,
               std::size_t rounds, std::uint64_t seed);

}  // namespace fedstake::aggregation::detect::testing
