// Two filters, then a clipped mean.
#include "aggregation/rules/signguard.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "aggregation/rules/column_pieces.hpp"
#include "aggregation/rules/row_figures.hpp"
#include "proto/base/check.hpp"

namespace fedstake::aggregation {
namespace {

constexpr std::uint16_t kRuleId = 45;
constexpr double kNormLeast = 0.1;
constexpr double kNormMost = 3.0;
constexpr std::uint64_t kSliceShare = 10;  // one tenth of the coordinates
constexpr std::size_t kPieceMax = 8192;

using SignCounts = std::array<std::uint64_t, 3>;  // positive, zero, negative

void count_signs(const std::vector<std::int32_t>& piece, std::size_t columns,
                 std::vector<SignCounts>& counts) {
    for (std::size_t i = 0; i < counts.size(); ++i) {
        for (std::size_t k = 0; k < columns; ++k) {
            const std::int32_t value = piece[i * columns + k];
            counts[i][0] += value > 0 ? 1U : 0U;
            counts[i][1] += value == 0 ? 1U : 0U;
            counts[i][2] += value < 0 ? 1U : 0U;
        }
    }
}

std::vector<Feature> scaled(const std::vector<SignCounts>& counts) {
    SignCounts most{};
    for (const SignCounts& row : counts) {
        for (std::size_t k = 0; k < most.size(); ++k) {
            most[k] = std::max(most[k], row[k]);
        }
    }
    std::vector<Feature> features(counts.size());
    for (std::size_t i = 0; i < counts.size(); ++i) {
        for (std::size_t k = 0; k < most.size(); ++k) {
            features[i][k] = most[k] == 0
                                 ? 0.0
                                 : static_cast<double>(counts[i][k]) / static_cast<double>(most[k]);
        }
    }
    return features;
}

}  // namespace

std::vector<std::size_t> rows_of_usual_norm(const std::vector<double>& norms) {
    const double middle = middle_of(norms);
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < norms.size(); ++i) {
        if (norms[i] > kNormLeast * middle && norms[i] < kNormMost * middle) {
            rows.push_back(i);
        }
    }
    return rows;
}

Result<std::vector<Feature>> sign_features(const RowColumns& columns, std::size_t n, Rng& rng,
                                           std::size_t memory_bytes) {
    FS_ASSIGN(const std::size_t piece_max,
              piece_columns("signguard", columns, 0, memory_bytes, kPieceMax, "raise it"));
    const std::uint64_t coordinates = columns.coordinates();
    const std::uint64_t slice = std::max<std::uint64_t>(1, coordinates / kSliceShare);
    FS_CHECK(slice <= coordinates);
    std::uint64_t first = rng.below(coordinates - slice + 1);
    const std::uint64_t end = first + slice;
    std::vector<SignCounts> counts(n, SignCounts{});
    while (first < end) {
        const auto count =
            static_cast<std::size_t>(std::min<std::uint64_t>(piece_max, end - first));
        FS_ASSIGN(const std::vector<std::int32_t> piece, columns.read(first, count));
        FS_CHECK(piece.size() == n * count);
        count_signs(piece, count, counts);
        first += count;
    }
    return scaled(counts);
}

bool signguard_supports(const Arguments& arguments) {
    return has_honest_majority(arguments);
}

Result<RuleAnswer> signguard(const RuleInput& input) {
    const std::size_t n = input.arguments.n;
    const std::vector<double> norms = norms_of(*input.geometry, n);
    const double limit = middle_of(norms);
    if (limit == 0.0) {
        RuleAnswer zero;
        zero.combination = clipped_mean(*input.geometry, first_rows(n), 0.0);
        return zero;
    }
    Rng rng = rule_generator(input.seed, kRuleId);
    FS_ASSIGN(const std::vector<Feature> features,
              sign_features(*input.columns, n, rng, input.memory_bytes));
    const std::vector<std::size_t> alike =
        largest_mean_shift_cluster(features, mean_shift_bandwidth(features));
    const std::vector<std::size_t> usual = rows_of_usual_norm(norms);
    std::vector<std::size_t> kept;
    std::set_intersection(usual.begin(), usual.end(), alike.begin(), alike.end(),
                          std::back_inserter(kept));
    RuleAnswer answer;
    answer.combination = clipped_mean(*input.geometry, kept.empty() ? usual : kept, limit);
    return answer;
}

}  // namespace fedstake::aggregation
