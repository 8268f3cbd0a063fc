// The table of single-site attacks.
#include "sim/attacks.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

namespace fedstake::sim {

namespace {

// Fixed-point values stay clear of INT32_MIN, which stands for "not a number".
std::int32_t saturate(double value) noexcept {
    constexpr double kLargest = std::numeric_limits<std::int32_t>::max();
    return static_cast<std::int32_t>(std::clamp(std::nearbyint(value), -kLargest, kLargest));
}

std::vector<std::int32_t> scaled(std::span<const std::int32_t> values, double factor) {
    std::vector<std::int32_t> out;
    out.reserve(values.size());
    for (const std::int32_t value : values) out.push_back(saturate(value * factor));
    return out;
}

double root_mean_square(std::span<const std::int32_t> values) {
    double sum = 0.0;
    for (const std::int32_t value : values) sum += static_cast<double>(value) * value;
    return values.empty() ? 0.0 : std::sqrt(sum / static_cast<double>(values.size()));
}

std::vector<std::int32_t> sign_flip(const AttackView& view, Rng& /*rng*/) {
    return scaled(view.honest, -view.factor);
}

std::vector<std::int32_t> scaling(const AttackView& view, Rng& /*rng*/) {
    return scaled(view.honest, view.factor);
}

std::vector<std::int32_t> noise(const AttackView& view, Rng& rng) {
    const double deviation = view.factor * root_mean_square(view.honest);
    std::vector<std::int32_t> out;
    out.reserve(view.honest.size());
    for (std::size_t i = 0; i < view.honest.size(); ++i)
        out.push_back(saturate(deviation * rng.normal()));
    return out;
}

std::vector<std::int32_t> zero(const AttackView& view, Rng& /*rng*/) {
    return std::vector<std::int32_t>(view.honest.size(), 0);
}

std::vector<std::int32_t> free_ride(const AttackView& view, Rng& rng) {
    if (view.previous.empty()) return {view.honest.begin(), view.honest.end()};
    // The last update again, with a little noise so that it is not an exact copy.
    const double deviation = 0.01 * root_mean_square(view.previous);
    std::vector<std::int32_t> out;
    out.reserve(view.previous.size());
    for (const std::int32_t value : view.previous) {
        out.push_back(saturate(value + deviation * rng.normal()));
    }
    return out;
}

constexpr std::array<Attack, 5> kAttacks = {{
    {"sign_flip", "minus factor times its own update", sign_flip},
    {"scaling", "factor times its own update", scaling},
    {"noise", "Gaussian noise, factor times as strong as its own update", noise},
    {"zero", "nothing: all coordinates zero", zero},
    {"free_ride", "its own last update again, with 1 % noise", free_ride},
}};

}  // namespace

std::span<const Attack> attacks() noexcept {
    return kAttacks;
}

Result<const Attack*> find_attack(std::string_view name) {
    const auto found = std::find_if(kAttacks.begin(), kAttacks.end(),
                                    [name](const Attack& attack) { return attack.name == name; });
    if (found != kAttacks.end()) return &*found;
    std::string known;
    for (const Attack& attack : kAttacks) {
        known += known.empty() ? "" : ", ";
        known += attack.name;
    }
    return fail(Errc::kInvalidInput,
                "unknown attack '" + std::string(name) + "'; known ones are: " + known);
}

}  // namespace fedstake::sim
