// Shapes of rows and 128-bit arithmetic for the tests of kernels.
#include "tests/aggregation/kernels/kernel_support.hpp"

#include <limits>

namespace fedstake::aggregation::kernels::testing {
namespace {

constexpr std::int32_t kLeast = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t kMost = std::numeric_limits<std::int32_t>::max();

std::int32_t any_value(Rng& rng, unsigned bits) {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(rng.next())) >> (31U - bits);
}

}  // namespace

Matrix hostile_rows(Rng& rng, std::size_t rows, std::size_t columns) {
    Matrix result(rows, Values(columns));
    for (Values& row : result) {
        const std::uint64_t shape = rng.below(6);
        const auto bits = static_cast<unsigned>(rng.below(32));
        const std::int32_t constant = any_value(rng, bits);
        for (std::size_t j = 0; j < columns; ++j) {
            switch (shape) {
                case 0: row[j] = j % 2 == 0 ? kLeast : kMost; break;
                case 1: row[j] = rng.below(2) == 0 ? kLeast : kMost; break;
                case 2: row[j] = constant; break;
                case 3: row[j] = any_value(rng, static_cast<unsigned>(rng.below(32))); break;
                default: row[j] = any_value(rng, bits); break;
            }
        }
    }
    return result;
}

Matrix uniform_rows(Rng& rng, std::size_t rows, std::size_t columns, unsigned bits) {
    Matrix result(rows, Values(columns));
    for (Values& row : result) {
        for (std::int32_t& value : row) {
            value = any_value(rng, bits);
        }
    }
    return result;
}

Matrix rows_beside_halves(std::uint32_t denominator, std::int32_t middle, std::size_t columns) {
    const auto half = static_cast<std::int32_t>(denominator / 2);
    Matrix result(2);
    for (std::size_t j = 0; j < columns; ++j) {
        const std::int32_t step = middle + static_cast<std::int32_t>(j / 4);
        const std::int32_t value = j % 2 == 0 ? step : -step;
        // (denominator - 1) value + other + half = denominator value - (0 or 1)
        result[0].push_back(value);
        result[1].push_back(value - half - static_cast<std::int32_t>(j / 2 % 2));
    }
    return result;
}

std::vector<const std::int32_t*> pointers(const Matrix& rows) {
    std::vector<const std::int32_t*> result;
    for (const Values& row : rows) {
        result.push_back(row.data());
    }
    return result;
}

std::vector<std::int32_t*> pointers(Matrix& rows) {
    std::vector<std::int32_t*> result;
    for (Values& row : rows) {
        result.push_back(row.data());
    }
    return result;
}

std::int32_t limited_mean(SignedWide sum, SignedWide count) {
    const SignedWide numerator = 2 * sum + count;
    SignedWide quotient = numerator / (2 * count);
    quotient -= numerator % (2 * count) < 0 ? 1 : 0;
    quotient = quotient > kMost ? SignedWide{kMost} : quotient;
    quotient = quotient < -kMost ? -SignedWide{kMost} : quotient;
    return static_cast<std::int32_t>(quotient);
}

SignedWide schoolbook_inner(const Values& x, const Values& y) {
    SignedWide sum = 0;
    for (std::size_t j = 0; j < x.size(); ++j) {
        sum += SignedWide{x[j]} * y[j];
    }
    return sum;
}

}  // namespace fedstake::aggregation::kernels::testing
