// Layouts of the built-in models, site-local patterns, starting values.
#include "client/training/parameter_layout.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "proto/base/limits.hpp"
#include "proto/base/rng.hpp"

namespace fedstake::training {

namespace {

// One dense layer: a weight matrix and its bias. Sizes are below 2^32, so the product fits.
void add_layer(ParameterLayout& layout, const std::string& name, std::uint64_t inputs,
               std::uint64_t outputs) {
    const auto rows = static_cast<std::int64_t>(outputs);
    const auto columns = static_cast<std::int64_t>(inputs);
    layout.parameters.push_back(
        {.name = name + ".weight", .shape = {rows, columns}, .count = inputs * outputs});
    layout.parameters.push_back({.name = name + ".bias", .shape = {rows}, .count = outputs});
}

std::uint64_t count_of(const ParameterLayout& layout, bool site_local) noexcept {
    std::uint64_t count = 0;
    for (const ParameterInfo& parameter : layout.parameters) {
        if (parameter.site_local == site_local) count += parameter.count;
    }
    return count;
}

}  // namespace

std::uint64_t ParameterLayout::shared_count() const noexcept {
    return count_of(*this, false);
}

std::uint64_t ParameterLayout::local_count() const noexcept {
    return count_of(*this, true);
}

bool glob_match(std::string_view pattern, std::string_view text) noexcept {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;  // last '*' seen
    std::size_t resume = 0;                     // where in text it would match one more character
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

Status mark_site_local(ParameterLayout& layout, const std::vector<std::string>& patterns) {
    for (const std::string& pattern : patterns) {
        bool matched = false;
        for (ParameterInfo& parameter : layout.parameters) {
            if (parameter.buffer || !glob_match(pattern, parameter.name)) continue;
            parameter.site_local = true;
            matched = true;
        }
        if (matched) continue;
        std::vector<std::string_view> names;
        for (const ParameterInfo& parameter : layout.parameters) names.push_back(parameter.name);
        return fail(Errc::kInvalidInput,
                    fmt::format("site_local pattern \"{}\" matches no parameter; the model has {}",
                                pattern, fmt::join(names, ", ")));
    }
    const std::uint64_t shared = layout.shared_count();
    if (shared == 0) {
        return fail(Errc::kInvalidInput,
                    "every parameter is site_local: nothing is left to train together");
    }
    if (shared > limits::kCoordinatesMax) {
        return fail(Errc::kInvalidInput,
                    fmt::format("the model has {} shared parameters; at most {} are supported",
                                shared, limits::kCoordinatesMax));
    }
    return {};
}

Result<ParameterLayout> builtin_layout(const rules::ModelRules& model) {
    if (model.inputs == 0 || model.outputs == 0) {
        return fail(Errc::kInvalidInput, "model inputs and outputs must be at least 1");
    }
    ParameterLayout layout;
    if (model.kind == "logistic") {
        if (!model.hidden.empty()) {
            return fail(Errc::kInvalidInput,
                        "a logistic model has no hidden layers: remove hidden, or use kind mlp");
        }
        add_layer(layout, "linear", model.inputs, model.outputs);
    } else if (model.kind == "mlp") {
        if (model.hidden.empty()) {
            return fail(Errc::kInvalidInput, "an mlp needs hidden, e.g. hidden = [16]");
        }
        std::uint64_t width = model.inputs;
        for (std::size_t i = 0; i <= model.hidden.size(); ++i) {
            const std::uint64_t next = i < model.hidden.size() ? model.hidden[i] : model.outputs;
            if (next == 0) return fail(Errc::kInvalidInput, "a hidden layer of size 0");
            add_layer(layout, fmt::format("layers.{}", i), width, next);
            width = next;
        }
    } else {
        return fail(
            Errc::kInvalidInput,
            fmt::format("model kind \"{}\" must be logistic, mlp or torchscript", model.kind));
    }
    FS_TRY(mark_site_local(layout, model.site_local));
    return layout;
}

InitialParameters builtin_parameters(const rules::ModelRules& model,
                                     const ParameterLayout& layout) {
    InitialParameters initial;
    Rng rng(model.init_seed);
    for (const ParameterInfo& parameter : layout.parameters) {
        auto& out = parameter.site_local ? initial.local : initial.shared;
        if (model.kind == "logistic" || parameter.shape.size() != 2) {
            out.insert(out.end(), static_cast<std::size_t>(parameter.count), 0.0F);
            continue;
        }
        const double bound = 1.0 / std::sqrt(static_cast<double>(parameter.shape[1]));
        for (std::uint64_t i = 0; i < parameter.count; ++i) {
            out.push_back(static_cast<float>(bound * (2.0 * rng.uniform() - 1.0)));
        }
    }
    return initial;
}

}  // namespace fedstake::training
