// Partial sums of sorted rows of the distance matrix.
#include "aggregation/rules/krum.hpp"

#include <algorithm>
#include <numeric>

#include "proto/base/check.hpp"

namespace fedstake::aggregation {
namespace {

constexpr std::size_t kParameterM = 0;

// n - f - beyond_f, at least one while there are other rows.
std::size_t neighbours_of(const Arguments& a, std::size_t beyond_f) {
    const std::size_t wanted = a.n > a.f + beyond_f ? a.n - a.f - beyond_f : 1;
    return std::min(wanted, a.n - 1);
}

RuleAnswer mean_of_lowest(const RuleInput& input, std::size_t neighbours, std::size_t count) {
    RuleAnswer answer;
    answer.combination =
        mean_of(input.arguments.n, lowest_krum_scores(*input.geometry, neighbours, count));
    return answer;
}

}  // namespace

std::vector<double> krum_scores(const Geometry& geometry, std::size_t neighbours) {
    const std::size_t n = geometry.rows();
    FS_CHECK(neighbours < n);
    std::vector<double> scores(n, 0.0);
    std::vector<double> others;
    for (std::size_t i = 0; i < n; ++i) {
        others.clear();
        for (std::size_t j = 0; j < n; ++j) {
            if (j != i) {
                others.push_back(geometry.square(i, j));
            }
        }
        std::sort(others.begin(), others.end());
        for (std::size_t k = 0; k < neighbours; ++k) {
            scores[i] += others[k];
        }
    }
    return scores;
}

std::vector<std::size_t> lowest_krum_scores(const Geometry& geometry, std::size_t neighbours,
                                            std::size_t count) {
    FS_CHECK(count <= geometry.rows());
    const std::vector<double> scores = krum_scores(geometry, neighbours);
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
    order.resize(count);
    return order;
}

bool krum_supports(const Arguments& a) {
    return a.n > 2 * std::size_t{a.f};
}
bool krum_paper_supports(const Arguments& a) {
    return a.n >= 2 * std::size_t{a.f} + 3;
}

std::size_t multi_krum_most(const Arguments& a) {
    return a.n - a.f;
}
std::size_t multi_krum_paper_most(const Arguments& a) {
    return a.n - a.f - 2;
}

Result<RuleAnswer> krum(const RuleInput& input) {
    return mean_of_lowest(input, neighbours_of(input.arguments, 1), 1);
}
Result<RuleAnswer> krum_paper(const RuleInput& input) {
    return mean_of_lowest(input, neighbours_of(input.arguments, 2), 1);
}
Result<RuleAnswer> multi_krum(const RuleInput& input) {
    const Arguments& a = input.arguments;
    const std::size_t most = multi_krum_most(a);
    return mean_of_lowest(input, neighbours_of(a, 1), std::min(a.count(kParameterM, most), most));
}
Result<RuleAnswer> multi_krum_paper(const RuleInput& input) {
    const Arguments& a = input.arguments;
    const std::size_t most = multi_krum_paper_most(a);
    return mean_of_lowest(input, neighbours_of(a, 2), std::min(a.count(kParameterM, most), most));
}

}  // namespace fedstake::aggregation
