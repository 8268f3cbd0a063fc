// The split's arithmetic is integer only; standardisation sums rows in file order.
#include "client/data/split.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "proto/base/check.hpp"

namespace fedstake::data {

namespace {

constexpr std::size_t kTrainPercent = 66;
constexpr std::size_t kSmallestStratum = 3;
constexpr double kDeviationFloor = 1e-9;

// Row numbers per class, or one group of all rows where a class is too small to stratify.
std::vector<std::vector<std::size_t>> strata(const Dataset& data) {
    std::vector<std::vector<std::size_t>> groups(data.classes);
    for (std::size_t i = 0; i < data.rows(); ++i) {
        groups[static_cast<std::size_t>(data.labels[i])].push_back(i);
    }
    std::erase_if(groups, [](const auto& group) { return group.empty(); });
    if (std::any_of(groups.begin(), groups.end(),
                    [](const auto& group) { return group.size() < kSmallestStratum; })) {
        groups.assign(1, std::vector<std::size_t>(data.rows()));
        std::iota(groups.front().begin(), groups.front().end(), std::size_t{0});
    }
    return groups;
}

// Training rows of each group, by largest remainder; sums to `train`.
std::vector<std::size_t> quotas(const std::vector<std::vector<std::size_t>>& groups,
                                std::size_t train, std::size_t rows) {
    std::vector<std::size_t> quota;
    std::vector<std::size_t> order(groups.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (const auto& group : groups) quota.push_back(train * group.size() / rows);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return train * groups[a].size() % rows > train * groups[b].size() % rows;
    });
    std::size_t left = train - std::accumulate(quota.begin(), quota.end(), std::size_t{0});
    for (std::size_t i = 0; left > 0; ++i, --left) ++quota[order[i]];
    return quota;
}

}  // namespace

Result<SplitRows> split_rows(const Dataset& data, std::uint64_t seed) {
    const std::size_t rows = data.rows();
    if (rows < 2) {
        return fail(Errc::kInvalidInput,
                    "a site needs at least 2 complete rows, one to train and one to test on");
    }
    const std::size_t train = std::clamp(rows * kTrainPercent / 100, std::size_t{1}, rows - 1);
    auto groups = strata(data);
    const auto quota = quotas(groups, train, rows);
    Rng rng(seed);
    SplitRows split;
    for (std::size_t g = 0; g < groups.size(); ++g) {
        rng.shuffle(std::span(groups[g]));
        const auto middle = groups[g].begin() + static_cast<std::ptrdiff_t>(quota[g]);
        split.train.insert(split.train.end(), groups[g].begin(), middle);
        split.test.insert(split.test.end(), middle, groups[g].end());
    }
    std::sort(split.train.begin(), split.train.end());
    std::sort(split.test.begin(), split.test.end());
    return split;
}

Standardiser Standardiser::fit(const Dataset& data) {
    FS_CHECK(data.rows() > 0);
    const auto rows = static_cast<double>(data.rows());
    Standardiser result;
    result.mean_.assign(data.inputs, 0.0);
    result.deviation_.assign(data.inputs, 0.0);
    for (std::size_t j = 0; j < data.inputs; ++j) {
        double sum = 0.0;
        for (std::size_t i = 0; i < data.rows(); ++i) {
            sum += static_cast<double>(data.features[i * data.inputs + j]);
        }
        const double mean = sum / rows;
        double squares = 0.0;
        bool constant = true;
        for (std::size_t i = 0; i < data.rows(); ++i) {
            const double off = static_cast<double>(data.features[i * data.inputs + j]) - mean;
            squares += off * off;
            constant = constant && data.features[i * data.inputs + j] == data.features[j];
        }
        result.mean_[j] = mean;
        // Exactly 0 for a constant feature, whatever the mean's rounding.
        if (!constant) result.deviation_[j] = std::sqrt(squares / (rows - 1.0));
    }
    return result;
}

Dataset Standardiser::apply(const Dataset& data) const {
    FS_CHECK(data.inputs == mean_.size());
    Dataset scaled = data;
    for (std::size_t i = 0; i < scaled.features.size(); ++i) {
        const std::size_t j = i % data.inputs;
        const double off = static_cast<double>(data.features[i]) - mean_[j];
        scaled.features[i] = deviation_[j] == 0.0
                                 ? 0.0F
                                 : static_cast<float>(off / (deviation_[j] + kDeviationFloor));
    }
    return scaled;
}

Result<PreparedData> prepare(const Dataset& data, std::uint64_t split_seed) {
    FS_ASSIGN(const SplitRows split, split_rows(data, split_seed));
    const Dataset train = select_rows(data, split.train);
    Standardiser standardiser = Standardiser::fit(train);
    Dataset scaled_train = standardiser.apply(train);
    Dataset scaled_test = standardiser.apply(select_rows(data, split.test));
    return PreparedData{.train = std::move(scaled_train),
                        .test = std::move(scaled_test),
                        .standardiser = std::move(standardiser)};
}

}  // namespace fedstake::data
