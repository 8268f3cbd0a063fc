// The released model as a safetensors file: u64 little-endian header length, a JSON header, then
// the raw tensors. Float32 only. https://github.com/huggingface/safetensors, "Format".
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "client/training/parameter_layout.hpp"
#include "proto/base/bytes.hpp"
#include "proto/base/result.hpp"

namespace fedstake::training {

struct NamedTensor {
    std::string name;
    std::vector<std::int64_t> shape;
    std::vector<float> values;
    friend bool operator==(const NamedTensor&, const NamedTensor&) = default;
};

struct TensorFile {
    std::vector<NamedTensor> tensors;                  // in file order
    std::map<std::string, std::string> metadata = {};  // "__metadata__"
    friend bool operator==(const TensorFile&, const TensorFile&) = default;
};

// RETURNS kInvalidInput: repeated, empty or reserved names, or a shape that is not its values'.
[[nodiscard]] Result<Bytes> encode_safetensors(const TensorFile& file);
// Strict: tensors must tile the data without gap or overlap, in header order or not; no duplicate
// keys, no other dtype, nothing after the last tensor. RETURNS kCorrupt saying what is wrong.
[[nodiscard]] Result<TensorFile> decode_safetensors(ByteView bytes);

// Written to a temporary file beside it, synced and renamed. RETURNS kUnavailable on disk errors.
[[nodiscard]] Status write_safetensors(const std::filesystem::path& path, const TensorFile& file);
[[nodiscard]] Result<TensorFile> read_safetensors(const std::filesystem::path& path);

// The shared parameters under their names; site-local ones are never part of a release.
// REQUIRES shared.size() == layout.shared_count().
[[nodiscard]] TensorFile released_model(const ParameterLayout& layout,
                                        std::span<const float> shared,
                                        std::map<std::string, std::string> metadata);

}  // namespace fedstake::training
