// Dense networks from the rules, and TorchScript modules from a digest-pinned local file.
#include "client/training/network.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/csrc/jit/serialization/import.h>

#include "proto/base/check.hpp"
#include "proto/crypto/sha256.hpp"

namespace fedstake::training {

namespace {

// Logistic regression is the dense network without hidden layers.
class DenseNetwork final : public Network {
public:
    DenseNetwork(const rules::ModelRules& model, ParameterLayout layout) {
        layout_ = std::move(layout);
        for (const ParameterInfo& parameter : layout_.parameters) {
            tensors_.push_back(torch::zeros(parameter.shape, torch::kFloat32));
        }
        const InitialParameters initial = builtin_parameters(model, layout_);
        set_values(initial.shared, initial.local);
        for (auto& tensor : tensors_) tensor.requires_grad_(true);
    }

    torch::Tensor forward(const torch::Tensor& rows) override {
        torch::Tensor out = rows;
        for (std::size_t i = 0; i < tensors_.size(); i += 2) {
            if (i > 0) out = at::relu(out);
            out = at::linear(out, tensors_[i], tensors_[i + 1]);
        }
        return out;
    }
    void set_training(bool /*training*/) override {}
};

class ScriptNetwork final : public Network {
public:
    ScriptNetwork(torch::jit::Module module, const rules::ModelRules& model)
        : module_(std::move(module)), outputs_(model.outputs) {}

    Status prepare(const rules::ModelRules& model) {
        for (const auto& named : module_.named_parameters()) FS_TRY(add(named, false));
        for (const auto& named : module_.named_buffers()) {
            if (named.value.is_floating_point()) FS_TRY(add(named, true));
        }
        FS_TRY(mark_site_local(layout_, model.site_local));
        set_training(false);
        const torch::NoGradGuard no_gradients;
        const torch::Tensor probe =
            forward(torch::zeros({2, static_cast<std::int64_t>(model.inputs)}, torch::kFloat32));
        static_cast<void>(probe);
        return {};
    }

    torch::Tensor forward(const torch::Tensor& rows) override {
        // Op by op: the optimising executor specialises on the shapes of earlier calls, which makes
        // a result depend on history, and fails on another batch size (LibTorch 2.6).
        const torch::jit::GraphOptimizerEnabledGuard plain(false);
        const torch::jit::IValue result = module_.forward({rows});
        TORCH_CHECK(result.isTensor(), "forward must return one tensor");
        torch::Tensor out = result.toTensor();
        TORCH_CHECK(out.dim() == 2 && out.size(0) == rows.size(0) &&
                        out.size(1) == static_cast<std::int64_t>(outputs_),
                    "forward must return [rows, ", outputs_, "], not ", out.sizes());
        return out;
    }
    void set_training(bool training) override { module_.train(training); }

private:
    template <class Named>
    Status add(const Named& named, bool buffer) {
        if (named.value.scalar_type() != torch::kFloat32) {
            return fail(Errc::kInvalidInput,
                        fmt::format("parameter {} is not float32", named.name));
        }
        if (!named.value.is_contiguous()) {
            return fail(Errc::kInvalidInput,
                        fmt::format("parameter {} is not contiguous", named.name));
        }
        layout_.parameters.push_back({.name = named.name,
                                      .shape = named.value.sizes().vec(),
                                      .count = static_cast<std::uint64_t>(named.value.numel()),
                                      .site_local = buffer,
                                      .buffer = buffer});
        tensors_.push_back(named.value);
        if (!buffer) tensors_.back().requires_grad_(true);
        return {};
    }

    torch::jit::Module module_;
    std::uint32_t outputs_;
};

Result<std::string> read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (!file || !(text << file.rdbuf())) {
        return fail(Errc::kNotFound,
                    fmt::format("{}: cannot read the TorchScript file", path.string()));
    }
    return std::move(text).str();
}

// The digest is taken of the very bytes that are parsed: nothing can be swapped in between, and
// bytes that the operators did not approve never reach the TorchScript loader.
Result<std::unique_ptr<Network>> load_script(const rules::ModelRules& model,
                                             const std::filesystem::path& script) {
    if (script.empty()) {
        return fail(Errc::kInvalidInput,
                    "the federation's model is a TorchScript file: give its local path");
    }
    FS_ASSIGN(std::string bytes, read_file(script));
    const Digest digest = crypto::sha256(as_bytes(bytes));
    if (digest != model.script_digest) {
        return fail(Errc::kCorrupt,
                    fmt::format("{}: SHA-256 is {}, but the federation's rules pin {}: get the "
                                "file that the consortium approved",
                                script.string(), digest.hex(), model.script_digest.hex()));
    }
    return torch_call(script.string(), [&]() -> Result<std::unique_ptr<Network>> {
        std::istringstream stream(std::move(bytes));
        auto network = std::make_unique<ScriptNetwork>(
            torch::jit::load(stream, torch::Device(torch::kCPU)), model);
        if (const Status ready = network->prepare(model); !ready) {
            return tl::unexpected<Error>(with_context(ready.error(), script.string()));
        }
        return network;
    });
}

}  // namespace

Result<std::unique_ptr<Network>> Network::create(const rules::ModelRules& model,
                                                 const std::filesystem::path& script) {
    if (model.kind == "torchscript") return load_script(model, script);
    FS_ASSIGN(ParameterLayout layout, builtin_layout(model));
    return torch_call("model", [&]() -> Result<std::unique_ptr<Network>> {
        return std::make_unique<DenseNetwork>(model, std::move(layout));
    });
}

InitialParameters Network::values() const {
    InitialParameters values;
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
        auto& out = layout_.parameters[i].site_local ? values.local : values.shared;
        const float* data = tensors_[i].data_ptr<float>();
        out.insert(out.end(), data, data + tensors_[i].numel());
    }
    return values;
}

void Network::set_values(std::span<const float> shared, std::span<const float> local) {
    FS_CHECK(shared.size() == layout_.shared_count() && local.size() == layout_.local_count());
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
        const ParameterInfo& parameter = layout_.parameters[i];
        auto& rest = parameter.site_local ? local : shared;
        const auto count = static_cast<std::size_t>(parameter.count);
        std::copy_n(rest.data(), count, tensors_[i].data_ptr<float>());
        rest = rest.subspan(count);
    }
}

}  // namespace fedstake::training
