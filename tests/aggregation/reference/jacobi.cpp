#include "tests/aggregation/reference/jacobi.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

namespace fedstake::aggregation::slow {
namespace {

constexpr int kSweepsMax = 60;
constexpr long double kRest = 0x1p-66L;  // of the largest entry

struct Rotation {
    std::size_t p;
    std::size_t q;
    long double cosine;
    long double sine;
};

// The rotation that makes entry (p, q) zero.
Rotation rotation_of(const SymmetricMatrix& m, std::size_t p, std::size_t q) {
    const long double theta = (m.at(q, q) - m.at(p, p)) / (2.0L * m.at(p, q));
    const long double size = std::fabs(theta) + std::sqrt(theta * theta + 1.0L);
    const long double tangent = theta < 0.0L ? -1.0L / size : 1.0L / size;
    const long double cosine = 1.0L / std::sqrt(tangent * tangent + 1.0L);
    return {.p = p, .q = q, .cosine = cosine, .sine = tangent * cosine};
}

void rotate(SymmetricMatrix& m, const Rotation& r) {
    const long double tangent = r.sine / r.cosine;
    const long double apart = m.at(r.p, r.q);
    for (std::size_t k = 0; k < m.size(); ++k) {
        if (k != r.p && k != r.q) {
            const long double kp = m.at(k, r.p);
            const long double kq = m.at(k, r.q);
            m.set(k, r.p, r.cosine * kp - r.sine * kq);
            m.set(k, r.q, r.sine * kp + r.cosine * kq);
        }
    }
    m.set(r.p, r.p, m.at(r.p, r.p) - tangent * apart);
    m.set(r.q, r.q, m.at(r.q, r.q) + tangent * apart);
    m.set(r.p, r.q, 0.0L);
}

}  // namespace

JacobiResult jacobi(SymmetricMatrix matrix) {
    const std::size_t n = matrix.size();
    long double largest = 0.0L;
    for (std::size_t a = 0; a < n; ++a) {
        for (std::size_t b = 0; b < n; ++b) {
            largest = std::max(largest, std::fabs(matrix.at(a, b)));
        }
    }
    std::vector<std::vector<long double>> vectors(n, std::vector<long double>(n, 0.0L));
    for (std::size_t k = 0; k < n; ++k) {
        vectors[k][k] = 1.0L;
    }
    bool turned = true;
    for (int sweep = 0; turned && sweep < kSweepsMax; ++sweep) {
        turned = false;
        for (std::size_t p = 0; p + 1 < n; ++p) {
            for (std::size_t q = p + 1; q < n; ++q) {
                if (std::fabs(matrix.at(p, q)) <= kRest * largest) {
                    continue;
                }
                turned = true;
                const Rotation r = rotation_of(matrix, p, q);
                rotate(matrix, r);
                for (std::size_t k = 0; k < n; ++k) {
                    const long double kp = vectors[p][k];
                    const long double kq = vectors[q][k];
                    vectors[p][k] = r.cosine * kp - r.sine * kq;
                    vectors[q][k] = r.sine * kp + r.cosine * kq;
                }
            }
        }
    }
    JacobiResult result;
    std::size_t top = 0;
    for (std::size_t k = 0; k < n; ++k) {
        result.values.push_back(matrix.at(k, k));
        top = matrix.at(k, k) > matrix.at(top, top) ? k : top;
    }
    std::sort(result.values.begin(), result.values.end(), std::greater<>());
    result.top = vectors[top];
    return result;
}

}  // namespace fedstake::aggregation::slow
