// The parameter of rules that look at one site's row: which one.
#pragma once

#include "aggregation/rule.hpp"
#include "proto/base/limits.hpp"

namespace fedstake::aggregation {

inline constexpr ParameterInfo kTrustedParameter{
    .name = "trusted",
    .meaning = "place, from 0, of the trusted site in the cohort, or of its row in a matrix",
    .minimum = 0.0,
    .maximum = static_cast<double>(limits::kSitesMax - 1),
    .integer = true,
    .required = true};

}  // namespace fedstake::aggregation
