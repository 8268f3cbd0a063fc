// Values by definition, in exact integers.
#include "aggregation/contribution/exact_values.hpp"

#include <array>
#include <bit>
#include <cstdint>

#include <fmt/format.h>

#include "aggregation/integer_math.hpp"

namespace fedstake::aggregation::contribution {
namespace {

// kExactRowsMax! fits with room: sums of marginals times factorials stay below 2^75.
constexpr std::array<std::int64_t, kExactRowsMax + 1> factorials() {
    std::array<std::int64_t, kExactRowsMax + 1> result{1};
    for (std::size_t k = 1; k < result.size(); ++k) {
        result[k] = result[k - 1] * static_cast<std::int64_t>(k);
    }
    return result;
}

// steps[mask]: the utility of the rows whose bits are set.
Result<std::vector<std::int64_t>> all_subsets(CachedUtility& utility) {
    const std::size_t n = utility.rows();
    if (n > kExactRowsMax) {
        return fail(Errc::kLimitExceeded,
                    fmt::format("{} rows have 2^{} subsets: exact contributions end at {} rows, "
                                "sample beyond",
                                n, n, kExactRowsMax));
    }
    std::vector<std::int64_t> steps(std::size_t{1} << n);
    for (std::size_t mask = 0; mask < steps.size(); ++mask) {
        Subset subset;
        for (std::size_t row = 0; row < n; ++row) {
            if (((mask >> row) & 1U) != 0) {
                subset.insert(row);
            }
        }
        FS_ASSIGN(steps[mask], utility.steps(subset));
    }
    return steps;
}

// sums[s]: of the marginals of `row` over the subsets of s other rows.
std::array<std::int64_t, kExactRowsMax> sums_by_size(const std::vector<std::int64_t>& steps,
                                                     std::size_t row) {
    std::array<std::int64_t, kExactRowsMax> sums{};
    const std::size_t bit = std::size_t{1} << row;
    for (std::size_t mask = 0; mask < steps.size(); ++mask) {
        if ((mask & bit) == 0) {
            sums[static_cast<std::size_t>(std::popcount(mask))] += steps[mask | bit] - steps[mask];
        }
    }
    return sums;
}

}  // namespace

Result<std::vector<double>> leave_one_out(CachedUtility& utility) {
    Subset rows = Subset::all(utility.rows());
    FS_ASSIGN(const std::int64_t whole, utility.steps(rows));
    std::vector<double> values;
    for (std::size_t i = 0; i < utility.rows(); ++i) {
        rows.erase(i);
        FS_ASSIGN(const std::int64_t without, utility.steps(rows));
        rows.insert(i);
        values.push_back(static_cast<double>(whole - without) / kUtilitySteps);
    }
    return values;
}

Result<std::vector<double>> shapley_exact(CachedUtility& utility) {
    constexpr auto kFactorials = factorials();
    FS_ASSIGN(const std::vector<std::int64_t> steps, all_subsets(utility));
    const std::size_t n = utility.rows();
    std::vector<double> values;
    for (std::size_t i = 0; i < n; ++i) {
        const auto sums = sums_by_size(steps, i);
        SignedWide total = 0;
        for (std::size_t s = 0; s < n; ++s) {
            total += SignedWide{sums[s]} * kFactorials[s] * kFactorials[n - 1 - s];
        }
        values.push_back(to_double(total) / (static_cast<double>(kFactorials[n]) * kUtilitySteps));
    }
    return values;
}

Result<std::vector<double>> banzhaf_exact(CachedUtility& utility) {
    FS_ASSIGN(const std::vector<std::int64_t> steps, all_subsets(utility));
    const std::size_t n = utility.rows();
    const auto halves = static_cast<double>(std::size_t{1} << (n - 1));
    std::vector<double> values;
    for (std::size_t i = 0; i < n; ++i) {
        std::int64_t total = 0;  // at most 2^9 marginals of at most 2^43: exact as a double
        for (const std::int64_t sum : sums_by_size(steps, i)) {
            total += sum;
        }
        values.push_back(static_cast<double>(total) / (halves * kUtilitySteps));
    }
    return values;
}

}  // namespace fedstake::aggregation::contribution
