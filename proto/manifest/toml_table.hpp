// Strict reading of TOML tables: every key must be asked for, every error has file and line.
//
//   FS_ASSIGN(auto root, TomlTable::load("coordinator.toml"));
//   FS_ASSIGN(auto port, root.integer("port", {.min = 1, .max = 65535, .fallback = 7443}));
//   FS_TRY(root.finish());   // an unknown key is an error that names the nearest known one
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/result.hpp"

namespace fedstake::manifest {

struct IntegerRange {
    std::int64_t min = INT64_MIN;
    std::int64_t max = INT64_MAX;
    std::optional<std::int64_t> fallback = std::nullopt;  // none: the key is required
};
struct NumberRange {
    double min = -1e300;
    double max = 1e300;
    std::optional<double> fallback = std::nullopt;
};

class TomlTable {
public:
    [[nodiscard]] static Result<TomlTable> load(const std::filesystem::path& path);
    [[nodiscard]] static Result<TomlTable> parse(std::string_view text, std::string source_name);
    ~TomlTable();
    TomlTable(TomlTable&&) noexcept;
    TomlTable& operator=(TomlTable&&) noexcept;

    [[nodiscard]] Result<std::int64_t> integer(std::string_view key, const IntegerRange& range);
    [[nodiscard]] Result<double> number(std::string_view key, const NumberRange& range);
    [[nodiscard]] Result<bool> boolean(std::string_view key, std::optional<bool> fallback);
    [[nodiscard]] Result<std::string> text(std::string_view key,
                                           std::optional<std::string> fallback);
    [[nodiscard]] Result<std::vector<std::string>> texts(
        std::string_view key, std::optional<std::vector<std::string>> fallback);
    [[nodiscard]] Result<std::vector<std::int64_t>> integers(
        std::string_view key, std::optional<std::vector<std::int64_t>> fallback);
    // Path relative to the file's own folder.
    [[nodiscard]] Result<std::filesystem::path> path(std::string_view key,
                                                     std::optional<std::filesystem::path> fallback);
    // A sub-table; missing: an empty one when `required` is false.
    [[nodiscard]] Result<TomlTable> table(std::string_view key, bool required);
    [[nodiscard]] Result<std::vector<TomlTable>> tables(
        std::string_view key);  // [[key]], may be none
    [[nodiscard]] bool has(std::string_view key) const;
    // Names of the keys present, in file order.
    [[nodiscard]] std::vector<std::string> keys() const;

    // "file:line: " of a key (or of the table itself), for errors found later.
    [[nodiscard]] std::string where(std::string_view key = {}) const;
    // RETURNS kInvalidInput for the first key that nobody asked for.
    [[nodiscard]] Status finish() const;

private:
    struct Impl;
    explicit TomlTable(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace fedstake::manifest
