// Where the rows of a round lie: squared distances between them and to a few anchors, as doubles.
//
// Rules that output a weighted sum of rows need nothing else ("n-space"): a norm is the distance to
// the zero anchor, a cosine follows from three distances. Rows behind a pre-aggregation are
// combinations of rows, so their geometry follows too, without another pass over the coordinates.
//
// Every figure is computed with + - * / sqrt in a fixed order, so it is the same on every machine.
// Unit: fixed-point steps squared. Squares of the updates themselves are exact integers rounded to
// the nearest double; those of mapped rows carry a relative error of about 1e-15 of the largest
// square among the rows that they mix.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "aggregation/distances.hpp"
#include "aggregation/row_map.hpp"

namespace fedstake::aggregation {

enum class Anchor : std::uint8_t { kZero, kCentre };  // kCentre: the coordinate median of the rows
inline constexpr std::size_t kAnchors = 2;

class Geometry {
public:
    // All squares zero.
    explicit Geometry(std::size_t rows = 0);
    // Rows and anchors of an exact matrix.
    explicit Geometry(const Distances& distances);

    [[nodiscard]] std::size_t rows() const noexcept { return rows_; }

    // |x_i - x_j|^2
    [[nodiscard]] double square(std::size_t i, std::size_t j) const noexcept {
        return squares_[i * points_ + j];
    }
    // |x_i - anchor|^2; to kZero it is the squared norm.
    [[nodiscard]] double square(std::size_t i, Anchor anchor) const noexcept {
        return square(i, rows_ + static_cast<std::size_t>(anchor));
    }
    [[nodiscard]] double norm_square(std::size_t i) const noexcept {
        return square(i, Anchor::kZero);
    }
    [[nodiscard]] double norm(std::size_t i) const noexcept;
    // <x_i, x_j>
    [[nodiscard]] double inner(std::size_t i, std::size_t j) const noexcept;
    // <x_i, x_j> / (|x_i| |x_j|), within [-1, 1]; 0 when one of them is zero.
    [[nodiscard]] double cosine(std::size_t i, std::size_t j) const noexcept;

    // |x_i - z|^2 for z = the sum over rows of weights_j x_j. REQUIRES weights that sum to 1 (up to
    // rounding) and one for each row. O(n^2) for the vector of all i.
    [[nodiscard]] std::vector<double> squares_to(const std::vector<double>& weights) const;

    // Both symmetric entries. Points: rows, then the anchors in their order.
    void set(std::size_t i, std::size_t j, double square) noexcept;

    // The first `rows` rows and the anchors.
    [[nodiscard]] Geometry first(std::size_t rows) const;

    // The geometry of the rows that `map` makes of these. The zero anchor stays; the centre stays
    // where it is (the coordinate median of the unmapped rows). O(m n^2 + m^2 n).
    [[nodiscard]] Geometry mapped(const RowMap& map) const;

private:
    std::size_t rows_;
    std::size_t points_;  // rows + kAnchors
    std::vector<double> squares_;
};

}  // namespace fedstake::aggregation
