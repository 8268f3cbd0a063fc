// What a poisoning site sends instead of its own update. Pure functions of that update and a seed.
//
// These are the attacks that one site can mount alone, without knowing the others' updates. Several
// sites may mount them at once.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "proto/base/result.hpp"
#include "proto/base/rng.hpp"

namespace fedstake::sim {

inline constexpr double kFactorDefault = 4.0;
inline constexpr double kFactorMax = 1000.0;

// What an attack may look at besides its own honest update.
struct AttackView {
    std::span<const std::int32_t> honest;    // the update that honest training gave
    std::span<const std::int32_t> previous;  // what this site sent last, empty at first
    double factor = kFactorDefault;          // strength
};

using AttackFunction = std::vector<std::int32_t> (*)(const AttackView& view, Rng& rng);

// One entry of the table. Letters: x the site's own update, d its coordinates.
struct Attack {
    std::string_view name;
    std::string_view what;  // one line for people
    std::string_view formula;
    std::string_view knows;     // what the attacker must know
    std::string_view factor{};  // what the factor means; empty where it means nothing
    bool random = false;        // draws from the seed
    std::string_view effect;    // what it is for, and what notices it
    // Rules whose result 3 of 15 such sites move by more than a third of its length at the default
    // strength (tests/sim/app/attack_damage_test.cpp), besides those that trust the attacker's row.
    std::span<const std::string_view> breaks{};
    std::string_view source;
    AttackFunction apply = nullptr;
};

// Every attack, in a fixed order.
[[nodiscard]] std::span<const Attack> attacks() noexcept;

// RETURNS kInvalidInput listing the known names.
[[nodiscard]] Result<const Attack*> find_attack(std::string_view name);

}  // namespace fedstake::sim
