// Schemas as TOML files.
#include <fmt/format.h>

#include "client/data/schema.hpp"
#include "proto/manifest/toml_table.hpp"
#include "proto/manifest/toml_text.hpp"

namespace fedstake::data {

namespace {

using manifest::toml_string;
using manifest::TomlTable;

Result<ColumnType> parse_type(TomlTable& table) {
    FS_ASSIGN(const std::string text, table.text("type", std::nullopt));
    if (text == "numeric") return ColumnType::kNumeric;
    if (text == "categorical") return ColumnType::kCategorical;
    if (text == "ignored") return ColumnType::kIgnored;
    if (text == "label") return ColumnType::kLabel;
    return fail(Errc::kInvalidInput,
                fmt::format("{}type \"{}\" must be numeric, categorical, ignored or label",
                            table.where("type"), text));
}

std::string_view type_name(ColumnType type) {
    switch (type) {
        case ColumnType::kNumeric: return "numeric";
        case ColumnType::kCategorical: return "categorical";
        case ColumnType::kIgnored: return "ignored";
        case ColumnType::kLabel: return "label";
    }
    return "";
}

Result<Column> parse_column(TomlTable& table) {
    Column column;
    FS_ASSIGN(column.name, table.text("name", std::nullopt));
    FS_ASSIGN(column.type, parse_type(table));
    if (column.type == ColumnType::kCategorical) {
        FS_ASSIGN(column.levels, table.texts("levels", std::nullopt));
        FS_ASSIGN(column.drop_first, table.boolean("drop_first", false));
    }
    if (column.type == ColumnType::kLabel) {
        FS_ASSIGN(column.label_min, table.integer("min", {.fallback = 0}));
        FS_ASSIGN(column.label_max, table.integer("max", {.fallback = 1}));
        if (table.has("positive_above")) {
            FS_ASSIGN(column.positive_above, table.integer("positive_above", {}));
        }
    }
    FS_TRY(table.finish());
    return column;
}

}  // namespace

Result<Schema> load_schema(const std::filesystem::path& path) {
    FS_ASSIGN(TomlTable root, TomlTable::load(path));
    Schema schema;
    FS_ASSIGN(schema.name, root.text("name", std::nullopt));
    FS_ASSIGN(schema.header, root.boolean("header", false));
    FS_ASSIGN(schema.missing, root.text("missing", "?"));
    FS_ASSIGN(const std::string separator, root.text("separator", ","));
    if (separator.size() != 1) {
        return fail(Errc::kInvalidInput,
                    fmt::format("{}separator must be one character", root.where("separator")));
    }
    schema.separator = separator.front();
    FS_ASSIGN(auto columns, root.tables("column"));
    for (TomlTable& table : columns) {
        FS_ASSIGN(Column column, parse_column(table));
        schema.columns.push_back(std::move(column));
    }
    FS_TRY(root.finish());
    if (const Status valid = schema.validate(); !valid) {
        return tl::unexpected<Error>(with_context(valid.error(), path.string()));
    }
    return schema;
}

std::string to_toml(const Schema& schema) {
    std::string out = fmt::format("name = {}\nheader = {}\nseparator = {}\nmissing = {}\n",
                                  toml_string(schema.name), schema.header,
                                  toml_string(std::string_view(&schema.separator, 1)),
                                  toml_string(schema.missing));
    for (const Column& column : schema.columns) {
        out += fmt::format("\n[[column]]\nname = {}\ntype = \"{}\"\n", toml_string(column.name),
                           type_name(column.type));
        if (column.type == ColumnType::kCategorical) {
            out += "levels = [";
            for (std::size_t i = 0; i < column.levels.size(); ++i) {
                out += fmt::format("{}{}", i == 0 ? "" : ", ", toml_string(column.levels[i]));
            }
            out += fmt::format("]\ndrop_first = {}\n", column.drop_first);
        }
        if (column.type == ColumnType::kLabel) {
            out += fmt::format("min = {}\nmax = {}\n", column.label_min, column.label_max);
            if (column.positive_above) {
                out += fmt::format("positive_above = {}\n", *column.positive_above);
            }
        }
    }
    return out;
}

}  // namespace fedstake::data
