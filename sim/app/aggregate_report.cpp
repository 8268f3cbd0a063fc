// Text of both forms.
#include "sim/app/aggregate_report.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>

#include <fmt/format.h>

#include "aggregation/detect/judge.hpp"
#include "sim/app/row_signals.hpp"

namespace fedstake::sim {
namespace {

using aggregation::detect::Signal;

constexpr std::size_t kPiece = 4096;
constexpr std::size_t kShownValues = 8;
// Signals besides norm, cosine and distance, which have more columns than one.
constexpr std::array kFurther{Signal::kNearest, Signal::kSpectral, Signal::kSigns};

const std::optional<double>& figure_of(const RowReport& row, Signal signal) {
    return row.signals[static_cast<std::size_t>(signal)];
}

double value_of(const RowReport& row, Signal signal) {
    return figure_of(row, signal).value_or(0.0);
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
    std::string text = fmt::format(
        "{{\"index\":{},\"weight\":{},\"score\":{},\"norm\":{},\"norm_deviation\":{},\"cosine\":{},"
        "\"distance\":{},\"distance_deviation\":{}",
        index, shortest(row.weight), row.score, shortest(row.norm),
        shortest(value_of(row, Signal::kNorm)), shortest(value_of(row, Signal::kCosine)),
        shortest(row.distance), shortest(value_of(row, Signal::kDistance)));
    for (const Signal signal : kFurther) {
        const std::optional<double>& figure = figure_of(row, signal);
        text += fmt::format(",\"{}_deviation\":{}", signal_info(signal).name,
                            figure ? shortest(*figure) : "null");
    }
    return text + fmt::format(",\"signals\":{}}}", json_strings(signal_names(row.fired)));
}

// Of the signals that a row has a figure of.
std::string json_limits(const AggregateReport& report) {
    std::string text;
    for (const aggregation::detect::SignalInfo& info : aggregation::detect::all_signals()) {
        const bool used = std::any_of(
            report.rows.begin(), report.rows.end(),
            [&](const RowReport& row) { return figure_of(row, info.signal).has_value(); });
        if (used) {
            text += fmt::format("{}\"{}\":{}", text.empty() ? "" : ",", info.name,
                                shortest(report.limits[static_cast<std::size_t>(info.signal)]));
        }
    }
    return "{" + text + "}";
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

// By the rules of a federation as they are by default.
bool is_struck(const RowReport& row, const aggregation::detect::Limits& limits) {
    using aggregation::detect::Outcome;
    return aggregation::detect::judge(row.signals, limits, aggregation::detect::Policy{}).outcome ==
           Outcome::kStrike;
}

std::string deviation_text(double deviation) {
    return std::fabs(deviation) < 999.95 ? fmt::format("{:+.1f}", deviation)
                                         : fmt::format("{:+.0e}", deviation);
}

std::string table_row(const RowReport& row, std::size_t index,
                      const aggregation::detect::Limits& limits, bool colour) {
    std::string text = fmt::format(
        "{:>3}  {:>7.4f}  {:>7}  {:>10.4g} {:>9}  {:>+6.2f}  {:>10.4g} {:>9}", index, row.weight,
        row.score, row.norm, fmt::format("({})", deviation_text(value_of(row, Signal::kNorm))),
        value_of(row, Signal::kCosine), row.distance,
        fmt::format("({})", deviation_text(value_of(row, Signal::kDistance))));
    for (const Signal signal : kFurther) {
        const std::optional<double>& figure = figure_of(row, signal);
        text += fmt::format("  {:>8}", figure ? deviation_text(*figure) : "-");
    }
    if (row.fired != 0) {
        text += fmt::format("  {}", fmt::join(signal_names(row.fired), ", "));
    }
    const bool marked = colour && is_struck(row, limits);
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
    FS_TRY(put(out, fmt::format("],\"weights\":[{}],\"limits\":{},\"rows\":[{}]}}\n", weights,
                                json_limits(report), rows)));
    return std::fflush(out) == 0 ? Status{}
                                 : fail(Errc::kUnavailable, "cannot write to standard output");
}

Result<std::string> render_table(const AggregateReport& report, bool colour) {
    std::string text = fmt::format(
        "{}{}: {} rows of {} values, f = {}, in steps of 2^{}\n\n", report.rule,
        report.pre.empty() ? std::string() : fmt::format(" behind {}", fmt::join(report.pre, ", ")),
        report.rows.size(), report.aggregate.size(), report.f, report.aggregate.exponent);
    text += fmt::format("{}{:>3}  {:>7}  {:>7}  {:>20}  {:>6}  {:>20}  {:>8}  {:>8}  {:>8}  {}{}\n",
                        colour ? "\x1b[1m" : "", "row", "weight", "score", "norm (deviation)",
                        "cosine", "distance (deviation)", "nearest", "spectral", "signs", "signals",
                        colour ? "\x1b[0m" : "");
    for (std::size_t i = 0; i < report.rows.size(); ++i) {
        text += table_row(report.rows[i], i, report.limits, colour);
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
