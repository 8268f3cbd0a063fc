// Counting and picking rows.
#include "client/data/dataset.hpp"

#include <algorithm>

#include "proto/base/check.hpp"

namespace fedstake::data {

std::size_t Dataset::positives() const noexcept {
    return static_cast<std::size_t>(
        std::count_if(labels.begin(), labels.end(), [](std::int32_t label) { return label != 0; }));
}

Dataset select_rows(const Dataset& data, std::span<const std::size_t> rows) {
    Dataset picked{.inputs = data.inputs,
                   .classes = data.classes,
                   .feature_names = data.feature_names,
                   .features = {},
                   .labels = {}};
    picked.features.reserve(rows.size() * data.inputs);
    picked.labels.reserve(rows.size());
    for (const std::size_t index : rows) {
        FS_CHECK(index < data.rows());
        const auto values = data.row(index);
        picked.features.insert(picked.features.end(), values.begin(), values.end());
        picked.labels.push_back(data.labels[index]);
    }
    return picked;
}

Dataset bootstrap(const Dataset& data, Rng& rng) {
    std::vector<std::size_t> rows(data.rows());
    for (auto& row : rows) row = static_cast<std::size_t>(rng.below(data.rows()));
    return select_rows(data, rows);
}

}  // namespace fedstake::data
