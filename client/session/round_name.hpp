// How messages to people name a round.
#pragma once

#include <string>

#include "proto/base/ids.hpp"

namespace fedstake::session {

// Attempts are counted from 1 for people: "round 3 (attempt 2)".
[[nodiscard]] inline std::string round_name(RoundNumber round, std::uint32_t attempt) {
    std::string name = "round " + std::to_string(round);
    if (attempt > 0) name += " (attempt " + std::to_string(attempt + 1) + ")";
    return name;
}

}  // namespace fedstake::session
