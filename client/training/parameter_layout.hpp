// Which parameters a model has, in which order, and which of them stay at the site. No LibTorch.
//
// The shared vector (what is sent, aggregated and released) is the concatenation of the shared
// parameters in layout order, each row-major; the local vector is the same of the site-local ones.
//   logistic: linear.weight [outputs, inputs], linear.bias [outputs]
//   mlp:      layers.0.weight [hidden0, inputs], layers.0.bias, layers.1.weight ...; ReLU between
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/result.hpp"
#include "proto/rules/round_rules.hpp"

namespace fedstake::training {

struct ParameterInfo {
    std::string name;
    std::vector<std::int64_t> shape;
    std::uint64_t count = 0;  // product of shape
    bool site_local = false;
    bool buffer = false;  // state of a TorchScript module that is not trained (batch norm): local
    friend bool operator==(const ParameterInfo&, const ParameterInfo&) = default;
};

struct ParameterLayout {
    std::vector<ParameterInfo> parameters;

    [[nodiscard]] std::uint64_t shared_count() const noexcept;
    [[nodiscard]] std::uint64_t local_count() const noexcept;
    friend bool operator==(const ParameterLayout&, const ParameterLayout&) = default;
};

// Shell-style match of the whole text: '*' any run of characters, '?' one. O(|pattern| * |text|).
[[nodiscard]] bool glob_match(std::string_view pattern, std::string_view text) noexcept;

// Marks the parameters that match a pattern. RETURNS kInvalidInput when a pattern matches nothing
// (a typing error would otherwise share what should stay), when no shared parameter is left, or
// above limits::kCoordinatesMax.
[[nodiscard]] Status mark_site_local(ParameterLayout& layout,
                                     const std::vector<std::string>& patterns);

// Layout of a "logistic" or "mlp" model. RETURNS kInvalidInput for other kinds or sizes of zero.
[[nodiscard]] Result<ParameterLayout> builtin_layout(const rules::ModelRules& model);

struct InitialParameters {
    std::vector<float> shared;
    std::vector<float> local;
};
// Logistic: zeros. MLP: weights uniform in +-1/sqrt(fan in) from Rng(init_seed), biases zero.
[[nodiscard]] InitialParameters builtin_parameters(const rules::ModelRules& model,
                                                   const ParameterLayout& layout);

}  // namespace fedstake::training
