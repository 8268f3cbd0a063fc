// A whole chain on a matrix, slowly: what the library may answer.
#pragma once

#include <cstdint>
#include <vector>

#include "proto/rules/round_rules.hpp"
#include "tests/aggregation/reference.hpp"
#include "tests/aggregation/reference/rules.hpp"

namespace fedstake::aggregation::slow {

struct ChainQuestion {
    reference::Matrix rows;
    reference::Matrix memory;  // as many as the rule has; zero rows before the first round
    std::vector<double> figures;
    std::vector<double> claims;
    rules::AggregationRules rules;
    double unit = 1.0;
    Digest seed;
};

struct ChainAnswer {
    Ranges aggregate;
    std::vector<Ranges> memory;
    std::vector<Real> figures;
    std::vector<Real> figure_errors;
    // Somewhere rows were chosen by less than the library's rounding: another answer may be right.
    bool doubtful = false;
    bool tied = false;  // the order of the rows decided a choice
    bool raw = false;   // the rule met the rows as they came in
};

// Fails the test for a rule that has no slow version.
[[nodiscard]] ChainAnswer answer(const ChainQuestion& question);

// Whether values lie within ranges.
[[nodiscard]] bool within(const reference::Values& values, const Ranges& ranges);

}  // namespace fedstake::aggregation::slow
