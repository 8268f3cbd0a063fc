// The LibTorch side of a model: tensors in layout order and the forward pass. Private to this
// folder: it includes LibTorch, which costs 15 s and 1 GB in every file that includes it.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <torch/types.h>

#include "client/training/parameter_layout.hpp"
#include "proto/base/result.hpp"

namespace fedstake::training {

// First and last line of what LibTorch says: between them are its own sources and a traceback.
[[nodiscard]] inline std::string first_and_last_line(std::string_view text) {
    while (text.ends_with('\n')) text.remove_suffix(1);
    std::string brief(text.substr(0, text.find('\n')));
    if (const auto last = text.rfind('\n'); last != std::string_view::npos) {
        brief.append(" ").append(text.substr(last + 1));
    }
    return brief;
}

// Runs f, and turns what LibTorch throws into an Error: "what: reason".
template <class F>
auto torch_call(std::string_view what, F&& f) -> decltype(f()) {
    try {
        return f();
    } catch (const c10::Error& error) {
        return fail(Errc::kInvalidInput,
                    std::string(what) + ": " + first_and_last_line(error.what_without_backtrace()));
    } catch (const std::exception& error) {
        return fail(Errc::kInvalidInput,
                    std::string(what) + ": " + first_and_last_line(error.what()));
    }
}

class Network {
public:
    virtual ~Network() = default;

    // Built-in or TorchScript model by the rules, set to its starting values.
    [[nodiscard]] static Result<std::unique_ptr<Network>> create(
        const rules::ModelRules& model, const std::filesystem::path& script);

    // [rows, outputs] logits of [rows, inputs]. May throw what LibTorch throws.
    [[nodiscard]] virtual torch::Tensor forward(const torch::Tensor& rows) = 0;
    // Dropout and batch norm behave differently in training.
    virtual void set_training(bool training) = 0;

    [[nodiscard]] const ParameterLayout& layout() const noexcept { return layout_; }
    // One per entry of the layout, buffers included.
    [[nodiscard]] const std::vector<torch::Tensor>& tensors() const noexcept { return tensors_; }
    [[nodiscard]] InitialParameters values() const;
    // REQUIRES sizes that fit the layout.
    void set_values(std::span<const float> shared, std::span<const float> local);

protected:
    ParameterLayout layout_;
    std::vector<torch::Tensor> tensors_;
};

}  // namespace fedstake::training
