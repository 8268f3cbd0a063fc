// Federated rounds on the four UCI hospitals, with every contribution score of each round.
//
// The rule aggregates the updates of heart_sites.hpp; its own weights make the aggregate of every
// subset (subset_combination()), and the utility of a subset is the negated mean log loss on
// held-out rows of hospitals, each with its own intercept, median over these.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "proto/base/result.hpp"
#include "tests/aggregation/contribution/heart_sites.hpp"

namespace fedstake::aggregation::contribution::heart {

struct Setting {
    Scenario scenario = Scenario::kHonest;
    std::string rule = "mean";
    std::uint32_t f = 1;
    std::size_t validators = 4;  // hospitals whose held-out rows count, from Cleveland on
    std::size_t rounds = 15;
    std::uint64_t seed = 1;
};

// Sums over the rounds, in nats of log loss, unless it says something else.
struct SiteScores {
    std::string name;
    double leave_one_out = 0.0;
    double shapley = 0.0;
    double banzhaf = 0.0;
    double banzhaf_sampled = 0.0;  // 200 samples
    double gtg = 0.0;
    double cosine = 0.0;         // of CGSV
    double score = 0.0;          // score.hpp, without data: 0 to 1 in a round
    double banzhaf_score = 0.0;  // integer_scores.hpp: 0 to 1 in a round
    double weight = 0.0;         // in the aggregate
    // Rounds in which disagreement.hpp names the site, Banzhaf values against cosines and against
    // scores without data; and whether it does by the sums of all rounds.
    std::size_t alarms = 0;
    std::size_t score_alarms = 0;
    bool named = false;
    bool named_by_score = false;
};

struct Campaign {
    std::vector<SiteScores> sites;  // honest ones first, in the order of the hospitals
    double loss_before = 0.0;       // of the validators, median
    double loss_after = 0.0;
};

[[nodiscard]] Result<Campaign> run_campaign(const std::vector<Hospital>& hospitals,
                                            const Setting& setting);

}  // namespace fedstake::aggregation::contribution::heart
