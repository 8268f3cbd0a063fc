// Subsets, the median over sites, and the cache.
#include "aggregation/contribution/utility.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "proto/base/check.hpp"

namespace fedstake::aggregation::contribution {
namespace {

// REQUIRES |value| <= kUtilityMax: the product is exact.
std::int64_t to_steps(double value) {
    return static_cast<std::int64_t>(std::floor(value * kUtilitySteps + 0.5));
}

}  // namespace

Subset Subset::all(std::size_t rows) noexcept {
    FS_CHECK(rows <= limits::kSitesMax);
    Subset result;
    for (std::size_t row = 0; row < rows; ++row) {
        result.insert(row);
    }
    return result;
}

std::size_t Subset::size() const noexcept {
    std::size_t count = 0;
    for (const std::uint64_t word : words_) {
        count += static_cast<std::size_t>(std::popcount(word));
    }
    return count;
}

std::vector<std::size_t> Subset::rows() const {
    std::vector<std::size_t> result;
    for (std::size_t k = 0; k < words_.size(); ++k) {
        for (std::uint64_t word = words_[k]; word != 0; word &= word - 1) {
            result.push_back(64 * k + static_cast<std::size_t>(std::countr_zero(word)));
        }
    }
    return result;
}

MedianUtility::MedianUtility(std::vector<Utility*> sites) : sites_(std::move(sites)) {
    FS_CHECK(!sites_.empty());
}

Result<double> MedianUtility::evaluate(std::span<const std::size_t> rows) {
    std::vector<double> values;
    for (std::size_t k = 0; k < sites_.size(); ++k) {
        const Result<double> value = sites_[k]->evaluate(rows);
        if (!value) {
            return with_context(value.error(),
                                fmt::format("validation site {} of {}", k + 1, sites_.size()));
        }
        if (!std::isfinite(*value)) {
            return fail(Errc::kInvalidInput,
                        fmt::format("validation site {} of {}: the utility is not a finite number",
                                    k + 1, sites_.size()));
        }
        values.push_back(*value);
    }
    std::sort(values.begin(), values.end());
    // Halved first: the sum of two large values must not overflow.
    return 0.5 * values[(values.size() - 1) / 2] + 0.5 * values[values.size() / 2];
}

Result<CachedUtility> CachedUtility::make(Utility& utility, std::size_t rows,
                                          const UtilityLimits& limits) {
    if (rows == 0 || rows > limits::kSitesMax) {
        return fail(
            Errc::kInvalidInput,
            fmt::format("contributions of {} rows: 1 to {} can be told", rows, limits::kSitesMax));
    }
    // Written so that NaN fails too.
    if (!(limits.low >= -kUtilityMax && limits.low < limits.high && limits.high <= kUtilityMax)) {
        return fail(Errc::kInvalidInput,
                    fmt::format("utilities limited to [{}, {}]: needs {} <= low < high <= {}",
                                limits.low, limits.high, -kUtilityMax, kUtilityMax));
    }
    return CachedUtility(utility, rows, limits);
}

Result<std::int64_t> CachedUtility::steps(const Subset& subset) {
    const auto place = known_.lower_bound(subset);
    if (place != known_.end() && place->first == subset) {
        return place->second;
    }
    const std::vector<std::size_t> rows = subset.rows();
    FS_CHECK(rows.empty() || rows.back() < rows_);
    ++evaluations_;
    const Result<double> value = utility_->evaluate(rows);
    if (!value) {
        return with_context(value.error(),
                            fmt::format("utility of {} of {} rows", rows.size(), rows_));
    }
    if (!std::isfinite(*value)) {
        return fail(Errc::kInvalidInput,
                    fmt::format("utility of {} of {} rows: {} is not a finite number; report the "
                                "lowest utility for a model that cannot be evaluated",
                                rows.size(), rows_, *value));
    }
    const std::int64_t steps = to_steps(std::clamp(*value, limits_.low, limits_.high));
    least_ = known_.empty() ? steps : std::min(least_, steps);
    greatest_ = known_.empty() ? steps : std::max(greatest_, steps);
    known_.emplace_hint(place, subset, steps);
    return steps;
}

double CachedUtility::range() const noexcept {
    return static_cast<double>(greatest_ - least_) / kUtilitySteps;
}

}  // namespace fedstake::aggregation::contribution
