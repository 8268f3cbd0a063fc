// Reads a CSV file under a declared schema.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "client/data/dataset.hpp"
#include "client/data/schema.hpp"
#include "proto/base/result.hpp"

namespace fedstake::data {

struct LoadedCsv {
    Dataset data;
    std::size_t rows_read = 0;     // lines with cells
    std::size_t rows_dropped = 0;  // of these, left out for a missing value
};

// Files above this are refused before they are read.
inline constexpr std::uintmax_t kCsvBytesMax = std::uintmax_t{1} << 31U;

// Cells are trimmed of blanks; quotes are not supported and are an error. Blank lines are skipped,
// CR LF is accepted, and a UTF-8 byte order mark in front. O(file size) memory.
// RETURNS kNotFound (no file), kLimitExceeded (size), or kInvalidInput as "file:line:column: ..."
// where column counts cells from 1: wrong number of cells, not a finite number, unknown level,
// label out of range, and, for the file as a whole, no rows left after dropping incomplete ones.
[[nodiscard]] Result<LoadedCsv> load_csv(const std::filesystem::path& path, const Schema& schema);
// The same on text; `source_name` stands for the file in messages.
[[nodiscard]] Result<LoadedCsv> parse_csv(std::string_view text, std::string_view source_name,
                                          const Schema& schema);

}  // namespace fedstake::data
