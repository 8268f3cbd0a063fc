// The input of the aggregation benchmarks: n rows of 10^6 random values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "aggregation/row_set.hpp"

namespace fedstake::aggregation::bench {

inline constexpr std::size_t kColumns = 1'000'000;

struct BenchRows {
    // Uniform in [-2^bits, 2^bits): 23 is the precision of float32.
    explicit BenchRows(std::size_t n, unsigned bits = 23);

    std::vector<std::vector<std::int32_t>> matrix;
    std::vector<std::unique_ptr<VectorSource>> owned;
    // The same rows in the forms that are asked for.
    std::vector<const std::int32_t*> pointers;
    std::vector<const VectorSource*> sources;
    std::vector<Row> rows;
};

// Of 23 bits; made when it is first asked for, and kept until another n is.
[[nodiscard]] const BenchRows& rows_of(std::size_t n);

[[nodiscard]] std::int64_t bytes_of(std::size_t n);

}  // namespace fedstake::aggregation::bench
