// Steps from zero.
#include "aggregation/rules/weiszfeld_steps.hpp"

#include <utility>

#include "aggregation/rules/geometric_median.hpp"
#include "aggregation/rules/row_figures.hpp"

namespace fedstake::aggregation {
namespace {

constexpr std::size_t kNu = 0;
constexpr std::size_t kSteps = 1;
constexpr double kNuDefault = 0.1;
constexpr std::size_t kStepsDefault = 3;

}  // namespace

bool weiszfeld_steps_supports(const Arguments& arguments) {
    return has_honest_majority(arguments);
}

Result<RuleAnswer> weiszfeld_steps(const RuleInput& input) {
    const Geometry& geometry = *input.geometry;
    std::vector<double> squares;
    for (std::size_t i = 0; i < geometry.rows(); ++i) {
        squares.push_back(geometry.norm_square(i));
    }
    const WeiszfeldLimits limits{
        .smoothing = input.arguments.parameter(kNu, kNuDefault) / input.unit,
        .rest = 0.0,
        .iterations_max = input.arguments.count(kSteps, kStepsDefault)};
    RuleAnswer answer;
    answer.combination =
        convex_combination(weiszfeld_weights(geometry, std::move(squares), limits));
    return answer;
}

}  // namespace fedstake::aggregation
