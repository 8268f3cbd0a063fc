// Files that hold secrets: owner-only, never through a symbolic link, never overwritten.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "proto/base/result.hpp"

namespace fedstake::crypto {

// Writes a new file with mode 0600 that is complete and on disk when this returns, or not there at
// all. RETURNS kConflict when the path exists (whatever it is), kNotFound when its folder does not,
// kUnavailable when the disk refuses.
[[nodiscard]] Status write_secret_file(const std::filesystem::path& path, std::string_view text);

// RETURNS kNotFound, kUnauthorized when the file is not ours, is a symbolic link or others may
// access it, kInvalidInput when it is not a regular file, kCorrupt above 64 KiB, kUnavailable on
// read errors.
[[nodiscard]] Result<std::string> read_secret_file(const std::filesystem::path& path);

}  // namespace fedstake::crypto
