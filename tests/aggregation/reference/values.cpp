#include "tests/aggregation/reference/values.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

namespace fedstake::aggregation::slow {
namespace {

constexpr std::int64_t kMost = 2147483647;

using Numbers = std::vector<std::int64_t>;

struct Column {
    Numbers low;  // sorted
    Numbers high;
    [[nodiscard]] bool known() const { return low == high; }
};

Column column_of(const Scene& scene, const std::vector<std::size_t>& rows, std::size_t j) {
    Column column;
    for (const std::size_t row : rows) {
        const Range range = on_grid(scene, row, j);
        column.low.push_back(range.low);
        column.high.push_back(range.high);
    }
    // The k-th smallest value lies between the k-th smallest bounds.
    std::sort(column.low.begin(), column.low.end());
    std::sort(column.high.begin(), column.high.end());
    return column;
}

std::vector<std::size_t> all_rows(const Scene& scene) {
    std::vector<std::size_t> rows(scene.n());
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    return rows;
}

std::int64_t mean(const Numbers& values, std::size_t first, std::size_t last) {
    std::int64_t sum = 0;
    for (std::size_t k = first; k < last; ++k) {
        sum += values[k];
    }
    return rounded_mean(sum, static_cast<std::int64_t>(last - first));
}

std::int64_t nearest(Numbers sorted, std::int64_t twice_centre, std::size_t count) {
    std::stable_sort(sorted.begin(), sorted.end(), [&](std::int64_t a, std::int64_t b) {
        return std::abs(2 * a - twice_centre) < std::abs(2 * b - twice_centre);
    });
    return mean(sorted, 0, count);
}

// The values nearest to a centre are neighbours in order: the window moves up while the value that
// enters is nearer than the one that leaves.
Range nearest_range(const Column& column, Range twice_centre, std::size_t count) {
    if (column.known() && twice_centre.low == twice_centre.high) {
        const std::int64_t value = nearest(column.low, twice_centre.low, count);
        return {value, value};
    }
    std::size_t least = 0;
    std::size_t most = 0;
    while (least + count < column.high.size() &&
           column.high[least] + column.high[least + count] < twice_centre.low) {
        ++least;
    }
    while (most + count < column.low.size() &&
           column.low[most] + column.low[most + count] < twice_centre.high) {
        ++most;
    }
    return {mean(column.low, least, least + count), mean(column.high, most, most + count)};
}

}  // namespace

std::int64_t rounded_mean(std::int64_t sum, std::int64_t count) {
    const std::int64_t twice = 2 * sum + count;
    std::int64_t result = twice / (2 * count);
    return result * 2 * count > twice ? result - 1 : result;
}

Range on_grid(const Scene& scene, std::size_t row, std::size_t j) {
    const Real value = scene.points[row][j];
    if (scene.raw) {
        return {static_cast<std::int64_t>(value), static_cast<std::int64_t>(value)};
    }
    if (scene.denominator != kRounded && scene.error == 0.0L) {
        const auto numerator = static_cast<std::int64_t>(
            std::floor(value * static_cast<Real>(scene.denominator) + 0.5L));
        const std::int64_t whole =
            rounded_mean(numerator, static_cast<std::int64_t>(scene.denominator));
        return {whole, whole};
    }
    const Real error = scene.error + 0x1p-50L * (std::fabs(value) + 1.0L);
    const Real most = kMost;
    return {static_cast<std::int64_t>(std::floor(std::clamp(value - error, -most, most) + 0.5L)),
            static_cast<std::int64_t>(std::floor(std::clamp(value + error, -most, most) + 0.5L))};
}

Ranges window_mean(const Scene& scene, std::size_t first, std::size_t last) {
    Ranges result;
    for (std::size_t j = 0; j < scene.d(); ++j) {
        const Column column = column_of(scene, all_rows(scene), j);
        result.push_back({mean(column.low, first, last), mean(column.high, first, last)});
    }
    return result;
}

Ranges winsorized_mean(const Scene& scene, std::size_t first, std::size_t last) {
    const auto limited = [&](Numbers values) {
        for (std::size_t k = 0; k < first; ++k) {
            values[k] = values[first];
        }
        for (std::size_t k = last; k < values.size(); ++k) {
            values[k] = values[last - 1];
        }
        return mean(values, 0, values.size());
    };
    Ranges result;
    for (std::size_t j = 0; j < scene.d(); ++j) {
        const Column column = column_of(scene, all_rows(scene), j);
        result.push_back({limited(column.low), limited(column.high)});
    }
    return result;
}

Ranges mean_around_median(const Scene& scene, const std::vector<std::size_t>& rows,
                          std::size_t count) {
    Ranges result;
    for (std::size_t j = 0; j < scene.d(); ++j) {
        const Column column = column_of(scene, rows, j);
        const std::size_t left = (rows.size() - 1) / 2;
        const std::size_t right = rows.size() / 2;
        result.push_back(nearest_range(
            column, {column.low[left] + column.low[right], column.high[left] + column.high[right]},
            count));
    }
    return result;
}

Ranges mean_around_row(const Scene& scene, std::size_t row, std::size_t count) {
    Ranges result;
    for (std::size_t j = 0; j < scene.d(); ++j) {
        const Range centre = on_grid(scene, row, j);
        result.push_back(nearest_range(column_of(scene, all_rows(scene), j),
                                       {2 * centre.low, 2 * centre.high}, count));
    }
    return result;
}

Ranges sign_vote(const Scene& scene, std::size_t threshold) {
    const auto sign = [](std::int64_t value) { return value > 0 ? 1 : value < 0 ? -1 : 0; };
    Ranges result;
    for (std::size_t j = 0; j < scene.d(); ++j) {
        const Column column = column_of(scene, all_rows(scene), j);
        const Range plain{mean(column.low, 0, scene.n()), mean(column.high, 0, scene.n())};
        std::int64_t least = 0;  // of the sum of signs
        std::int64_t most = 0;
        for (std::size_t k = 0; k < scene.n(); ++k) {
            least += sign(column.low[k]);
            most += sign(column.high[k]);
        }
        const auto enough = static_cast<std::int64_t>(threshold);
        const bool may_keep = most >= enough || least <= -enough;
        const bool may_turn = least < enough && most > -enough;
        const Range turned{-plain.high, -plain.low};
        if (may_keep && may_turn) {
            result.push_back({std::min(plain.low, turned.low), std::max(plain.high, turned.high)});
        } else {
            result.push_back(may_keep ? plain : turned);
        }
    }
    return result;
}

Ranges shortened(const Ranges& ranges, std::int64_t share) {
    constexpr std::int64_t kOne = std::int64_t{1} << 30U;
    Ranges result;
    for (const Range& range : ranges) {
        result.push_back(
            {rounded_mean(range.low * share, kOne), rounded_mean(range.high * share, kOne)});
    }
    return result;
}

}  // namespace fedstake::aggregation::slow
