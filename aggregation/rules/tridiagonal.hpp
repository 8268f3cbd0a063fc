// A symmetric matrix as Q T Q^T with T tridiagonal: the first step of every eigenvalue computation.
//
// Householder reflections (Golub and Van Loan, "Matrix Computations", 4th edition, section 8.3.1),
// in + - * / sqrt and one fixed order. The matrix is scaled by a power of two first, so that no
// square over- or underflows.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace fedstake::aggregation {

struct Tridiagonal {
    std::vector<double> diagonal;  // n
    std::vector<double> beside;    // n - 1: entry k couples k and k + 1
    // Largest absolute entry of the scaled matrix: below 1, and 0 for a zero matrix only.
    double largest = 0.0;
    double unscale = 1.0;  // times this, entries and eigenvalues are those of the matrix itself
    // Reflection k is I - factors[k] v v^T with v = row k of reflectors (n x n), zero up to k.
    std::vector<double> reflectors;
    std::vector<double> factors;

    [[nodiscard]] std::size_t size() const noexcept { return diagonal.size(); }
};

// REQUIRES n * n finite entries, symmetric. O(n^3), about 2 n^3 multiply-adds.
[[nodiscard]] Tridiagonal tridiagonalise(std::span<const double> matrix, std::size_t n);

// Q x, in place: from the coordinates of T to those of the matrix. REQUIRES n values. O(n^2).
void from_tridiagonal(const Tridiagonal& form, std::span<double> x);

// The eigenvalues of T (scaled), unsorted, by QR steps with implicit Wilkinson shifts (same book,
// section 8.3.5). Where `vectors` holds n * n entries, row k is turned into the combination of its
// rows that belongs to eigenvalue k: pass the rows of Q^T to get eigenvectors of the matrix. Empty:
// values only, O(n^2).
[[nodiscard]] std::vector<double> tridiagonal_eigenvalues(const Tridiagonal& form,
                                                          std::span<double> vectors);

}  // namespace fedstake::aggregation
