// Cluster, clip, mean, noise.
#include "aggregation/rules/flame.hpp"

#include "aggregation/rules/clusters.hpp"
#include "aggregation/rules/row_figures.hpp"

namespace fedstake::aggregation {
namespace {

constexpr std::size_t kNoise = 0;

}  // namespace

bool flame_supports(const Arguments& arguments) {
    return has_honest_majority(arguments);
}

Result<RuleAnswer> flame(const RuleInput& input) {
    const std::size_t n = input.arguments.n;
    const Geometry& geometry = *input.geometry;
    const std::vector<std::size_t> kept =
        first_single_linkage_component(cosine_distances(geometry, n), n / 2 + 1);
    RuleAnswer answer;
    const double limit = middle_of(norms_of(geometry, n));
    answer.combination = clipped_mean(geometry, kept, limit);
    answer.combination.noise = {.deviation = input.arguments.parameter(kNoise, 0.0) * limit,
                                .seed = input.seed};
    return answer;
}

}  // namespace fedstake::aggregation
