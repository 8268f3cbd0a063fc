// The anomaly signals of aggregation/anomaly.hpp, described for people.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "aggregation/anomaly.hpp"
#include "proto/rules/round_rules.hpp"

namespace fedstake::sim {

struct SignalInfo {
    std::string_view name;
    std::uint32_t bit = 0;
    std::string_view summary;
    std::string_view formula;
    double limit = 0.0;  // by default
    bool above = false;  // the signal is given above the limit, else below it
    std::string_view breaks;
};

[[nodiscard]] inline std::array<SignalInfo, 3> signal_table() {
    const rules::AnomalyRules limits;
    return {{{.name = "norm",
              .bit = aggregation::kSignalNorm,
              .summary = "The row is much longer than the others.",
              .formula = "deviation of |x| = (v - m) / (1.4826 MAD + 0.25 m), m the median and MAD "
                         "the median absolute deviation of v over the other rows",
              .limit = limits.norm_limit,
              .above = true,
              .breaks = "A hostile row of ordinary length; honest rows that are much alike beside "
                        "a longer one."},
             {.name = "cosine",
              .bit = aggregation::kSignalCosine,
              .summary = "The row points away from the coordinate median of all rows.",
              .formula = "<x, c> / (|x| |c|), c the coordinate median; 0 when one of them is zero",
              .limit = limits.cosine_limit,
              .above = false,
              .breaks = "Late in training, where honest rows of different data pull against each "
                        "other: never a verdict by itself."},
             {.name = "distance",
              .bit = aggregation::kSignalDistance,
              .summary = "The row lies much farther from the coordinate median than the others.",
              .formula = "deviation of |x - c|, by the formula of norm",
              .limit = limits.distance_limit,
              .above = true,
              .breaks = "A hostile row that stays inside the honest spread; a majority of hostile "
                        "rows."}}};
}

}  // namespace fedstake::sim
