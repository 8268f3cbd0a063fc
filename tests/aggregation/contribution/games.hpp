// Games for the tests of contribution scores: tables of utilities, and rounds of rows in doubles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "aggregation/contribution/utility.hpp"
#include "aggregation/geometry.hpp"
#include "proto/base/rng.hpp"

namespace fedstake::aggregation::contribution::games {

using Values = std::vector<double>;
using Rows = std::vector<Values>;

// Answers with a function of the rows, and remembers what it was asked.
class FunctionUtility final : public Utility {
public:
    using Function = std::function<Result<double>(std::span<const std::size_t>)>;
    explicit FunctionUtility(Function function) : function_(std::move(function)) {}
    [[nodiscard]] Result<double> evaluate(std::span<const std::size_t> rows) override {
        asked.emplace_back(rows.begin(), rows.end());
        return function_(rows);
    }

    std::vector<std::vector<std::size_t>> asked;

private:
    Function function_;
};

// u[mask]: utility of the rows whose bits are set; 2^n entries.
struct Game {
    std::size_t rows = 0;
    Values u;
};

std::size_t mask_of(std::span<const std::size_t> rows);
FunctionUtility utility_of(const Game& game);

// Utilities independent and uniform in [-1, 1).
Game random_game(Rng& rng, std::size_t rows);
// u(S) = the length of the union of random intervals, one for each row: rows overlap, more never
// hurts.
Game covering_game(Rng& rng, std::size_t rows);
// Row `row` becomes `identities` rows, itself and those at the end. u(S) is what it was, with the
// row in it once present(bits) says so; bit 0 is the row itself.
Game split(const Game& game, std::size_t row, std::size_t identities,
           const std::function<bool(std::size_t)>& present);
// Present once any identity is.
Game duplicated(const Game& game, std::size_t row, std::size_t identities);

// Straight from the definitions, in doubles: over all orders of the rows, and over all subsets.
Values shapley_by_orders(const Game& game);
Values banzhaf_by_subsets(const Game& game);

// What the mean of the rows takes off the squared distance to `target`: |t|^2 - |mean - t|^2.
FunctionUtility approach_of(const Rows& rows, const Values& target);
Geometry geometry_of(const Rows& rows);
// Independent normal coordinates of this standard deviation.
Values normal_vector(Rng& rng, std::size_t coordinates, double deviation);

}  // namespace fedstake::aggregation::contribution::games
