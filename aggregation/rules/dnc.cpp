// Sampled coordinates, their exact distances, the scores, the rows that stay.
#include "aggregation/rules/dnc.hpp"

#include <algorithm>
#include <set>
#include <span>

#include "aggregation/integer_math.hpp"
#include "aggregation/kernels/gram.hpp"
#include "aggregation/rules/column_pieces.hpp"
#include "aggregation/rules/eigen.hpp"
#include "aggregation/rules/gram.hpp"
#include "aggregation/rules/row_figures.hpp"
#include "proto/base/check.hpp"

namespace fedstake::aggregation {
namespace {

constexpr std::uint16_t kRuleId = 42;
constexpr std::size_t kCoordinates = 0;
constexpr std::size_t kIterations = 1;
constexpr std::size_t kFilter = 2;
constexpr std::size_t kCoordinatesDefault = 10'000;
// Places no further apart than the gap are read in one piece, of at most so many columns.
constexpr std::uint64_t kGapMax = 64;
// A node of the set that places are drawn into, and the place itself.
constexpr std::size_t kBytesPerPlace = 56;

std::size_t dropped(const Arguments& arguments) {
    // What a person writes as a decimal is meant as one: 1.1 * 10 is 11.
    return static_cast<std::size_t>(
        arguments.parameter(kFilter, 1.0) * static_cast<double>(arguments.f) + 1e-9);
}

// out[i * places.size() + k] = row i at places[k].
Status gather(const RowColumns& columns, std::size_t n, std::span<const std::uint64_t> places,
              std::size_t piece_max, std::vector<std::int32_t>& out) {
    out.resize(n * places.size());
    std::size_t start = 0;
    while (start < places.size()) {
        std::size_t end = start + 1;
        while (end < places.size() && places[end] - places[end - 1] <= kGapMax &&
               places[end] - places[start] < piece_max) {
            ++end;
        }
        const auto count = static_cast<std::size_t>(places[end - 1] - places[start] + 1);
        FS_ASSIGN(const std::vector<std::int32_t> piece, columns.read(places[start], count));
        FS_CHECK(piece.size() == n * count);
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t k = start; k < end; ++k) {
                out[i * places.size() + k] =
                    piece[i * count + static_cast<std::size_t>(places[k] - places[start])];
            }
        }
        start = end;
    }
    return {};
}

Geometry geometry_of(const kernels::Gram& gram, std::size_t n) {
    Geometry geometry(n);
    std::vector<SignedWide> norms(n);
    for (std::size_t i = 0; i < n; ++i) {
        norms[i] = gram.inner(i, i);
        geometry.set(i, n + static_cast<std::size_t>(Anchor::kZero), to_double(norms[i]));
        for (std::size_t j = 0; j < i; ++j) {
            geometry.set(i, j, to_double(norms[i] + norms[j] - 2 * gram.inner(i, j)));
        }
    }
    return geometry;
}

// The `count` rows with the lowest scores.
std::vector<std::size_t> lowest_rows(const std::vector<double>& scores, std::size_t count) {
    std::vector<std::size_t> order = first_rows(scores.size());
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
    order.resize(count);
    return order;
}

}  // namespace

std::vector<std::uint64_t> random_places(std::uint64_t coordinates, std::uint64_t count, Rng& rng) {
    if (count >= coordinates) {
        std::vector<std::uint64_t> all(static_cast<std::size_t>(coordinates));
        for (std::size_t j = 0; j < all.size(); ++j) {
            all[j] = j;
        }
        return all;
    }
    std::set<std::uint64_t> places;
    for (std::uint64_t last = coordinates - count; last < coordinates; ++last) {
        const std::uint64_t place = rng.below(last + 1);
        if (!places.insert(place).second) {
            places.insert(last);
        }
    }
    return {places.begin(), places.end()};
}

Result<Geometry> geometry_at(const RowColumns& columns, std::size_t n,
                             const std::vector<std::uint64_t>& places, std::size_t piece_max) {
    const std::size_t width = kernels::Gram::best_panel_columns(n);
    kernels::Gram gram(n, width);
    std::vector<std::int32_t> values;
    for (std::size_t start = 0; start < places.size(); start += width) {
        const std::size_t count = std::min(width, places.size() - start);
        FS_TRY(gather(columns, n, std::span(places).subspan(start, count), piece_max, values));
        for (std::size_t i = 0; i < n; ++i) {
            gram.fill(i, values.data() + i * count, count);
        }
        gram.multiply();
    }
    return geometry_of(gram, n);
}

std::vector<double> outlier_scores(const Geometry& geometry) {
    const std::size_t n = geometry.rows();
    const EigenPair top = top_eigenpair(centred_gram(geometry, first_rows(n)), n);
    std::vector<double> scores(n, 0.0);
    for (std::size_t i = 0; top.value > 0.0 && i < n; ++i) {
        scores[i] = top.vector[i] * top.vector[i];
    }
    return scores;
}

Result<std::size_t> dnc_piece(const RowColumns& columns, std::size_t n, std::uint64_t places,
                              std::size_t memory_bytes) {
    const std::size_t width = kernels::Gram::best_panel_columns(n);
    const std::size_t fixed = kBytesPerPlace * static_cast<std::size_t>(places) +
                              kernels::Gram::bytes(n, width) + n * width * sizeof(std::int32_t);
    return piece_columns("dnc", columns, fixed, memory_bytes, kDncPieceMax,
                         "raise it or lower the parameter coordinates");
}

bool dnc_supports(const Arguments& arguments) {
    return has_honest_majority(arguments) && dropped(arguments) < arguments.n;
}

Result<RuleAnswer> dnc(const RuleInput& input) {
    const Arguments& arguments = input.arguments;
    const std::size_t n = arguments.n;
    Rng rng = rule_generator(input.seed, kRuleId);
    std::vector<std::size_t> times_kept(n, 0);
    const std::uint64_t coordinates = input.columns->coordinates();
    const std::uint64_t drawn =
        std::min<std::uint64_t>(coordinates, arguments.count(kCoordinates, kCoordinatesDefault));
    FS_ASSIGN(const std::size_t piece_max, dnc_piece(*input.columns, n, drawn, input.memory_bytes));
    for (std::size_t iteration = 0; iteration < arguments.count(kIterations, 1); ++iteration) {
        const std::vector<std::uint64_t> places = random_places(coordinates, drawn, rng);
        FS_ASSIGN(const Geometry geometry, geometry_at(*input.columns, n, places, piece_max));
        for (const std::size_t row :
             lowest_rows(outlier_scores(geometry), n - dropped(arguments))) {
            ++times_kept[row];
        }
    }
    const std::size_t most = *std::max_element(times_kept.begin(), times_kept.end());
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < n; ++i) {
        if (times_kept[i] == most) {
            kept.push_back(i);
        }
    }
    RuleAnswer answer;
    answer.combination = mean_of(n, kept);
    return answer;
}

}  // namespace fedstake::aggregation
