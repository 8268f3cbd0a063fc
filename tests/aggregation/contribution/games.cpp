// Games, and slow values by definition.
#include "tests/aggregation/contribution/games.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace fedstake::aggregation::contribution::games {
namespace {

double square_between(const Values& a, const Values& b) {
    double sum = 0.0;
    for (std::size_t k = 0; k < a.size(); ++k) {
        sum += (a[k] - b[k]) * (a[k] - b[k]);
    }
    return sum;
}

}  // namespace

std::size_t mask_of(std::span<const std::size_t> rows) {
    std::size_t mask = 0;
    for (const std::size_t row : rows) {
        mask |= std::size_t{1} << row;
    }
    return mask;
}

FunctionUtility utility_of(const Game& game) {
    return FunctionUtility([u = game.u](std::span<const std::size_t> rows) -> Result<double> {
        return u[mask_of(rows)];
    });
}

Game random_game(Rng& rng, std::size_t rows) {
    Game game{.rows = rows, .u = Values(std::size_t{1} << rows)};
    for (double& value : game.u) {
        value = 2.0 * rng.uniform() - 1.0;
    }
    return game;
}

Game covering_game(Rng& rng, std::size_t rows) {
    constexpr std::size_t kCells = 64;
    std::vector<std::uint64_t> covers;
    for (std::size_t i = 0; i < rows; ++i) {
        std::uint64_t cover = 0;
        const std::uint64_t first = rng.below(kCells);
        const std::uint64_t last = std::min<std::uint64_t>(kCells, first + 1 + rng.below(32));
        for (std::uint64_t cell = first; cell < last; ++cell) {
            cover |= std::uint64_t{1} << cell;
        }
        covers.push_back(cover);
    }
    Values worth;
    for (std::size_t cell = 0; cell < kCells; ++cell) {
        worth.push_back(rng.uniform());
    }
    Game game{.rows = rows, .u = Values(std::size_t{1} << rows, 0.0)};
    for (std::size_t mask = 0; mask < game.u.size(); ++mask) {
        for (std::size_t cell = 0; cell < kCells; ++cell) {
            bool covered = false;
            for (std::size_t i = 0; i < rows; ++i) {
                covered = covered || (((mask >> i) & 1U) != 0 && ((covers[i] >> cell) & 1U) != 0);
            }
            game.u[mask] += covered ? worth[cell] : 0.0;
        }
    }
    return game;
}

Game split(const Game& game, std::size_t row, std::size_t identities,
           const std::function<bool(std::size_t)>& present) {
    const std::size_t rows = game.rows + identities - 1;
    Game result{.rows = rows, .u = Values(std::size_t{1} << rows)};
    const std::size_t bit = std::size_t{1} << row;
    for (std::size_t mask = 0; mask < result.u.size(); ++mask) {
        const std::size_t mine = ((mask >> row) & 1U) | ((mask >> game.rows) << 1U);
        const std::size_t others = mask & ((std::size_t{1} << game.rows) - 1) & ~bit;
        result.u[mask] = game.u[present(mine) ? others | bit : others];
    }
    return result;
}

Game duplicated(const Game& game, std::size_t row, std::size_t identities) {
    return split(game, row, identities, [](std::size_t mine) { return mine != 0; });
}

Values shapley_by_orders(const Game& game) {
    std::vector<std::size_t> order(game.rows);
    std::iota(order.begin(), order.end(), std::size_t{0});
    Values values(game.rows, 0.0);
    double orders = 0.0;
    do {
        std::size_t mask = 0;
        for (const std::size_t row : order) {
            const std::size_t next = mask | (std::size_t{1} << row);
            values[row] += game.u[next] - game.u[mask];
            mask = next;
        }
        orders += 1.0;
    } while (std::next_permutation(order.begin(), order.end()));
    for (double& value : values) {
        value /= orders;
    }
    return values;
}

Values banzhaf_by_subsets(const Game& game) {
    Values values(game.rows, 0.0);
    for (std::size_t row = 0; row < game.rows; ++row) {
        const std::size_t bit = std::size_t{1} << row;
        for (std::size_t mask = 0; mask < game.u.size(); ++mask) {
            values[row] += (mask & bit) != 0 ? game.u[mask] : -game.u[mask];
        }
        values[row] /= static_cast<double>(game.u.size() / 2);
    }
    return values;
}

FunctionUtility approach_of(const Rows& rows, const Values& target) {
    return FunctionUtility([rows, target](std::span<const std::size_t> subset) -> Result<double> {
        Values mean(target.size(), 0.0);
        for (const std::size_t row : subset) {
            for (std::size_t k = 0; k < mean.size(); ++k) {
                mean[k] += rows[row][k] / static_cast<double>(subset.size());
            }
        }
        return square_between(target, Values(target.size(), 0.0)) - square_between(mean, target);
    });
}

Geometry geometry_of(const Rows& rows) {
    Geometry geometry(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const double norm = square_between(rows[i], Values(rows[i].size(), 0.0));
        geometry.set(i, rows.size() + static_cast<std::size_t>(Anchor::kZero), norm);
        for (std::size_t j = 0; j < i; ++j) {
            geometry.set(i, j, square_between(rows[i], rows[j]));
        }
    }
    return geometry;
}

Values normal_vector(Rng& rng, std::size_t coordinates, double deviation) {
    Values values;
    for (std::size_t k = 0; k < coordinates; ++k) {
        values.push_back(deviation * rng.normal());
    }
    return values;
}

}  // namespace fedstake::aggregation::contribution::games
