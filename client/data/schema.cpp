// Schema checks and the built-in schemas.
#include "client/data/schema.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace fedstake::data {

namespace {

constexpr std::int64_t kClassesMax = 65'536;

Column numeric(std::string name) {
    Column column;
    column.name = std::move(name);
    return column;
}

Column categorical(std::string name, std::vector<std::string> levels) {
    Column column = numeric(std::move(name));
    column.type = ColumnType::kCategorical;
    column.levels = std::move(levels);
    column.drop_first = true;
    return column;
}

Column ignored(std::string name) {
    Column column = numeric(std::move(name));
    column.type = ColumnType::kIgnored;
    return column;
}

Column label(std::string name, std::int64_t min, std::int64_t max, std::int64_t positive_above) {
    Column column = numeric(std::move(name));
    column.type = ColumnType::kLabel;
    column.label_min = min;
    column.label_max = max;
    column.positive_above = positive_above;
    return column;
}

Schema uci_heart() {
    Schema schema;
    schema.name = "uci-heart";
    schema.columns = {numeric("age"),
                      numeric("sex"),
                      categorical("cp", {"1", "2", "3", "4"}),
                      numeric("trestbps"),
                      numeric("chol"),
                      numeric("fbs"),
                      categorical("restecg", {"0", "1", "2"}),
                      numeric("thalach"),
                      numeric("exang"),
                      numeric("oldpeak"),
                      ignored("slope"),
                      ignored("ca"),
                      ignored("thal"),
                      label("num", 0, 4, 0)};
    return schema;
}

Schema clinical_cohort() {
    Schema schema;
    schema.name = "clinical-cohort";
    schema.header = true;
    schema.columns = {numeric("age"),
                      numeric("male"),
                      categorical("chest_pain", {"typical", "atypical", "non-anginal", "none"}),
                      numeric("blood_pressure"),
                      numeric("cholesterol"),
                      numeric("high_sugar"),
                      categorical("ecg", {"normal", "st-t", "hypertrophy"}),
                      numeric("max_heart_rate"),
                      numeric("exercise_angina"),
                      numeric("st_depression"),
                      label("disease", 0, 1, 0)};
    return schema;
}

Status validate_label(const Column& column) {
    if (column.label_min > column.label_max) {
        return fail(Errc::kInvalidInput,
                    fmt::format("label \"{}\": min {} is above max {}", column.name,
                                column.label_min, column.label_max));
    }
    if (column.positive_above) {
        if (*column.positive_above < column.label_min ||
            *column.positive_above >= column.label_max) {
            return fail(Errc::kInvalidInput,
                        fmt::format("label \"{}\": positive_above {} must be at least min {} and "
                                    "below max {}, or one class could never occur",
                                    column.name, *column.positive_above, column.label_min,
                                    column.label_max));
        }
        return {};
    }
    // Unsigned: the distance of two int64 may not fit one.
    const auto distance =
        static_cast<std::uint64_t>(column.label_max) - static_cast<std::uint64_t>(column.label_min);
    if (distance == 0 || distance >= static_cast<std::uint64_t>(kClassesMax)) {
        return fail(Errc::kInvalidInput,
                    fmt::format("label \"{}\": min {} to max {} must span 2 to {} classes",
                                column.name, column.label_min, column.label_max, kClassesMax));
    }
    return {};
}

Status validate_levels(const Column& column) {
    if (column.levels.size() < 2) {
        return fail(
            Errc::kInvalidInput,
            fmt::format("categorical column \"{}\" needs at least two levels", column.name));
    }
    const std::set<std::string> unique(column.levels.begin(), column.levels.end());
    if (unique.size() != column.levels.size() || unique.contains("")) {
        return fail(
            Errc::kInvalidInput,
            fmt::format("categorical column \"{}\" has an empty or repeated level", column.name));
    }
    return {};
}

}  // namespace

std::vector<std::string> Schema::feature_names() const {
    std::vector<std::string> names;
    for (const Column& column : columns) {
        if (column.type == ColumnType::kNumeric) names.push_back(column.name);
        if (column.type != ColumnType::kCategorical) continue;
        for (std::size_t i = column.drop_first ? 1 : 0; i < column.levels.size(); ++i) {
            names.push_back(column.name + "=" + column.levels[i]);
        }
    }
    return names;
}

std::uint32_t Schema::classes() const noexcept {
    for (const Column& column : columns) {
        if (column.type != ColumnType::kLabel) continue;
        if (column.positive_above) return 2;
        return static_cast<std::uint32_t>(column.label_max - column.label_min + 1);
    }
    return 0;
}

Status Schema::validate() const {
    std::set<std::string> names;
    std::size_t labels = 0;
    for (const Column& column : columns) {
        if (column.name.empty()) return fail(Errc::kInvalidInput, "a column has an empty name");
        if (!names.insert(column.name).second) {
            return fail(Errc::kInvalidInput,
                        fmt::format("column \"{}\" is declared twice", column.name));
        }
        if (column.type == ColumnType::kCategorical) FS_TRY(validate_levels(column));
        if (column.type == ColumnType::kLabel) {
            ++labels;
            FS_TRY(validate_label(column));
        }
    }
    if (labels != 1) {
        return fail(Errc::kInvalidInput,
                    fmt::format("exactly one column must have type \"label\", not {}", labels));
    }
    if (feature_names().empty()) {
        return fail(Errc::kInvalidInput, "no column is numeric or categorical: nothing to learn");
    }
    if (separator == '"' || separator == '\n' || separator == '\r') {
        return fail(Errc::kInvalidInput, "separator must not be a quote or a line end");
    }
    return {};
}

Result<Schema> builtin_schema(std::string_view name) {
    if (name == "uci-heart") return uci_heart();
    if (name == "clinical-cohort") return clinical_cohort();
    return fail(Errc::kNotFound,
                fmt::format("no built-in schema \"{}\": use uci-heart, clinical-cohort, or the "
                            "path of a schema file",
                            name));
}

}  // namespace fedstake::data
