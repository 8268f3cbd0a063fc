// Chain times for people.
#pragma once

#include <cstdint>
#include <string>

namespace fedstake::chain {

// Unix seconds as "2026-01-31 12:00:00 UTC"; as a number from the year 10000 on.
[[nodiscard]] std::string utc_text(std::uint64_t seconds);

}  // namespace fedstake::chain
