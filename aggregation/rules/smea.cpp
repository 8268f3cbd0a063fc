// All subsets in lexicographic order.
#include "aggregation/rules/smea.hpp"

#include <algorithm>
#include <numeric>

#include "aggregation/rules/eigen.hpp"
#include "aggregation/rules/gram.hpp"
#include "proto/base/check.hpp"

namespace fedstake::aggregation {
namespace {

// A subset replaces an earlier one only if it is better by more than rounding.
constexpr double kLess = 1.0 - 1e-12;
// A bound rules a subset out only if it is worse by more than rounding.
constexpr double kSurelyMore = 1.0 + 1e-9;

// The next subset of the same size in lexicographic order; false after the last.
bool advance(std::vector<std::size_t>& subset, std::size_t n) {
    const std::size_t count = subset.size();
    for (std::size_t place = count; place-- > 0;) {
        if (subset[place] + count - place < n) {
            ++subset[place];
            for (std::size_t next = place + 1; next < count; ++next) {
                subset[next] = subset[next - 1] + 1;
            }
            return true;
        }
    }
    return false;
}

// trace(G^2) / trace(G), at most the largest eigenvalue of a matrix without negative ones.
double eigenvalue_bound(const std::vector<double>& gram, std::size_t count) {
    double squares = 0.0;
    for (const double entry : gram) {
        squares += entry * entry;
    }
    double trace = 0.0;
    for (std::size_t a = 0; a < count; ++a) {
        trace += gram[a * count + a];
    }
    return trace > 0.0 ? squares / trace : 0.0;
}

}  // namespace

std::uint64_t subset_count(std::uint64_t n, std::uint64_t f) noexcept {
    constexpr std::uint64_t kMost = std::uint64_t{1} << 62U;
    const std::uint64_t steps = std::min(f, n - f);
    std::uint64_t result = 1;
    for (std::uint64_t k = 1; k <= steps; ++k) {
        const std::uint64_t factor = n - steps + k;
        if (result > kMost / factor) {
            return kMost;
        }
        result = result * factor / k;
    }
    return result;
}

std::vector<std::size_t> least_eigenvalue_subset(const Geometry& geometry, std::size_t f) {
    const std::size_t n = geometry.rows();
    FS_CHECK(f < n);
    std::vector<std::size_t> subset(n - f);
    std::iota(subset.begin(), subset.end(), std::size_t{0});
    std::vector<std::size_t> best = subset;
    if (f == 0) {
        return best;
    }
    double least = 0.0;
    bool first = true;
    do {
        const std::vector<double> gram = centred_gram(geometry, subset);
        if (!first && eigenvalue_bound(gram, subset.size()) > least * kSurelyMore) {
            continue;
        }
        const double value = std::max(0.0, symmetric_eigenvalues(gram, subset.size()).front());
        if (first || value < least * kLess) {
            least = value;
            best = subset;
            first = false;
        }
    } while (advance(subset, n));
    return best;
}

bool smea_supports(const Arguments& a) {
    if (a.n <= 2 * std::size_t{a.f}) {
        return false;
    }
    const std::uint64_t subsets = subset_count(a.n, a.f);
    const std::uint64_t rows = a.n - a.f;
    return a.f == 0 ||
           (subsets <= kSmeaSubsetsMax && subsets <= kSmeaWorkMax / (rows * rows * rows));
}

Result<RuleAnswer> smea(const RuleInput& input) {
    RuleAnswer answer;
    answer.combination =
        mean_of(input.arguments.n, least_eigenvalue_subset(*input.geometry, input.arguments.f));
    return answer;
}

}  // namespace fedstake::aggregation
