// What a lying coordinator puts in the place of a round's honest result. Everything that follows
// from the lie is made to fit it: digests, roots, the state for the next round, the record that is
// served. Only recomputing the round shows it.
#pragma once

#include <optional>
#include <string_view>

#include "coordinator/app/coordinator.hpp"

namespace fedstake::testing {

enum class Lie : std::uint8_t {
    kModel,      // one parameter of the new model
    kAggregate,  // one coordinate of the aggregate, and the model that follows from it
    kReward,     // one site is paid a token more
    kOmission,   // one site's update is left out although it has a receipt
};

[[nodiscard]] std::optional<Lie> find_lie(std::string_view name) noexcept;
[[nodiscard]] std::string_view lie_name(Lie lie) noexcept;

struct LiePlan {
    Lie lie = Lie::kModel;
    RoundNumber round = 1;  // of which the first attempt is lied about; all others are honest
    SiteId site;            // who is paid more, or left out
    bool withhold = false;  // and hand out, and keep, another record of that round
};

// Makes a coordinator that runs with these options lie.
void apply(const LiePlan& plan, coordinator::RunOptions& options);

}  // namespace fedstake::testing
