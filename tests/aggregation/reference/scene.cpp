#include "tests/aggregation/reference/scene.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "proto/base/bytes.hpp"
#include "proto/crypto/sha256.hpp"
#include "tests/aggregation/reference/jacobi.hpp"

namespace fedstake::aggregation::slow {
namespace {

constexpr Real kExactDoubles = 0x1p53L;

Point column_median(const std::vector<Point>& rows) {
    Point result;
    for (std::size_t j = 0; j < rows.front().size(); ++j) {
        std::vector<Real> column;
        for (const Point& row : rows) {
            column.push_back(row[j]);
        }
        result.push_back(std::floor(middle(std::move(column)) + 0.5L));
    }
    return result;
}

}  // namespace

Real Scene::largest() const {
    return *std::max_element(magnitude.begin(), magnitude.end());
}

Real Scene::error_length() const {
    return error * std::sqrt(static_cast<Real>(d()));
}

Scene make_scene(std::vector<Point> rows, std::vector<Point> memory, Real unit, std::uint32_t f) {
    Scene scene;
    scene.median = column_median(rows);
    scene.magnitude.assign(scene.median.size(), 0.0L);
    for (const std::vector<Point>* part : {&rows, &memory}) {
        for (const Point& row : *part) {
            for (std::size_t j = 0; j < row.size(); ++j) {
                scene.magnitude[j] += std::fabs(row[j]);
            }
        }
    }
    scene.sizes = rows;
    for (Point& size : scene.sizes) {
        for (Real& value : size) {
            value = std::fabs(value);
        }
    }
    scene.points = std::move(rows);
    scene.memory = std::move(memory);
    scene.unit = unit;
    scene.f = f;
    return scene;
}

Real inner(const Point& a, const Point& b) {
    Real sum = 0.0L;
    for (std::size_t j = 0; j < a.size(); ++j) {
        sum += a[j] * b[j];
    }
    return sum;
}

Real square(const Scene& scene, const Point& a, const Point& b) {
    if (scene.raw) {
        unsigned __int128 sum = 0;
        for (std::size_t j = 0; j < a.size(); ++j) {
            const auto apart = static_cast<std::int64_t>(a[j]) - static_cast<std::int64_t>(b[j]);
            const auto wide = static_cast<__int128>(apart);
            sum += static_cast<unsigned __int128>(wide * wide);
        }
        return static_cast<Real>(sum);
    }
    Real sum = 0.0L;
    for (std::size_t j = 0; j < a.size(); ++j) {
        sum += (a[j] - b[j]) * (a[j] - b[j]);
    }
    return sum;
}

Real square(const Scene& scene, std::size_t i, std::size_t j) {
    return square(scene, scene.points[i], scene.points[j]);
}

Real norm_square(const Scene& scene, std::size_t i) {
    return square(scene, scene.points[i], Point(scene.d(), 0.0L));
}

Real norm(const Scene& scene, std::size_t i) {
    return std::sqrt(norm_square(scene, i));
}

Real cosine(const Scene& scene, std::size_t i, std::size_t j) {
    const Real norms = norm(scene, i) * norm(scene, j);
    if (norms == 0.0L) {
        return 0.0L;
    }
    return std::clamp(inner(scene.points[i], scene.points[j]) / norms, -1.0L, 1.0L);
}

Real middle(std::vector<Real> values) {
    std::sort(values.begin(), values.end());
    return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2.0L;
}

Point mean_of(const Scene& scene, const std::vector<std::size_t>& rows) {
    Point sum(scene.d(), 0.0L);
    for (const std::size_t row : rows) {
        for (std::size_t j = 0; j < sum.size(); ++j) {
            sum[j] += scene.points[row][j];
        }
    }
    for (Real& value : sum) {
        value /= static_cast<Real>(rows.size());
    }
    return sum;
}

Real square_slack(const Scene& scene, Real square) {
    if (scene.raw && square < kExactDoubles) {
        return 0.0L;
    }
    const Real moved = scene.error_length();
    return scene.square_noise + 4.0L * kUnitRoundoff * square + 4.0L * std::sqrt(square) * moved +
           4.0L * moved * moved;
}

Real norm_slack(const Scene& scene, std::size_t i) {
    const Real square = norm_square(scene, i);
    const Real slack = square_slack(scene, square);
    const Real least = std::sqrt(std::max(square - slack, 0.0L));
    return std::sqrt(square + slack) - least + 4.0L * kUnitRoundoff * std::sqrt(square);
}

Real cosine_slack(const Scene& scene, std::size_t i, std::size_t j) {
    const Real a = norm(scene, i);
    const Real b = norm(scene, j);
    if (scene.raw && a * b == 0.0L) {
        return 0.0L;
    }
    const Real squares = square_slack(scene, a * a) + square_slack(scene, b * b) +
                         square_slack(scene, square(scene, i, j));
    const Real lengths = a * norm_slack(scene, j) + b * norm_slack(scene, i);
    const Real least = a * b - lengths;
    return least <= 0.0L ? 2.0L
                         : 16.0L * kUnitRoundoff +
                               (squares + lengths + 4.0L * kUnitRoundoff * (a * a + b * b)) / least;
}

std::vector<std::size_t> lowest(Scene& scene, const std::vector<Real>& keys, std::size_t count,
                                const std::function<Real(Real)>& slack, bool ties_are_ties) {
    std::vector<std::size_t> order(keys.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return keys[a] < keys[b]; });
    if (count > 0 && count < order.size()) {
        const Real last = keys[order[count - 1]];
        const Real next = keys[order[count]];
        const bool known_tie = last == next && ties_are_ties;
        scene.tied = scene.tied || last == next;
        const Real allowed = slack(last) + slack(next);
        scene.doubt(allowed > 0.0L && !known_tie && next - last <= allowed);
    }
    order.resize(count);
    return order;
}

MainDirection main_direction(const std::vector<Point>& rows, const std::vector<Real>& weights) {
    const std::size_t n = rows.size();
    const std::size_t d = rows.front().size();
    MainDirection result;
    result.mean.assign(d, 0.0L);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < d; ++j) {
            result.mean[j] += weights[i] * rows[i][j];
        }
    }
    std::vector<Point> scaled(n, Point(d));  // their products are the covariance
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < d; ++j) {
            scaled[i][j] = std::sqrt(weights[i]) * (rows[i][j] - result.mean[j]);
        }
    }
    // The eigenvalues of A^T A (d x d) and of A A^T (n x n) are the same but for zeros.
    const bool by_columns = d <= n;
    const std::size_t size = by_columns ? d : n;
    SymmetricMatrix matrix(size);
    for (std::size_t a = 0; a < size; ++a) {
        for (std::size_t b = a; b < size; ++b) {
            Real sum = 0.0L;
            for (std::size_t k = 0; k < (by_columns ? n : d); ++k) {
                sum += by_columns ? scaled[k][a] * scaled[k][b] : scaled[a][k] * scaled[b][k];
            }
            matrix.set(a, b, sum);
        }
    }
    const JacobiResult system = jacobi(std::move(matrix));
    result.value = std::max(0.0L, system.values[0]);
    result.next = size > 1 ? std::max(0.0L, system.values[1]) : 0.0L;
    result.direction.assign(d, 0.0L);
    for (std::size_t k = 0; k < size; ++k) {
        for (std::size_t j = 0; j < d; ++j) {
            result.direction[j] +=
                by_columns ? (k == j ? system.top[k] : 0.0L) : system.top[k] * scaled[k][j];
        }
    }
    const Real length = std::sqrt(inner(result.direction, result.direction));
    for (Real& value : result.direction) {
        value = length > 0.0L ? value / length : 0.0L;
    }
    return result;
}

Digest seed_of_step(const Digest& seed, std::size_t step) {
    ByteWriter writer;
    writer.raw(seed.view()).u32(static_cast<std::uint32_t>(step));
    return crypto::sha256(writer.take());
}

}  // namespace fedstake::aggregation::slow
