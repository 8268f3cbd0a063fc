// Writes the final shared parameters as a safetensors file: u64 little-endian header length, a JSON
// header, then the raw float32 tensors. https://github.com/huggingface/safetensors, "Format".
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "coordinator/app/initial_model.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"

namespace fedstake::coordinator {

struct ReleasedFile {
    Digest sha256;
    std::uint64_t bytes = 0;
};

// Copies `vector_file` (float32 little-endian, the tensors one after the other) behind the header,
// piece by piece, into a temporary file that is synced and renamed to `out`.
// RETURNS kInvalidInput when the file's length is not the tensors', kUnavailable on disk errors.
[[nodiscard]] Result<ReleasedFile> write_released_model(
    const std::filesystem::path& out, const std::filesystem::path& vector_file,
    const std::vector<SharedTensor>& tensors, const std::map<std::string, std::string>& metadata);

}  // namespace fedstake::coordinator
