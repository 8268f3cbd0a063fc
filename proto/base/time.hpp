// Points in time and durations as plain integers. No clock here: hosts pass the time in.
#pragma once

#include <compare>
#include <cstdint>

namespace fedstake {

struct Duration {
    std::int64_t ms = 0;
    friend auto operator<=>(const Duration&, const Duration&) = default;
};

// Milliseconds since the Unix epoch in hosts; since the start of the world in simulations.
struct Timestamp {
    std::int64_t ms = 0;
    friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

constexpr Timestamp operator+(Timestamp t, Duration d) noexcept {
    return {t.ms + d.ms};
}
constexpr Duration operator-(Timestamp a, Timestamp b) noexcept {
    return {a.ms - b.ms};
}

}  // namespace fedstake
