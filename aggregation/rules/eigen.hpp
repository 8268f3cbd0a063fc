// Eigenvalues and eigenvectors of a symmetric matrix, the same on every machine.
//
// A library's solver would do other roundings on other machines and start from random vectors; this
// one has + - * / sqrt, one fixed order and no start. Matrices are dense, row by row, with finite
// entries, n <= 512. Residuals |A v - lambda v| and errors of eigenvalues are about 1e-15 n |A|,
// whatever the scale of A and however often eigenvalues repeat.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace fedstake::aggregation {

struct EigenSystem {
    std::vector<double> values;   // largest first
    std::vector<double> vectors;  // entry i of unit vector k at k * n + i
};

struct EigenPair {
    double value = 0.0;
    std::vector<double> vector;  // length 1
};

// Signs: the entry of largest magnitude is positive, the first of equals. REQUIRES n * n entries,
// symmetric. O(n^3), about 8 n^3 multiply-adds.
[[nodiscard]] EigenSystem symmetric_eigen(std::span<const double> matrix, std::size_t n);

// The eigenvalues only, largest first. O(n^3), about 2 n^3 multiply-adds.
[[nodiscard]] std::vector<double> symmetric_eigenvalues(std::span<const double> matrix,
                                                        std::size_t n);

// The largest eigenvalue and one unit vector of it, sign as above. REQUIRES n >= 1. O(n^3), about
// 2 n^3 multiply-adds.
[[nodiscard]] EigenPair top_eigenpair(std::span<const double> matrix, std::size_t n);

}  // namespace fedstake::aggregation
