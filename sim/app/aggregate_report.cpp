// Text of both forms.
#include "sim/app/aggregate_report.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <span>
#include <string_view>

#include <fmt/format.h>

#include "aggregation/anomaly.hpp"

namespace fedstake::sim {
namespace {

constexpr std::size_t kPiece = 4096;
constexpr std::size_t kShownValues = 8;
constexpr std::uint32_t kSignalsToMark = 2;  // as many as make a verdict by default

std::vector<std::string_view> signal_names(std::uint32_t signals) {
    struct Name {
        std::uint32_t bit;
        std::string_view name;
    };
    static constexpr std::array kNames{Name{aggregation::kSignalNorm, "norm"},
                                       Name{aggregation::kSignalCosine, "cosine"},
                                       Name{aggregation::kSignalDistance, "distance"}};
    std::vector<std::string_view> names;
    for (const Name& each : kNames) {
        if ((signals & each.bit) != 0) {
            names.push_back(each.name);
        }
    }
    return names;
}

Status put(std::FILE* out, const std::string& text) {
    if (std::fwrite(text.data(), 1, text.size(), out) != text.size()) {
        return fail(Errc::kUnavailable, "cannot write to standard output");
    }
    return {};
}

// Names of the registry need no escapes.
template <class Strings>
std::string json_strings(const Strings& words) {
    std::string text = "[";
    for (const auto& word : words) {
        text += fmt::format("{}\"{}\"", text.size() > 1 ? "," : "", word);
    }
    return text + "]";
}

std::string json_row(const RowReport& row, std::size_t index) {
    const aggregation::Figures& figures = row.figures;
    return fmt::format(
        "{{\"index\":{},\"weight\":{},\"score\":{},\"norm\":{},\"norm_deviation\":{},\"cosine\":{},"
        "\"distance\":{},\"distance_deviation\":{},\"signals\":{}}}",
        index, shortest(row.weight), row.score, shortest(figures.norm),
        shortest(figures.norm_deviation), shortest(figures.cosine), shortest(figures.distance),
        shortest(figures.distance_deviation), json_strings(signal_names(figures.signals)));
}

Status put_aggregate(const FixedPointVector& aggregate, std::FILE* out) {
    std::array<double, kPiece> values;
    for (std::uint64_t first = 0; first < aggregate.size();) {
        const auto piece = std::span(values).first(
            static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, aggregate.size() - first)));
        FS_TRY(aggregate.read(first, piece));
        std::string text;
        for (std::size_t k = 0; k < piece.size(); ++k) {
            text += first + k > 0 ? "," : "";
            text += shortest(piece[k]);
        }
        FS_TRY(put(out, text));
        first += piece.size();
    }
    return {};
}

std::string table_row(const RowReport& row, std::size_t index, bool colour) {
    const aggregation::Figures& figures = row.figures;
    const std::vector<std::string_view> signals = signal_names(figures.signals);
    const bool marked = colour && signals.size() >= kSignalsToMark;
    std::string text = fmt::format(
        "{:>3}  {:>7.4f}  {:>7}  {:>10.4g} {:>9}  {:>+6.2f}  {:>10.4g} {:>9}", index, row.weight,
        row.score, figures.norm, fmt::format("({:+.1f})", figures.norm_deviation), figures.cosine,
        figures.distance, fmt::format("({:+.1f})", figures.distance_deviation));
    if (!signals.empty()) {
        text += fmt::format("  {}", fmt::join(signals, ", "));
    }
    return (marked ? "\x1b[31m" + text + "\x1b[0m" : text) + "\n";
}

}  // namespace

std::string shortest(double value) {
    std::array<char, 32> text{};
    const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
    return {text.data(), end};
}

Status print_json(const AggregateReport& report, std::FILE* out) {
    FS_TRY(put(out, fmt::format("{{\"rule\":\"{}\",\"pre\":{},\"n\":{},\"f\":{},\"unit\":{},"
                                "\"aggregate\":[",
                                report.rule, json_strings(report.pre), report.rows.size(), report.f,
                                shortest(std::ldexp(1.0, report.aggregate.exponent)))));
    FS_TRY(put_aggregate(report.aggregate, out));
    std::string weights;
    std::string rows;
    for (std::size_t i = 0; i < report.rows.size(); ++i) {
        weights += (i > 0 ? "," : "") + shortest(report.rows[i].weight);
        rows += (i > 0 ? "," : "") + json_row(report.rows[i], i);
    }
    FS_TRY(put(out, fmt::format("],\"weights\":[{}],\"rows\":[{}]}}\n", weights, rows)));
    return std::fflush(out) == 0 ? Status{}
                                 : fail(Errc::kUnavailable, "cannot write to standard output");
}

Result<std::string> render_table(const AggregateReport& report, bool colour) {
    std::string text = fmt::format(
        "{}{}: {} rows of {} values, f = {}, in steps of 2^{}\n\n", report.rule,
        report.pre.empty() ? std::string() : fmt::format(" behind {}", fmt::join(report.pre, ", ")),
        report.rows.size(), report.aggregate.size(), report.f, report.aggregate.exponent);
    text += fmt::format("{}{:>3}  {:>7}  {:>7}  {:>20}  {:>6}  {:>20}  {}{}\n",
                        colour ? "\x1b[1m" : "", "row", "weight", "score", "norm (deviation)",
                        "cosine", "distance (deviation)", "signals", colour ? "\x1b[0m" : "");
    for (std::size_t i = 0; i < report.rows.size(); ++i) {
        text += table_row(report.rows[i], i, colour);
    }
    std::array<double, kShownValues> values{};
    const auto shown = std::span(values).first(
        static_cast<std::size_t>(std::min<std::uint64_t>(kShownValues, report.aggregate.size())));
    FS_TRY(report.aggregate.read(0, shown));
    std::vector<std::string> words;
    std::transform(shown.begin(), shown.end(), std::back_inserter(words), shortest);
    text += fmt::format("\naggregate: {}", fmt::join(words, ", "));
    if (report.aggregate.size() > shown.size()) {
        text += fmt::format(" and {} more (--json prints and --output writes all of them)",
                            report.aggregate.size() - shown.size());
    }
    return text + "\n";
}

}  // namespace fedstake::sim
