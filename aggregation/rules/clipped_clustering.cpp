// History of norms, cluster, clip, mean.
#include "aggregation/rules/clipped_clustering.hpp"

#include <algorithm>

#include "aggregation/rules/clusters.hpp"
#include "aggregation/rules/row_figures.hpp"

namespace fedstake::aggregation {

bool clipped_clustering_supports(const Arguments& arguments) {
    return has_honest_majority(arguments);
}

Result<RuleAnswer> clipped_clustering(const RuleInput& input) {
    const std::size_t n = input.arguments.n;
    const Geometry& geometry = *input.geometry;
    RuleAnswer answer;
    std::vector<double>& history = answer.memory.figures;
    history = input.memory->figures;
    if (std::any_of(history.begin(), history.end(), [](double norm) { return norm < 0.0; })) {
        return fail(Errc::kCorrupt,
                    "clipped-clustering: the history of norms holds a negative one");
    }
    for (const double norm : norms_of(geometry, n)) {
        history.push_back(norm * input.unit);
    }
    if (history.size() > kNormHistoryMax) {
        const auto excess = static_cast<std::ptrdiff_t>(history.size() - kNormHistoryMax);
        history.erase(history.begin(), history.begin() + excess);
    }
    // A row's length does not change its angles: clipping may follow the clustering.
    const std::vector<std::size_t> kept =
        larger_average_linkage_cluster(cosine_distances(geometry, n));
    answer.combination = clipped_mean(geometry, kept, middle_of(history) / input.unit);
    return answer;
}

}  // namespace fedstake::aggregation
