// Householder reflections and implicit QR steps.
#include "aggregation/rules/tridiagonal.hpp"

#include <algorithm>
#include <cmath>

#include "proto/base/check.hpp"

namespace fedstake::aggregation {
namespace {

// A coupling this small against its neighbours, or against the whole matrix, counts as zero.
constexpr double kEpsilon = 0x1p-53;
// Squares of the rest of a column below this are nothing beside a matrix of size 1, and too near
// to underflow to divide by.
constexpr double kNoTail = 0x1p-900;
// Two or three steps are usual. Beyond the limit the coupling is below any figure that matters.
constexpr int kStepsMax = 64;

double magnitude(double x) noexcept {
    return x < 0.0 ? -x : x;
}

double largest_of(std::span<const double> values) noexcept {
    double largest = 0.0;
    for (const double value : values) {
        largest = std::max(largest, magnitude(value));
    }
    return largest;
}

// The power of two s with 1/2 <= s * largest < 1, within 2^+-1000; 1 for zero.
double scale_for(double largest) noexcept {
    double scale = 1.0;
    if (largest == 0.0) {
        return scale;
    }
    while (largest < 0.5 && scale < 0x1p1000) {
        largest *= 2.0;
        scale *= 2.0;
    }
    while (largest >= 1.0 && scale > 0x1p-1000) {
        largest *= 0.5;
        scale *= 0.5;
    }
    return scale;
}

// Turns column k below the diagonal into a multiple of the first unit vector: v goes to `v` (from
// k + 1 on), its factor 2 / v^T v is returned, and the multiple to `beside`.
double reflector_of(std::span<const double> row, std::size_t k, std::span<double> v,
                    double& beside) noexcept {
    const std::size_t n = row.size();
    double tail = 0.0;
    for (std::size_t i = k + 2; i < n; ++i) {
        tail += row[i] * row[i];
    }
    const double head = row[k + 1];
    if (tail < kNoTail) {
        beside = head;
        return 0.0;
    }
    const double length = std::sqrt(head * head + tail);
    beside = head > 0.0 ? -length : length;
    const double first = head - beside;  // same signs: no cancellation
    for (std::size_t i = k + 2; i < n; ++i) {
        v[i] = row[i];
    }
    v[k + 1] = first;
    return 2.0 / (first * first + tail);
}

// A <- H A H on the block from `first` on, H = I - factor v v^T. `p` is scratch.
void reflect(std::span<double> a, std::size_t n, std::size_t first, std::span<const double> v,
             double factor, std::span<double> p) noexcept {
    std::fill(p.begin(), p.end(), 0.0);
    for (std::size_t i = first; i < n; ++i) {
        const double vi = v[i];
        const double* const row = a.data() + i * n;
        for (std::size_t j = first; j < n; ++j) {
            p[j] += vi * row[j];
        }
    }
    double along = 0.0;
    for (std::size_t i = first; i < n; ++i) {
        p[i] *= factor;
        along += p[i] * v[i];
    }
    const double half = 0.5 * factor * along;
    for (std::size_t i = first; i < n; ++i) {
        p[i] -= half * v[i];
    }
    // Both halves alike, entry by entry: the sum of two products does not depend on their order.
    for (std::size_t i = first; i < n; ++i) {
        const double vi = v[i];
        const double pi = p[i];
        double* const row = a.data() + i * n;
        for (std::size_t j = first; j < n; ++j) {
            row[j] -= vi * p[j] + pi * v[j];
        }
    }
}

struct Rotation {
    double cosine = 1.0;
    double sine = 0.0;
};

// Turns (x, z) into (|(x, z)|, 0).
Rotation rotation_of(double x, double z) noexcept {
    const double larger = std::max(magnitude(x), magnitude(z));
    if (larger == 0.0) {
        return {};
    }
    const double cosine = x / larger;
    const double sine = z / larger;
    const double length = std::sqrt(cosine * cosine + sine * sine);
    return {.cosine = cosine / length, .sine = sine / length};
}

void rotate_rows(std::span<double> vectors, std::size_t n, std::size_t k,
                 const Rotation& rotation) noexcept {
    double* const upper = vectors.data() + k * n;
    double* const lower = upper + n;
    for (std::size_t i = 0; i < n; ++i) {
        const double u = upper[i];
        const double l = lower[i];
        upper[i] = rotation.cosine * u + rotation.sine * l;
        lower[i] = rotation.cosine * l - rotation.sine * u;
    }
}

// The eigenvalue of the last 2 x 2 block that is nearer to its last entry. REQUIRES e != 0.
double wilkinson_shift(double before_last, double last, double e) noexcept {
    const double half = 0.5 * (before_last - last);
    const double root = std::sqrt(half * half + e * e);
    return last - e * (e / (half < 0.0 ? half - root : half + root));
}

// One QR step with implicit shift on the unreduced block [first, last].
void qr_step(std::span<double> d, std::span<double> e, std::size_t first, std::size_t last,
             std::span<double> vectors) noexcept {
    double x = d[first] - wilkinson_shift(d[last - 1], d[last], e[last - 1]);
    double bulge = e[first];
    for (std::size_t k = first; k < last; ++k) {
        const Rotation turn = rotation_of(x, bulge);
        const double c = turn.cosine;
        const double s = turn.sine;
        if (k > first) {
            e[k - 1] = c * x + s * bulge;
        }
        const double upper = d[k];
        const double lower = d[k + 1];
        const double between = e[k];
        const double twice = 2.0 * c * s * between;
        d[k] = c * c * upper + twice + s * s * lower;
        d[k + 1] = s * s * upper - twice + c * c * lower;
        e[k] = c * s * (lower - upper) + (c * c - s * s) * between;
        if (k + 1 < last) {
            x = e[k];
            bulge = s * e[k + 1];
            e[k + 1] = c * e[k + 1];
        }
        if (!vectors.empty()) {
            rotate_rows(vectors, d.size(), k, turn);
        }
    }
}

}  // namespace

Tridiagonal tridiagonalise(std::span<const double> matrix, std::size_t n) {
    FS_CHECK(matrix.size() == n * n);
    Tridiagonal form;
    form.diagonal.resize(n);
    form.beside.resize(n > 0 ? n - 1 : 0);
    form.reflectors.resize(n * n);
    form.factors.resize(n);
    const double largest = largest_of(matrix);
    const double scale = scale_for(largest);
    form.largest = largest * scale;
    form.unscale = 1.0 / scale;
    std::vector<double> a(matrix.begin(), matrix.end());
    for (double& entry : a) {
        entry *= scale;
    }
    std::vector<double> scratch(n);
    for (std::size_t k = 0; k + 1 < n; ++k) {
        const std::span<double> v = std::span(form.reflectors).subspan(k * n, n);
        form.factors[k] =
            reflector_of(std::span<const double>(a).subspan(k * n, n), k, v, form.beside[k]);
        if (form.factors[k] != 0.0) {
            reflect(a, n, k + 1, v, form.factors[k], scratch);
        }
    }
    for (std::size_t k = 0; k < n; ++k) {
        form.diagonal[k] = a[k * n + k];
    }
    return form;
}

void from_tridiagonal(const Tridiagonal& form, std::span<double> x) {
    const std::size_t n = form.size();
    FS_CHECK(x.size() == n);
    for (std::size_t k = n; k-- > 0;) {
        if (form.factors[k] == 0.0) {
            continue;
        }
        const double* const v = form.reflectors.data() + k * n;
        double along = 0.0;
        for (std::size_t i = k + 1; i < n; ++i) {
            along += v[i] * x[i];
        }
        along *= form.factors[k];
        for (std::size_t i = k + 1; i < n; ++i) {
            x[i] -= along * v[i];
        }
    }
}

std::vector<double> tridiagonal_eigenvalues(const Tridiagonal& form, std::span<double> vectors) {
    const std::size_t n = form.size();
    FS_CHECK(vectors.empty() || vectors.size() == n * n);
    std::vector<double> d = form.diagonal;
    std::vector<double> e = form.beside;
    const double floor = kEpsilon * form.largest;
    const auto negligible = [&](std::size_t k) {
        const double size = magnitude(e[k]);
        return size <= floor || size <= kEpsilon * (magnitude(d[k]) + magnitude(d[k + 1]));
    };
    int steps = 0;
    for (std::size_t last = n > 0 ? n - 1 : 0; last > 0;) {
        std::size_t first = last;
        while (first > 0 && !negligible(first - 1)) {
            --first;
        }
        if (first == last || steps == kStepsMax) {
            --last;
            steps = 0;
            continue;
        }
        qr_step(d, e, first, last, vectors);
        ++steps;
    }
    return d;
}

}  // namespace fedstake::aggregation
