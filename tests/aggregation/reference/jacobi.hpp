// Eigenvalues of a small symmetric matrix by Jacobi's rotations (1846), in long double.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace fedstake::aggregation::slow {

class SymmetricMatrix {
public:
    explicit SymmetricMatrix(std::size_t size) : size_(size), entries_(size * size, 0.0L) {}

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] long double at(std::size_t a, std::size_t b) const {
        return entries_[a * size_ + b];
    }
    // Both symmetric entries.
    void set(std::size_t a, std::size_t b, long double value) {
        entries_[a * size_ + b] = value;
        entries_[b * size_ + a] = value;
    }

private:
    std::size_t size_;
    std::vector<long double> entries_;
};

struct JacobiResult {
    std::vector<long double> values;  // largest first
    std::vector<long double> top;     // unit vector of the first
};

// REQUIRES at least one row.
[[nodiscard]] JacobiResult jacobi(SymmetricMatrix matrix);

}  // namespace fedstake::aggregation::slow
