// What a poisoning site sends instead of its own update. Pure functions of that update and a seed.
//
// These are the attacks that one site can mount alone, without knowing the others' updates.
// Sources: sign flip and Gaussian noise as in ByzFL's attacks (SignFlipping, Gaussian); scaling is
// model replacement (Bagdasaryan et al. 2020, section 4.2); zero and free riding send no work.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "proto/base/result.hpp"
#include "proto/base/rng.hpp"

namespace fedstake::sim {

// What an attack may look at besides its own honest update.
struct AttackView {
    std::span<const std::int32_t> honest;    // the update that honest training gave
    std::span<const std::int32_t> previous;  // what this site sent last, empty at first
    double factor = 4.0;                     // strength
};

using AttackFunction = std::vector<std::int32_t> (*)(const AttackView& view, Rng& rng);

struct Attack {
    std::string_view name;
    std::string_view what;  // one line for people
    AttackFunction apply;
};

// Every attack, in a fixed order.
[[nodiscard]] std::span<const Attack> attacks() noexcept;

// RETURNS kInvalidInput listing the known names.
[[nodiscard]] Result<const Attack*> find_attack(std::string_view name);

}  // namespace fedstake::sim
