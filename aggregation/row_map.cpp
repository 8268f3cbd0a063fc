// Integer row maps and their products.
#include "aggregation/row_map.hpp"

#include <algorithm>

#include "aggregation/integer_math.hpp"
#include "proto/base/check.hpp"

namespace fedstake::aggregation {
namespace {

constexpr std::uint64_t kExactDenominatorMax = std::uint64_t{1} << 20U;

// The nearest integer to sum * to / from.
std::uint32_t rescaled(Wide sum, std::uint64_t from, std::uint64_t to) {
    return static_cast<std::uint32_t>((2 * sum * to + from) / (Wide{2} * from));
}

}  // namespace

RowMap RowMap::identity(std::size_t rows) {
    RowMap map(rows, rows, 1);
    for (std::size_t i = 0; i < rows; ++i) {
        map.set(i, i, 1);
    }
    return map;
}

RowMap::RowMap(std::size_t rows_out, std::size_t rows_in, std::uint32_t denominator)
    : rows_out_(rows_out),
      rows_in_(rows_in),
      denominator_(denominator),
      weights_(rows_out * rows_in, 0) {
    FS_CHECK(denominator >= 1 && denominator <= kWeightOne);
}

bool RowMap::is_identity() const noexcept {
    if (rows_out_ != rows_in_) {
        return false;
    }
    for (std::size_t i = 0; i < rows_out_; ++i) {
        for (std::size_t a = 0; a < rows_in_; ++a) {
            if (weight(i, a) != (i == a ? denominator_ : 0U)) {
                return false;
            }
        }
    }
    return true;
}

RowMap RowMap::then(const RowMap& next) const {
    FS_CHECK(next.rows_in() == rows_out_);
    if (next.is_identity()) {
        return *this;
    }
    if (is_identity()) {
        return next;
    }
    const std::uint64_t product = std::uint64_t{denominator_} * next.denominator();
    const std::uint64_t denominator = product <= kExactDenominatorMax ? product : kWeightOne;
    RowMap result(next.rows_out(), rows_in_, static_cast<std::uint32_t>(denominator));
    std::vector<Wide> sums(rows_in_);
    for (std::size_t i = 0; i < next.rows_out(); ++i) {
        std::fill(sums.begin(), sums.end(), Wide{0});
        for (std::size_t k = 0; k < rows_out_; ++k) {
            const std::uint64_t factor = next.weight(i, k);
            for (std::size_t a = 0; factor != 0 && a < rows_in_; ++a) {
                sums[a] += Wide{factor} * weight(k, a);
            }
        }
        // Rounding up everywhere could pass 1 by a few 2^-30: what is over goes from the largest.
        std::uint64_t total = 0;
        for (std::size_t a = 0; a < rows_in_; ++a) {
            result.set(i, a, rescaled(sums[a], product, denominator));
            total += result.weight(i, a);
        }
        while (total > denominator) {
            const auto row = result.weights(i);
            const auto largest = std::max_element(row.begin(), row.end());
            result.set(i, static_cast<std::size_t>(largest - row.begin()), *largest - 1);
            --total;
        }
    }
    return result;
}

RowMap RowMap::with_rows_behind(std::size_t count) const {
    RowMap result(rows_out_ + count, rows_in_ + count, denominator_);
    for (std::size_t i = 0; i < rows_out_; ++i) {
        for (std::size_t a = 0; a < rows_in_; ++a) {
            result.set(i, a, weight(i, a));
        }
    }
    for (std::size_t k = 0; k < count; ++k) {
        result.set(rows_out_ + k, rows_in_ + k, denominator_);
    }
    return result;
}

}  // namespace fedstake::aggregation
