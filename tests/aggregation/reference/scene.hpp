// Rows as points of real numbers, for a slow implementation of every rule that is right because it
// says what the definition says: plain loops over the rows, in long double, with none of the
// library's types. It knows no distance matrix, no map of weights and no kernel.
//
// Besides the points it keeps how far the library may lie from them, by the roundings that are part
// of its definition (weights over 2^30, coordinates on the grid) and by those of its doubles.
// A choice between rows that is closer than that makes the scene doubtful.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "proto/base/ids.hpp"

namespace fedstake::aggregation::slow {

using Real = long double;
using Point = std::vector<Real>;

inline constexpr Real kUnitRoundoff = 0x1p-53L;  // of the library's doubles
inline constexpr Real kWeightStep = 0x1p-30L;    // of its weights
inline constexpr std::uint64_t kRounded = 0;     // a denominator that is no exact one

struct Scene {
    std::vector<Point> points;      // in steps of the grid
    std::vector<Point> sizes;       // the same combinations of the rows' magnitudes
    std::vector<Point> memory;      // what the rule keeps from the round before
    Point median;                   // of each coordinate of the rows as they came in, on the grid
    Point magnitude;                // of each coordinate: sum of |x| over the rows, memory included
    bool raw = true;                // the points are the rows as they came in
    std::uint64_t denominator = 1;  // of the weights of the rows in each point, or kRounded
    Real error = 0.0L;              // of a coordinate of a library's point, at most
    Real square_noise = 0.0L;       // of a library's square, at most, besides that
    Real unit = 1.0L;               // model units of a step
    std::uint32_t f = 0;
    Digest seed;
    bool doubtful = false;
    bool tied = false;  // the order of the rows decided a choice

    [[nodiscard]] std::size_t n() const { return points.size(); }
    [[nodiscard]] std::size_t d() const { return median.size(); }
    // Of the largest coordinate of all rows.
    [[nodiscard]] Real largest() const;
    // Of a point in all its coordinates.
    [[nodiscard]] Real error_length() const;
    void doubt(bool yes) { doubtful = doubtful || yes; }
};

// REQUIRES rows and memory rows of one length. The seed is that of the round.
[[nodiscard]] Scene make_scene(std::vector<Point> rows, std::vector<Point> memory, Real unit,
                               std::uint32_t f);

[[nodiscard]] Real inner(const Point& a, const Point& b);
// Exact, and rounded once, where both are rows as they came in.
[[nodiscard]] Real square(const Scene& scene, const Point& a, const Point& b);
[[nodiscard]] Real square(const Scene& scene, std::size_t i, std::size_t j);
[[nodiscard]] Real norm_square(const Scene& scene, std::size_t i);
[[nodiscard]] Real norm(const Scene& scene, std::size_t i);
// 0 where one of the two is zero.
[[nodiscard]] Real cosine(const Scene& scene, std::size_t i, std::size_t j);
[[nodiscard]] Real middle(std::vector<Real> values);
[[nodiscard]] Point mean_of(const Scene& scene, const std::vector<std::size_t>& rows);

// How far the library's square, norm or cosine may be from this one.
[[nodiscard]] Real square_slack(const Scene& scene, Real square);
[[nodiscard]] Real norm_slack(const Scene& scene, std::size_t i);
[[nodiscard]] Real cosine_slack(const Scene& scene, std::size_t i, std::size_t j);

// The `count` items with the lowest keys, the lowest index first among equals. In doubt where the
// last of them and the first one left out are closer than slack(key), unless they are equal and
// `ties_are_ties`: equal keys are equal for the library too.
[[nodiscard]] std::vector<std::size_t> lowest(Scene& scene, const std::vector<Real>& keys,
                                              std::size_t count,
                                              const std::function<Real(Real)>& slack,
                                              bool ties_are_ties);

// The largest eigenvalue of the covariance of the rows with these weights about their mean, a unit
// vector of it, and the next eigenvalue. Weights sum to 1.
struct MainDirection {
    Real value = 0.0L;
    Real next = 0.0L;
    Point direction;
    Point mean;
};
[[nodiscard]] MainDirection main_direction(const std::vector<Point>& rows,
                                           const std::vector<Real>& weights);

// SHA-256(seed, k as u32).
[[nodiscard]] Digest seed_of_step(const Digest& seed, std::size_t step);

}  // namespace fedstake::aggregation::slow
