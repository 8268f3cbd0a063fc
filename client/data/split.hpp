// The fixed, published train/test split, and standardisation by training statistics.
//
// Split of n rows under a seed, so that another implementation gets the same rows:
//   1. train = floor(n * 66 / 100), at least 1 and at most n - 1.
//   2. Groups: one per class, ascending, its rows in file order. A class of 2 rows or fewer cannot
//      be stratified: where there is one, all rows form a single group.
//   3. Each group gets floor(train * size / n) training rows; what is left over goes one each to
//      the groups with the largest remainder (train * size mod n), ties to the lower class.
//   4. One Rng(seed) (proto/base/rng.hpp) shuffles the groups in order, each by Fisher-Yates from
//      the end. A group's first rows after the shuffle are its training rows.
//   5. Both parts are put back in file order.
#pragma once

#include <cstdint>
#include <vector>

#include "client/data/dataset.hpp"
#include "proto/base/result.hpp"

namespace fedstake::data {

struct SplitRows {
    std::vector<std::size_t> train;  // ascending
    std::vector<std::size_t> test;   // ascending
};
// RETURNS kInvalidInput for fewer than 2 rows.
[[nodiscard]] Result<SplitRows> split_rows(const Dataset& data, std::uint64_t seed);

// Mean and sample standard deviation (divisor n - 1) of each feature, in double.
class Standardiser {
public:
    // REQUIRES at least one row. With one row every deviation is 0.
    [[nodiscard]] static Standardiser fit(const Dataset& data);
    // feature = (feature - mean) / (deviation + 1e-9), rounded to float once; 0 where the feature
    // was constant in the fitted rows, which then say nothing about it.
    // REQUIRES the same number of inputs as fitted.
    [[nodiscard]] Dataset apply(const Dataset& data) const;
    [[nodiscard]] const std::vector<double>& mean() const noexcept { return mean_; }
    [[nodiscard]] const std::vector<double>& deviation() const noexcept { return deviation_; }

private:
    std::vector<double> mean_;
    std::vector<double> deviation_;
};

// A site's data as training needs it: split, then standardised by the training part alone.
struct PreparedData {
    Dataset train;
    Dataset test;
    Standardiser standardiser;
};
[[nodiscard]] Result<PreparedData> prepare(const Dataset& data, std::uint64_t split_seed);

}  // namespace fedstake::data
