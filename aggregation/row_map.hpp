// What pre-aggregations do to the rows of a round: each new row is a combination of the old ones
// with integer weights over one integer denominator.
//
//   y_i = (1 / denominator) * sum over a of weight(i, a) * x_a
//
// Norm clipping and ARC scale rows, bucketing and nearest-neighbour mixing average them; a chain of
// steps is the product of their maps. Weights are integers so that the coordinates of y, and what a
// rule makes of them, are the same on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fedstake::aggregation {

// Real weights become integers over 2^30.
inline constexpr std::uint32_t kWeightOne = 1U << 30U;

class RowMap {
public:
    // Every row stays.
    static RowMap identity(std::size_t rows);
    // All weights 0. REQUIRES 1 <= denominator <= kWeightOne.
    RowMap(std::size_t rows_out, std::size_t rows_in, std::uint32_t denominator);

    [[nodiscard]] std::size_t rows_out() const noexcept { return rows_out_; }
    [[nodiscard]] std::size_t rows_in() const noexcept { return rows_in_; }
    [[nodiscard]] std::uint32_t denominator() const noexcept { return denominator_; }
    [[nodiscard]] std::uint32_t weight(std::size_t out, std::size_t in) const noexcept {
        return weights_[out * rows_in_ + in];
    }
    [[nodiscard]] std::span<const std::uint32_t> weights(std::size_t out) const noexcept {
        return {weights_.data() + out * rows_in_, rows_in_};
    }
    // REQUIRES that the weights of a row sum to at most its denominator.
    void set(std::size_t out, std::size_t in, std::uint32_t weight) noexcept {
        weights_[out * rows_in_ + in] = weight;
    }
    [[nodiscard]] bool is_identity() const noexcept;

    // The map that does this one first and `next` after it. Exact while the product of the
    // denominators is at most 2^20; otherwise weights are rounded to the nearest of 2^-30.
    [[nodiscard]] RowMap then(const RowMap& next) const;

    // This map, and `count` more rows behind it that stay as they are.
    [[nodiscard]] RowMap with_rows_behind(std::size_t count) const;

private:
    std::size_t rows_out_;
    std::size_t rows_in_;
    std::uint32_t denominator_;
    std::vector<std::uint32_t> weights_;
};

}  // namespace fedstake::aggregation
