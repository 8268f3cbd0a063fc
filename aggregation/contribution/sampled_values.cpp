// Sampled subsets and sampled permutations.
#include "aggregation/contribution/sampled_values.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <deque>
#include <numeric>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "aggregation/integer_math.hpp"

namespace fedstake::aggregation::contribution {
namespace {

// Utilities of the subsets on one side of a row, in steps. Exact for kSamplesMax of them.
struct Side {
    std::int64_t count = 0;
    std::int64_t sum = 0;
    Wide squares = 0;

    void add(std::int64_t steps) {
        ++count;
        sum += steps;
        squares += static_cast<Wide>(SignedWide{steps} * steps);
    }
    [[nodiscard]] double mean() const {
        return static_cast<double>(sum) / static_cast<double>(count);
    }
    // Squared standard error of the mean. REQUIRES count >= 2.
    [[nodiscard]] double variance_of_mean() const {
        const Wide spread =
            static_cast<Wide>(count) * squares - static_cast<Wide>(SignedWide{sum} * sum);
        const auto k = static_cast<double>(count);
        return to_double(spread) / (k * k * (k - 1.0));
    }
};

Subset random_subset(std::size_t rows, Rng& rng) {
    Subset subset;
    std::uint64_t bits = 0;
    for (std::size_t row = 0; row < rows; ++row) {
        if (row % 64 == 0) {
            bits = rng.next();
        }
        if (((bits >> (row % 64)) & 1U) != 0) {
            subset.insert(row);
        }
    }
    return subset;
}

Status check(const GtgOptions& options) {
    for (const double value : {options.round_gain, options.truncation, options.tolerance}) {
        if (!(value >= 0.0 && std::isfinite(value))) {
            return fail(
                Errc::kInvalidInput,
                fmt::format("GTG-Shapley with round gain {}, truncation {} and tolerance {}: "
                            "each must be a finite number >= 0",
                            options.round_gain, options.truncation, options.tolerance));
        }
    }
    if (options.permutations_max == 0 || options.permutations_max < options.permutations_min ||
        options.permutations_max > kSamplesMax) {
        return fail(Errc::kInvalidInput,
                    fmt::format("GTG-Shapley with {} to {} permutations: needs at least 1, at most "
                                "{}, and the larger number last",
                                options.permutations_min, options.permutations_max, kSamplesMax));
    }
    return {};
}

// One run of GTG-Shapley: sums of marginals, and the means after the last turns.
class Permutations {
public:
    Permutations(CachedUtility& utility, double truncation, Rng& rng)
        : utility_(utility), truncation_(truncation), rng_(rng), sums_(utility.rows(), 0) {}

    // U(N) - U(empty), in units of the utility.
    Result<double> gain() {
        FS_ASSIGN(empty_, utility_.steps(Subset{}));
        FS_ASSIGN(whole_, utility_.steps(Subset::all(utility_.rows())));
        return static_cast<double>(whole_ - empty_) / kUtilitySteps;
    }

    // One permutation with each row in front. REQUIRES gain().
    Status turn() {
        for (std::size_t first = 0; first < utility_.rows(); ++first) {
            FS_TRY(walk(permutation(first)));
            ++count_;
        }
        history_.push_back(values());
        if (history_.size() > turns_back() + 1) {
            history_.pop_front();
        }
        return {};
    }

    [[nodiscard]] std::size_t count() const { return count_; }

    [[nodiscard]] std::vector<double> values() const {
        std::vector<double> result;
        for (const std::int64_t sum : sums_) {
            result.push_back(static_cast<double>(sum) /
                             (static_cast<double>(count_) * kUtilitySteps));
        }
        return result;
    }

    // The change since each of the turns looked back to, on average, against the sum of |values|.
    [[nodiscard]] bool is_steady(double tolerance) const {
        if (history_.size() <= turns_back()) {
            return false;
        }
        const std::vector<double>& now = history_.back();
        double size = 0.0;
        for (const double value : now) {
            size += std::fabs(value);
        }
        double change = 0.0;
        for (std::size_t k = 0; k < turns_back(); ++k) {
            for (std::size_t i = 0; i < now.size(); ++i) {
                change += std::fabs(history_[k][i] - now[i]);
            }
        }
        return change <= tolerance * size * static_cast<double>(turns_back());
    }

private:
    static constexpr std::size_t kLookBack = 10;  // permutations

    [[nodiscard]] std::size_t turns_back() const {
        return (kLookBack + utility_.rows() - 1) / utility_.rows();
    }

    std::vector<std::size_t> permutation(std::size_t first) {
        std::vector<std::size_t> rows(utility_.rows());
        std::iota(rows.begin(), rows.end(), std::size_t{0});
        std::swap(rows[0], rows[first]);
        rng_.shuffle(std::span<std::size_t>(rows).subspan(1));
        return rows;
    }

    Status walk(const std::vector<std::size_t>& rows) {
        Subset subset;
        std::int64_t before = empty_;
        for (const std::size_t row : rows) {
            if (std::fabs(static_cast<double>(whole_ - before)) / kUtilitySteps < truncation_) {
                return {};
            }
            subset.insert(row);
            FS_ASSIGN(const std::int64_t after, utility_.steps(subset));
            sums_[row] += after - before;
            before = after;
        }
        return {};
    }

    CachedUtility& utility_;
    double truncation_;
    Rng& rng_;
    std::int64_t empty_ = 0;
    std::int64_t whole_ = 0;
    std::size_t count_ = 0;
    std::vector<std::int64_t> sums_;
    std::deque<std::vector<double>> history_;
};

}  // namespace

Result<SampledValues> banzhaf_sampled(CachedUtility& utility, std::size_t samples, Rng& rng) {
    if (samples < 4 || samples > kSamplesMax) {
        return fail(Errc::kInvalidInput,
                    fmt::format("Banzhaf values from {} subsets: 4 to {} can be sampled", samples,
                                kSamplesMax));
    }
    const std::size_t n = utility.rows();
    std::vector<Side> with(n);
    std::vector<Side> without(n);
    for (std::size_t k = 0; k < samples; ++k) {
        const Subset subset = random_subset(n, rng);
        FS_ASSIGN(const std::int64_t steps, utility.steps(subset));
        for (std::size_t i = 0; i < n; ++i) {
            (subset.contains(i) ? with : without)[i].add(steps);
        }
    }
    SampledValues result{.values = std::vector<double>(n, 0.0),
                         .standard_errors = std::vector<double>(n, utility.span())};
    for (std::size_t i = 0; i < n; ++i) {
        if (with[i].count >= 2 && without[i].count >= 2) {
            result.values[i] = (with[i].mean() - without[i].mean()) / kUtilitySteps;
            result.standard_errors[i] =
                std::sqrt(with[i].variance_of_mean() + without[i].variance_of_mean()) /
                kUtilitySteps;
        }
    }
    return result;
}

std::vector<double> lower_bounds(const SampledValues& sampled, double deviations) {
    std::vector<double> result;
    for (std::size_t i = 0; i < sampled.values.size(); ++i) {
        result.push_back(sampled.values[i] - deviations * sampled.standard_errors[i]);
    }
    return result;
}

Result<GtgValues> gtg_shapley(CachedUtility& utility, const GtgOptions& options, Rng& rng) {
    FS_TRY(check(options));
    Permutations run(utility, options.truncation, rng);
    FS_ASSIGN(const double gain, run.gain());
    if (std::fabs(gain) <= options.round_gain) {
        return GtgValues{.values = std::vector<double>(utility.rows(), 0.0)};
    }
    bool steady = false;
    while (!steady && run.count() < options.permutations_max) {
        FS_TRY(run.turn());
        steady = run.count() >= options.permutations_min && run.is_steady(options.tolerance);
    }
    return GtgValues{.values = run.values(), .permutations = run.count(), .converged = steady};
}

}  // namespace fedstake::aggregation::contribution
