// Small files that survive a power cut.
#pragma once

#include <filesystem>

#include "proto/base/bytes.hpp"
#include "proto/base/result.hpp"

namespace fedstake::client {

// Aside, sync, rename, sync the folder: readers see the old bytes or the new ones, and after this
// returns the file survives a power cut. RETURNS kUnavailable, naming the path.
[[nodiscard]] Status replace_file(const std::filesystem::path& path, ByteView bytes);

// RETURNS kNotFound, naming the path.
[[nodiscard]] Result<Bytes> read_file(const std::filesystem::path& path);

}  // namespace fedstake::client
