// Gaussian noise on an aggregate, as a part of the result that everybody can compute again.
//
// Coordinate j gets round(deviation * z_j), halves upwards, z_j the standard normal quantile of a
// 52-bit uniform number that follows from seed and j alone. So neither blocks nor threads matter,
// and every machine gets the same bytes: integers, and doubles with + - * / sqrt in a fixed order.
//
// Uniform numbers: Philox4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel Random Numbers: As Easy as
// 1, 2, 3", SC 2011), a counter-based generator; one block serves two coordinates. Quantile: M. J.
// Wichura, "Algorithm AS 241", Applied Statistics 1988, PPND16, relative error about 1e-15.
//
// Whoever knows the seed can take the noise off again: it hides nothing from the federation's own
// sites and auditors, and is no differential privacy towards them.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "proto/base/ids.hpp"

namespace fedstake::aggregation {

struct Noise {
    double deviation = 0.0;  // in fixed-point steps; 0: none
    Digest seed;             // of the round, as the rule was given it
};

// The block of 128 bits that belongs to this counter and key.
[[nodiscard]] std::array<std::uint32_t, 4> philox4x32(const std::array<std::uint32_t, 4>& counter,
                                                      const std::array<std::uint32_t, 2>& key);

// The z with P(Z < z) = share, Z standard normal. REQUIRES 0 < share < 1.
[[nodiscard]] double normal_quantile(double share);

// Adds the noise of coordinates [first, first + values.size()), limited to +-(2^31 - 1). REQUIRES
// a finite deviation >= 0. Some 25 ns for each value.
void add_noise(const Noise& noise, std::uint64_t first, std::span<std::int32_t> values);

}  // namespace fedstake::aggregation
