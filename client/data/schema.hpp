// What the columns of a site's CSV file mean, declared in a TOML file of its own.
//
//   name = "uci-heart"        header = false      separator = ","     missing = "?"
//   [[column]] name = "age"   type = "numeric"
//   [[column]] name = "cp"    type = "categorical"  levels = ["1", "2", "3", "4"]  drop_first =
//   true
//   [[column]] name = "ca"    type = "ignored"
//   [[column]] name = "num"   type = "label"  min = 0  max = 4  positive_above = 0
//
// Columns stand in file order. A categorical column becomes one 0/1 feature per level; drop_first
// leaves out the first level's. A cell equals a level when the texts are equal or both are the same
// number ("1.0" is level "1"). A row with a missing value in a column that is not ignored is
// dropped and counted.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/result.hpp"

namespace fedstake::data {

enum class ColumnType : std::uint8_t { kNumeric, kCategorical, kIgnored, kLabel };

struct Column {
    std::string name;
    ColumnType type = ColumnType::kNumeric;
    std::vector<std::string> levels;  // categorical
    bool drop_first = false;          // categorical
    std::int64_t label_min = 0;       // label: smallest and largest value in the file
    std::int64_t label_max = 1;
    std::optional<std::int64_t> positive_above;  // label: class 1 above it, else class 0
    friend bool operator==(const Column&, const Column&) = default;
};

struct Schema {
    std::string name;
    bool header = false;  // the first line holds the column names, which must be these
    char separator = ',';
    std::string missing = "?";
    std::vector<Column> columns;

    [[nodiscard]] std::vector<std::string> feature_names() const;
    // 2 with positive_above, else label_max - label_min + 1.
    [[nodiscard]] std::uint32_t classes() const noexcept;
    // RETURNS kInvalidInput: no feature, not exactly one label, repeated or empty names or levels.
    [[nodiscard]] Status validate() const;
    friend bool operator==(const Schema&, const Schema&) = default;
};

// RETURNS kNotFound or kInvalidInput with file and line.
[[nodiscard]] Result<Schema> load_schema(const std::filesystem::path& path);
// Canonical TOML text: loading it gives the same schema back.
[[nodiscard]] std::string to_toml(const Schema& schema);

// A schema that needs no file: "uci-heart" (the four processed.*.data files of the UCI Heart
// Disease data set, 13 features) and "clinical-cohort" (client/data/cohort.hpp).
// RETURNS kNotFound naming the known ones.
[[nodiscard]] Result<Schema> builtin_schema(std::string_view name);

}  // namespace fedstake::data
