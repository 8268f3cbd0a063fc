// One clipped mean.
#include "aggregation/rules/norm_difference.hpp"

#include "aggregation/rules/row_figures.hpp"

namespace fedstake::aggregation {

bool norm_difference_supports(const Arguments& arguments) {
    return arguments.n >= 1;
}

Result<RuleAnswer> norm_difference_clipping(const RuleInput& input) {
    constexpr std::size_t kNorm = 0;
    const double limit = input.arguments.parameter(kNorm, 0.0) / input.unit;
    RuleAnswer answer;
    answer.combination = clipped_mean(*input.geometry, first_rows(input.arguments.n), limit);
    return answer;
}

}  // namespace fedstake::aggregation
