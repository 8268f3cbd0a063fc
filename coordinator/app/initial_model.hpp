// The model before the first round, and the shape that released models are written in.
//
// The shared vector is the concatenation of the parameters that do not stay at the sites, in the
// model's order, each row-major: the order that sites train in. No LibTorch here: sites get the
// initial vector by its content root like every other model.
//   logistic: linear.weight [outputs, inputs], linear.bias [outputs]            (zeros)
//   mlp:      layers.0.weight [hidden0, inputs], layers.0.bias, ...             (seeded)
//   torchscript: one tensor "shared"; its values come from a file
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "proto/base/bytes.hpp"
#include "proto/base/result.hpp"
#include "proto/rules/round_rules.hpp"

namespace fedstake::coordinator {

struct SharedTensor {
    std::string name;
    std::vector<std::uint64_t> shape;
    std::uint64_t count = 0;   // product of shape
    std::uint64_t fan_in = 0;  // 0 for biases
};

// The shared parameters. RETURNS kInvalidInput when their number differs from rules.coordinates.
[[nodiscard]] Result<std::vector<SharedTensor>> shared_tensors(const rules::RoundRules& rules);

// Where the values go, piece by piece: a model may be larger than memory.
using ModelSink = std::function<Status(ByteView)>;

// float32 little-endian values. Logistic: zeros. MLP: uniform in +-1/sqrt(fan in) from
// Rng(init_seed), biases zero. From `file` where one is given: exactly rules.coordinates finite
// values. RETURNS kInvalidInput naming the file, or saying that torchscript needs one.
[[nodiscard]] Status write_initial_model(const rules::RoundRules& rules,
                                         const std::filesystem::path& file, const ModelSink& sink);

// '*' stands for any run of characters, '?' for one.
[[nodiscard]] bool matches_glob(std::string_view pattern, std::string_view text) noexcept;

}  // namespace fedstake::coordinator
