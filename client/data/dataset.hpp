// A site's rows in memory: numeric features and class labels, ready for training.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "proto/base/rng.hpp"

namespace fedstake::data {

struct Dataset {
    std::size_t inputs = 0;                  // features per row
    std::uint32_t classes = 2;               // labels are 0 .. classes-1
    std::vector<std::string> feature_names;  // `inputs` names, e.g. "age", "cp=3"
    std::vector<float> features;             // row-major, rows() * inputs
    std::vector<std::int32_t> labels;        // one per row

    [[nodiscard]] std::size_t rows() const noexcept { return labels.size(); }
    [[nodiscard]] std::span<const float> row(std::size_t index) const noexcept {
        return std::span(features).subspan(index * inputs, inputs);
    }
    // Rows whose label is not 0.
    [[nodiscard]] std::size_t positives() const noexcept;
    friend bool operator==(const Dataset&, const Dataset&) = default;
};

// The named rows, in the order given, repeats included. REQUIRES every index < rows().
[[nodiscard]] Dataset select_rows(const Dataset& data, std::span<const std::size_t> rows);

// As many rows as `data` has, each drawn uniformly with replacement.
[[nodiscard]] Dataset bootstrap(const Dataset& data, Rng& rng);

}  // namespace fedstake::data
