// Reads blobs in step and recomputes each value.
#include "client/app/challenge_values.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace fedstake::client {

namespace {

using Wide = __int128;

constexpr std::uint64_t kPieceValues = 16 * 1024;
constexpr Wide kValueMax = 0x7fff'ffff;

// floor((2 sum + count) / (2 count)).
Wide rounded_div(Wide sum, Wide count) noexcept {
    const Wide numerator = 2 * sum + count;
    const Wide divisor = 2 * count;
    Wide quotient = numerator / divisor;
    if (numerator % divisor < 0) --quotient;
    return quotient;
}

// One row of values for each update, a piece of the columns.
class Columns {
public:
    Columns(std::span<const aggregation::VectorSource* const> sources, std::uint64_t piece)
        : sources_(sources), rows_(sources.size(), std::vector<std::int32_t>(piece)) {}

    Status read(std::uint64_t first, std::uint64_t count) {
        for (std::size_t i = 0; i < sources_.size(); ++i) {
            FS_TRY(sources_[i]->read_int32(first, std::span(rows_[i]).first(count)));
        }
        return {};
    }
    void copy_column(std::uint64_t at, std::vector<std::int32_t>& out) const {
        for (std::size_t i = 0; i < rows_.size(); ++i) out[i] = rows_[i][at];
    }

private:
    std::span<const aggregation::VectorSource* const> sources_;
    std::vector<std::vector<std::int32_t>> rows_;
};

Wide weighted_mean(std::span<const std::int32_t> column, std::span<const std::uint64_t> weights,
                   std::uint32_t denominator) noexcept {
    Wide sum = 0;
    for (std::size_t i = 0; i < column.size(); ++i) sum += Wide{column[i]} * Wide{weights[i]};
    return std::clamp(rounded_div(sum, denominator), -kValueMax, kValueMax);
}

// Mean of the values from place `first` to before `last` once they are sorted.
Wide window_mean(std::span<std::int32_t> column, std::size_t first, std::size_t last) noexcept {
    std::sort(column.begin(), column.end());
    Wide sum = 0;
    for (std::size_t i = first; i < last; ++i) sum += column[i];
    return rounded_div(sum, static_cast<Wide>(last - first));
}

std::string text_of(Wide value) {
    return std::to_string(static_cast<std::int64_t>(value));
}

std::string text_of(float value) {
    return fmt::format("{:.9g} (0x{:08x})", value, std::bit_cast<std::uint32_t>(value));
}

Status go_on(const std::atomic<bool>& stop) {
    return stop ? Status(fail(Errc::kUnavailable, "interrupted")) : Status{};
}

std::vector<std::uint64_t> weights_of(const aggregation::RoundReport& report) {
    std::vector<std::uint64_t> weights;
    for (const aggregation::SiteReport& site : report.sites) {
        if (site.weight != 0) weights.push_back(site.weight);
    }
    return weights;
}

}  // namespace

ColumnRule column_rule(std::string_view name) noexcept {
    // AggregateMath.kindOf: a rule is here when it is there.
    constexpr std::array<std::string_view, 16> kWeightedRules{
        "mean",  "krum",          "krum-paper",       "multi-krum",
        "mda",   "smea",          "multi-krum-paper", "caf",
        "monna", "weighted-mean", "geometric-median", "weiszfeld-steps",
        "dnc",   "fltrust",       "signguard",        "norm-difference-clipping"};
    if (name == "median") return ColumnRule::kMedian;
    if (name == "trimmed-mean") return ColumnRule::kTrimmedMean;
    return std::ranges::find(kWeightedRules, name) != kWeightedRules.end() ? ColumnRule::kWeighted
                                                                           : ColumnRule::kUnknown;
}

ColumnRule column_rule(const rules::AggregationRules& rules,
                       const aggregation::RoundReport& report) noexcept {
    const ColumnRule rule = column_rule(report.rule);
    if (rule == ColumnRule::kUnknown || rule == ColumnRule::kWeighted) return rule;
    const bool shares = std::ranges::any_of(report.sites, [](const auto& site) {
        return site.reason == aggregation::Reason::kSharesWeight;
    });
    const bool plain = rules.rule.name == report.rule && rules.pre.empty() &&
                       rules.rule.parameters.empty() && !shares;
    return plain ? rule : ColumnRule::kUnknown;
}

Result<std::optional<WrongValue>> first_wrong_in_aggregate(
    ColumnRule rule, const aggregation::RoundReport& report,
    std::span<const aggregation::VectorSource* const> updates,
    const aggregation::VectorSource& aggregate, const std::atomic<bool>& stop) {
    const std::vector<std::uint64_t> weights = weights_of(report);
    const std::size_t n = updates.size();
    const std::size_t f = report.f;
    if (n == 0 || weights.size() != n || report.weight_denominator == 0 ||
        (rule == ColumnRule::kTrimmedMean && n <= 2 * f)) {
        return fail(Errc::kInvalidInput, fmt::format("the rule {} has no value for {} updates with "
                                                     "f = {}",
                                                     report.rule, n, f));
    }
    const std::uint64_t d = aggregate.size();
    Columns columns(updates, std::min(kPieceValues, d));
    std::vector<std::int32_t> committed(std::min(kPieceValues, d));
    std::vector<std::int32_t> column(n);
    for (std::uint64_t first = 0; first < d; first += kPieceValues) {
        FS_TRY(go_on(stop));
        const std::uint64_t count = std::min(kPieceValues, d - first);
        FS_TRY(columns.read(first, count));
        FS_TRY(aggregate.read_int32(first, std::span(committed).first(count)));
        for (std::uint64_t j = 0; j < count; ++j) {
            columns.copy_column(j, column);
            Wide expected = 0;
            if (rule == ColumnRule::kMedian) {
                expected = window_mean(column, (n - 1) / 2, n / 2 + 1);
            } else if (rule == ColumnRule::kTrimmedMean) {
                expected = window_mean(column, f, n - f);
            } else {
                expected = weighted_mean(column, weights, report.weight_denominator);
            }
            if (expected != committed[j]) {
                return WrongValue{first + j, text_of(Wide{committed[j]}), text_of(expected)};
            }
        }
    }
    return std::optional<WrongValue>{};
}

Result<std::optional<WrongValue>> first_wrong_in_model(std::uint8_t scale_bits,
                                                       const aggregation::VectorSource& base,
                                                       const aggregation::VectorSource& aggregate,
                                                       const aggregation::VectorSource& model,
                                                       const std::atomic<bool>& stop) {
    const std::uint64_t d = model.size();
    const std::uint64_t piece = std::min(kPieceValues, d);
    std::vector<float> from(piece);
    std::vector<float> committed(piece);
    std::vector<std::int32_t> change(piece);
    const double unit = std::ldexp(1.0, -static_cast<int>(scale_bits));
    for (std::uint64_t first = 0; first < d; first += kPieceValues) {
        FS_TRY(go_on(stop));
        const std::uint64_t count = std::min(kPieceValues, d - first);
        FS_TRY(base.read_float32(first, std::span(from).first(count)));
        FS_TRY(aggregate.read_int32(first, std::span(change).first(count)));
        FS_TRY(model.read_float32(first, std::span(committed).first(count)));
        for (std::uint64_t j = 0; j < count; ++j) {
            const double sum = static_cast<double>(from[j]) + static_cast<double>(change[j]) * unit;
            const auto expected = static_cast<float>(sum);
            if (std::bit_cast<std::uint32_t>(expected) !=
                std::bit_cast<std::uint32_t>(committed[j])) {
                return WrongValue{first + j, text_of(committed[j]), text_of(expected)};
            }
        }
    }
    return std::optional<WrongValue>{};
}

Result<std::optional<WrongValue>> first_out_of_range(std::int32_t most,
                                                     const aggregation::VectorSource& update,
                                                     const std::atomic<bool>& stop) {
    const std::uint64_t d = update.size();
    std::vector<std::int32_t> values(std::min(kPieceValues, d));
    for (std::uint64_t first = 0; first < d; first += kPieceValues) {
        FS_TRY(go_on(stop));
        const std::uint64_t count = std::min(kPieceValues, d - first);
        FS_TRY(update.read_int32(first, std::span(values).first(count)));
        for (std::uint64_t j = 0; j < count; ++j) {
            const Wide value = values[j];
            if (value > most || value < -Wide{most}) {
                return WrongValue{first + j, text_of(value), "at most +-" + std::to_string(most)};
            }
        }
    }
    return std::optional<WrongValue>{};
}

}  // namespace fedstake::client
