// Rows of every kind that rules meet, friendly and hostile.
#pragma once

#include <string_view>

#include "proto/base/rng.hpp"
#include "tests/aggregation/reference.hpp"

namespace fedstake::aggregation::slow {

struct DrawnRows {
    std::string_view kind;
    reference::Matrix rows;
};

[[nodiscard]] DrawnRows draw_rows(Rng& rng, std::size_t n, std::size_t d);

}  // namespace fedstake::aggregation::slow
