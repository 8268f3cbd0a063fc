// Cell by cell: text to numbers under the schema, every refusal with its place.
#include "client/data/csv.hpp"

#include <charconv>
#include <cmath>
#include <fstream>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace fedstake::data {

namespace {

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// The whole text as a finite number ("0.5", ".5", "+1", "1e3"), or nothing.
std::optional<double> number(std::string_view text) {
    if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
    double value = 0.0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
        return std::nullopt;
    }
    return value;
}

bool same_level(std::string_view cell, std::string_view level) {
    if (cell == level) return true;
    const auto left = number(cell);
    return left && left == number(level);
}

// What a person sees of a bad cell: printable and short.
std::string shown(std::string_view cell) {
    std::string out;
    for (const char c : cell.substr(0, 40)) {
        const auto byte = static_cast<unsigned char>(c);
        out += (byte < 0x20 || byte == 0x7f) ? '?' : c;
    }
    return cell.size() > 40 ? out + "..." : out;
}

struct Place {
    std::string_view file;
    std::size_t line = 0;

    [[nodiscard]] tl::unexpected<Error> error(std::size_t column, std::string_view what) const {
        return fail(Errc::kInvalidInput, fmt::format("{}:{}:{}: {}", file, line, column, what));
    }
};

Result<std::int32_t> parse_label(const Column& column, std::string_view cell, const Place& place,
                                 std::size_t position) {
    const auto value = number(cell);
    if (!value || *value != std::floor(*value)) {
        return place.error(position, fmt::format("label \"{}\" must be a whole number, not \"{}\"",
                                                 column.name, shown(cell)));
    }
    if (*value < static_cast<double>(column.label_min) ||
        *value > static_cast<double>(column.label_max)) {
        return place.error(
            position, fmt::format("label \"{}\" is {}, outside the schema's {} to {}", column.name,
                                  shown(cell), column.label_min, column.label_max));
    }
    const auto label = static_cast<std::int64_t>(*value);
    if (column.positive_above) return label > *column.positive_above ? 1 : 0;
    return static_cast<std::int32_t>(label - column.label_min);
}

// Appends the features of one cell.
Status parse_feature(const Column& column, std::string_view cell, const Place& place,
                     std::size_t position, std::vector<float>& out) {
    if (column.type == ColumnType::kNumeric) {
        const auto value = number(cell);
        if (!value || !std::isfinite(static_cast<float>(*value))) {
            return place.error(position, fmt::format("\"{}\" must be a finite number, not \"{}\"",
                                                     column.name, shown(cell)));
        }
        out.push_back(static_cast<float>(*value));
        return {};
    }
    std::size_t found = column.levels.size();
    for (std::size_t i = 0; i < column.levels.size() && found == column.levels.size(); ++i) {
        if (same_level(cell, column.levels[i])) found = i;
    }
    if (found == column.levels.size()) {
        return place.error(
            position, fmt::format("\"{}\" is \"{}\", not a level of the schema ({})", column.name,
                                  shown(cell), fmt::join(column.levels, ", ")));
    }
    for (std::size_t i = column.drop_first ? 1 : 0; i < column.levels.size(); ++i) {
        out.push_back(i == found ? 1.0F : 0.0F);
    }
    return {};
}

class Parser {
public:
    Parser(std::string_view file, const Schema& schema) : schema_(schema), place_{file, 0} {
        csv_.data.feature_names = schema.feature_names();
        csv_.data.inputs = csv_.data.feature_names.size();
        csv_.data.classes = schema.classes();
    }

    Status line(std::string_view text) {
        ++place_.line;
        if (trimmed(text).empty()) return {};
        if (text.find('"') != std::string_view::npos) {
            return place_.error(1, "quoted cells are not supported: remove the quotes");
        }
        FS_TRY(split_cells(text));
        if (schema_.header && !header_seen_) {
            header_seen_ = true;
            return header();
        }
        return row();
    }

    Result<LoadedCsv> finish() {
        if (schema_.header && !header_seen_) {
            return fail(Errc::kInvalidInput,
                        fmt::format("{}:1:1: the file is empty; schema \"{}\" expects a header "
                                    "line",
                                    place_.file, schema_.name));
        }
        if (csv_.data.rows() == 0) {
            return fail(Errc::kInvalidInput,
                        fmt::format("{}:{}:1: no rows left: {} read, {} dropped for missing values "
                                    "(\"{}\"){}",
                                    place_.file, place_.line, csv_.rows_read, csv_.rows_dropped,
                                    schema_.missing, most_missing()));
        }
        return std::move(csv_);
    }

private:
    Status split_cells(std::string_view text) {
        cells_.clear();
        for (;;) {
            const auto end = text.find(schema_.separator);
            cells_.push_back(trimmed(text.substr(0, end)));
            if (end == std::string_view::npos) break;
            text.remove_prefix(end + 1);
        }
        if (cells_.size() == schema_.columns.size()) return {};
        return place_.error(std::min(cells_.size(), schema_.columns.size()),
                            fmt::format("{} columns, but schema \"{}\" declares {}", cells_.size(),
                                        schema_.name, schema_.columns.size()));
    }

    Status header() {
        for (std::size_t i = 0; i < cells_.size(); ++i) {
            if (cells_[i] == schema_.columns[i].name) continue;
            return place_.error(
                i + 1, fmt::format("header is \"{}\", but schema \"{}\" has "
                                   "\"{}\" here",
                                   shown(cells_[i]), schema_.name, schema_.columns[i].name));
        }
        return {};
    }

    Status row() {
        ++csv_.rows_read;
        bool complete = true;
        missing_.resize(cells_.size());
        for (std::size_t i = 0; i < cells_.size(); ++i) {
            if (schema_.columns[i].type == ColumnType::kIgnored) continue;
            if (cells_[i] != schema_.missing) continue;
            ++missing_[i];
            complete = false;
        }
        if (!complete) {
            ++csv_.rows_dropped;
            return {};
        }
        for (std::size_t i = 0; i < cells_.size(); ++i) {
            const Column& column = schema_.columns[i];
            if (column.type == ColumnType::kIgnored) continue;
            if (column.type == ColumnType::kLabel) {
                FS_ASSIGN(const std::int32_t label, parse_label(column, cells_[i], place_, i + 1));
                csv_.data.labels.push_back(label);
            } else {
                FS_TRY(parse_feature(column, cells_[i], place_, i + 1, csv_.data.features));
            }
        }
        return {};
    }

    // Where to look when nothing is left: the column that is missing most often.
    [[nodiscard]] std::string most_missing() const {
        std::size_t worst = 0;
        for (std::size_t i = 0; i < missing_.size(); ++i) {
            if (missing_[i] > missing_[worst]) worst = i;
        }
        if (missing_.empty() || missing_[worst] == 0) return {};
        return fmt::format("; \"{}\" is missing in {}: give it type \"ignored\" in the schema?",
                           schema_.columns[worst].name, missing_[worst]);
    }

    const Schema& schema_;
    Place place_;
    LoadedCsv csv_;
    bool header_seen_ = false;
    std::vector<std::string_view> cells_;
    std::vector<std::size_t> missing_;  // per column
};

}  // namespace

Result<LoadedCsv> parse_csv(std::string_view text, std::string_view source_name,
                            const Schema& schema) {
    FS_TRY(schema.validate());
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // spreadsheets put it in front
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    Parser parser(source_name, schema);
    while (!text.empty()) {
        const auto end = text.find('\n');
        FS_TRY(parser.line(text.substr(0, end)));
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    return parser.finish();
}

Result<LoadedCsv> load_csv(const std::filesystem::path& path, const Schema& schema) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (error) {
        return fail(Errc::kNotFound,
                    fmt::format("{}: cannot read data file: {}", path.string(), error.message()));
    }
    if (size > kCsvBytesMax) {
        return fail(Errc::kLimitExceeded, fmt::format("{}: {} bytes; at most {} are read",
                                                      path.string(), size, kCsvBytesMax));
    }
    std::string text(static_cast<std::size_t>(size), '\0');
    std::ifstream file(path, std::ios::binary);
    if (!file.read(text.data(), static_cast<std::streamsize>(text.size()))) {
        return fail(Errc::kNotFound, fmt::format("{}: cannot read data file", path.string()));
    }
    return parse_csv(text, path.string(), schema);
}

}  // namespace fedstake::data
