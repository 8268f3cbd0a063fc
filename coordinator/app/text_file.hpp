// Writing small files so that a reader sees the old or the new text, never half of one.
#pragma once

#include <filesystem>
#include <string_view>

#include "proto/base/result.hpp"

namespace fedstake::coordinator {

// RETURNS kConflict when the file exists already, kUnavailable naming it on disk errors.
[[nodiscard]] Status write_new_file(const std::filesystem::path& path, std::string_view text);
// Through a temporary file, synced and renamed.
[[nodiscard]] Status replace_file(const std::filesystem::path& path, std::string_view text);

}  // namespace fedstake::coordinator
