// The pre-aggregations on points of real numbers.
#pragma once

#include "proto/rules/round_rules.hpp"
#include "tests/aggregation/reference/scene.hpp"

namespace fedstake::aggregation::slow {

// By name; fails the test for one that it does not know. seed: of this step.
void apply_step(Scene& scene, const rules::Step& step, const Digest& seed);

// The rule's value for a parameter, by name.
[[nodiscard]] Real parameter(const rules::Step& step, std::string_view name, Real otherwise);

}  // namespace fedstake::aggregation::slow
