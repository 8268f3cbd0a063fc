// Rows that a RowMap makes of rows, exact: y_i = rounded_div(sum over a of w_ia x_a, denominator)
// of integer_math.hpp, limited to +-(2^31 - 1).
//
// Each row takes the fastest way that is exact for its weights and for the magnitudes of the
// values:
// 1. Equal weights (bucketing, nearest-neighbour mixing): 32-bit sums of the rows with a weight, or
//    of all rows less those without one.
// 2. Sums below 2^53: a matrix product on doubles that hold integers.
// 3. Everything else: weighted.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "aggregation/kernels/aligned.hpp"
#include "aggregation/row_map.hpp"

namespace fedstake::aggregation::kernels {

// Thread-safe: one object serves all threads, each with its own scratch.
class Mixer {
public:
    explicit Mixer(const RowMap& map);

    [[nodiscard]] std::size_t rows_in() const noexcept { return map_.rows_in(); }
    [[nodiscard]] std::size_t rows_out() const noexcept { return map_.rows_out(); }
    // Values of the scratch array: 256 bytes for each row in.
    [[nodiscard]] std::size_t scratch_size() const noexcept;
    // The object's own memory: 16 bytes for each weight at most.
    [[nodiscard]] std::size_t bytes() const noexcept;

    // rows[a] and out[i] point to `columns` values. REQUIRES rows_in() rows, rows_out() outputs
    // that overlap no row, and scratch_size() values of scratch. O(rows_in rows_out columns).
    void run(std::span<const std::int32_t* const> rows, std::size_t columns,
             std::span<std::int32_t* const> out, AlignedArray<double>& scratch) const;

private:
    // How a row is made.
    enum class Way : std::uint8_t { kEqual, kProduct, kExact };
    // A row whose weights are 0 or one other value, weight / denominator in lowest terms.
    struct EqualWeights {
        bool possible = false;
        bool complement = false;  // the list holds the rows without a weight
        std::uint32_t weight = 0;
        std::uint32_t denominator = 1;
        std::vector<std::uint32_t> rows;
    };

    [[nodiscard]] static EqualWeights equal_weights(const RowMap& map, std::size_t out);
    [[nodiscard]] std::vector<Way> ways(std::span<const std::int32_t* const> rows,
                                        std::size_t columns) const;
    // One tile of columns of all rows that go that way.
    void equal_rows(std::span<const std::int32_t* const> rows, std::size_t first,
                    const std::vector<Way>& way, std::span<std::int32_t* const> out) const;
    void product_rows(std::span<const std::int32_t* const> rows, std::size_t first,
                      const std::vector<Way>& way, std::span<std::int32_t* const> out,
                      AlignedArray<double>& scratch) const;

    RowMap map_;
    std::vector<EqualWeights> equal_;  // for each row out
    // As doubles: for each four rows out, for each row in, four weights.
    AlignedArray<double> weights_;
};

}  // namespace fedstake::aggregation::kernels
