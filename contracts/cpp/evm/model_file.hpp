// A safetensors file as the model registry knows it: digests of the file, and the content root of
// the values behind its header.
//
// Released models hold the shared parameters one after the other, as float32, behind a u64
// little-endian header length and a JSON header: the values are the round's model, byte for byte.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"

namespace fedstake::evm {

struct ModelFile {
    std::filesystem::path path;
    Digest sha256;
    std::uint64_t bytes = 0;
    Digest values_root;  // content root of what follows the header
};

// Streams the file: memory does not grow with it. RETURNS kNotFound, kUnavailable for read errors,
// kInvalidInput for a file whose header does not fit: each names the path.
[[nodiscard]] Result<ModelFile> read_model_file(const std::filesystem::path& path);

// CIDv1 of a file with that digest, as text: raw codec, SHA-256, base32 ("bafkrei...").
[[nodiscard]] std::string cid_of(const Digest& sha256);

}  // namespace fedstake::evm
