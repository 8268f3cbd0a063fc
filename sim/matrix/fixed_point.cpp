// The scan for the largest magnitude, and the rounding source.
#include "sim/matrix/fixed_point.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <span>
#include <vector>

#include <fmt/format.h>

namespace fedstake::sim {
namespace {

constexpr std::size_t kPiece = 4096;  // doubles held by one read
constexpr int kStepBits = 30;
constexpr double kStepsEnd = 0x1p30;
// Adding it to a double below 2^51 leaves the rounded integer in the lowest bits.
constexpr double kRounder = 0x1.8p52;

// Exact, as a power of two is; infinite where it does not fit.
double in_steps(double value, int exponent) noexcept {
    return std::ldexp(value, -exponent);
}

double rounded(double steps) noexcept {
    return (steps + kRounder) - kRounder;
}

class FixedPointRow final : public aggregation::VectorSource {
public:
    FixedPointRow(const NumberRows& rows, std::size_t row, int exponent) noexcept
        : rows_(rows), row_(row), factor_(std::ldexp(1.0, -exponent)) {}

    [[nodiscard]] std::uint64_t size() const noexcept override { return rows_.columns(); }

    [[nodiscard]] Status read_int32(std::uint64_t first,
                                    std::span<std::int32_t> out) const override {
        std::array<double, kPiece> buffer;
        while (!out.empty()) {
            const auto piece = std::span(buffer).first(std::min(kPiece, out.size()));
            FS_TRY(rows_.read(row_, first, piece));
            bool fits = true;
            for (std::size_t k = 0; k < piece.size(); ++k) {
                const double steps = piece[k] * factor_;
                fits &= steps < kStepsEnd && steps > -kStepsEnd;  // false for not-a-number
                out[k] = static_cast<std::int32_t>(std::bit_cast<std::int64_t>(steps + kRounder));
            }
            if (!fits) {
                return fail(Errc::kCorrupt,
                            fmt::format("row {} has changed while it was read", row_));
            }
            first += piece.size();
            out = out.subspan(piece.size());
        }
        return {};
    }
    [[nodiscard]] Status read_float32(std::uint64_t /*first*/,
                                      std::span<float> /*out*/) const override {
        return fail(Errc::kInternal, "these rows are read as fixed point");
    }

private:
    const NumberRows& rows_;
    std::size_t row_;
    double factor_;  // a power of two, so that products are exact
};

Result<Largest> largest_of_row(const NumberRows& rows, std::size_t row) {
    Largest largest{.magnitude = -1.0, .row = row, .column = 0};
    std::array<double, kPiece> buffer;
    for (std::uint64_t first = 0; first < rows.columns();) {
        const auto piece = std::span(buffer).first(
            static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, rows.columns() - first)));
        FS_TRY(rows.read(row, first, piece));
        for (std::size_t k = 0; k < piece.size(); ++k) {
            const double magnitude = std::fabs(piece[k]);
            if (magnitude > largest.magnitude) {
                largest.magnitude = magnitude;
                largest.column = first + k;
            }
            if (!std::isfinite(piece[k])) {
                return fail(
                    Errc::kInvalidInput,
                    fmt::format("row {}, column {} is not a finite number", row, first + k));
            }
        }
        first += piece.size();
    }
    return largest;
}

}  // namespace

Result<Largest> find_largest(const NumberRows& rows, aggregation::WorkerPool& pool) {
    std::vector<Largest> found(rows.rows());
    FS_TRY(pool.for_each(rows.rows(), [&](std::size_t /*worker*/, std::size_t row) -> Status {
        FS_ASSIGN(found[row], largest_of_row(rows, row));
        return {};
    }));
    return *std::max_element(found.begin(), found.end(), [](const Largest& a, const Largest& b) {
        return a.magnitude < b.magnitude;
    });
}

Result<int> choose_exponent(const Largest& largest) {
    if (largest.magnitude == 0.0) {
        return 0;
    }
    int exponent = 0;
    (void)std::frexp(largest.magnitude, &exponent);  // magnitude < 2^exponent
    exponent -= kStepBits;
    if (rounded(in_steps(largest.magnitude, exponent)) >= kStepsEnd) {
        ++exponent;
    }
    if (exponent < kExponentMin || exponent > kExponentMax) {
        return fail(
            Errc::kInvalidInput,
            fmt::format("the largest value, {} in row {}, column {}, is too {}: magnitudes from "
                        "1e-135 to 1e153 are possible; scale all rows by one power of two first",
                        largest.magnitude, largest.row, largest.column,
                        exponent < 0 ? "small" : "large"));
    }
    return exponent;
}

Status check_exponent(const Largest& largest, int exponent) {
    if (rounded(in_steps(largest.magnitude, exponent)) < kStepsEnd) {
        return {};
    }
    return fail(Errc::kInvalidInput,
                fmt::format("row {}, column {} has the magnitude {}, which does not fit: with "
                            "steps of 2^{} magnitudes must be below 2^{}",
                            largest.row, largest.column, largest.magnitude, exponent,
                            exponent + kStepBits));
}

std::unique_ptr<aggregation::VectorSource> fixed_point_row(const NumberRows& rows, std::size_t row,
                                                           int exponent) {
    return std::make_unique<FixedPointRow>(rows, row, exponent);
}

}  // namespace fedstake::sim
