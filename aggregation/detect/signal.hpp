// The detection signals: what each one is, when it fires, when it is wrong.
//
// A signal is one figure of one site in one round, with a limit on one side. Figures come from
// round_signals.hpp (this round alone), own_history.hpp (a site's own last update), prediction.hpp
// (FLDetector) and coalitions.hpp (sites that act as one); judge.hpp makes verdicts of them.
// docs/detection.md shows how often each fires on honest sites and on attacks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace fedstake::aggregation::detect {

// Numbers are bit positions in reports: never reused, new ones at the end.
enum class Signal : std::uint8_t {
    kNorm = 0,
    kCosine = 1,
    kDistance = 2,
    kNearest = 3,
    kSpectral = 4,
    kSigns = 5,
    kResend = 6,
    kJump = 7,
    kPrediction = 8,
    kLikeness = 9,
    kHiddenLikeness = 10,
    kTurns = 11,
};
inline constexpr std::size_t kSignals = 12;

// Signals of one family answer one question, so two of them are hardly more evidence than one.
enum class Family : std::uint8_t {
    kSize,       // how far, how large
    kDirection,  // which way
    kTime,       // how it fits what the site sent before
    kCoalition,  // how it fits what another site sends
};
inline constexpr std::size_t kFamilies = 4;

[[nodiscard]] constexpr std::uint32_t bit(Signal signal) noexcept {
    return 1U << static_cast<std::uint32_t>(signal);
}

struct SignalInfo {
    Signal signal;
    Family family;
    bool fires_above;            // else it fires below its limit
    std::string_view name;       // stable, for configuration and reports
    std::string_view what;       // the figure
    std::string_view threshold;  // where its limit comes from
    std::string_view lies;       // when it accuses the honest or misses the hostile
    std::string_view source;
};

// All of them, in the order of their numbers.
[[nodiscard]] std::span<const SignalInfo> all_signals() noexcept;
[[nodiscard]] const SignalInfo& signal_info(Signal signal) noexcept;
// Nothing for an unknown name.
[[nodiscard]] std::optional<Signal> signal_named(std::string_view name) noexcept;

// One site's figures; nothing where a signal has no evidence yet (too few sites or rounds).
using SiteFigures = std::array<std::optional<double>, kSignals>;
// One limit for each signal; infinite where it cannot fire in this round.
using Limits = std::array<double, kSignals>;

// A bit for each signal that fired.
[[nodiscard]] std::uint32_t fired(const SiteFigures& figures, const Limits& limits) noexcept;

}  // namespace fedstake::aggregation::detect
