// The model before the first round.
#include "coordinator/app/initial_model.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <fstream>
#include <numeric>

#include <fmt/format.h>

#include "proto/base/rng.hpp"

namespace fedstake::coordinator {

bool matches_glob(std::string_view pattern, std::string_view text) noexcept {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resume = 0;
    while (t < text.size()) {
        if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
            ++p;
            ++t;
        } else if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') {
        ++p;
    }
    return p == pattern.size();
}

namespace {

void add_layer(std::vector<SharedTensor>& tensors, const std::string& name, std::uint64_t outputs,
               std::uint64_t inputs) {
    tensors.push_back({.name = name + ".weight",
                       .shape = {outputs, inputs},
                       .count = outputs * inputs,
                       .fan_in = inputs});
    tensors.push_back({.name = name + ".bias", .shape = {outputs}, .count = outputs, .fan_in = 0});
}

std::vector<SharedTensor> all_tensors(const rules::ModelRules& model, std::uint64_t coordinates) {
    std::vector<SharedTensor> tensors;
    if (model.kind == "logistic") {
        add_layer(tensors, "linear", model.outputs, model.inputs);
    } else if (model.kind == "mlp") {
        std::uint64_t inputs = model.inputs;
        std::size_t layer = 0;
        for (const std::uint32_t hidden : model.hidden) {
            add_layer(tensors, fmt::format("layers.{}", layer++), hidden, inputs);
            inputs = hidden;
        }
        add_layer(tensors, fmt::format("layers.{}", layer), model.outputs, inputs);
    } else {
        tensors.push_back(
            {.name = "shared", .shape = {coordinates}, .count = coordinates, .fan_in = 0});
    }
    return tensors;
}

constexpr std::size_t kPieceBytes = std::size_t{1} << 20U;

bool all_finite(ByteView values, std::uint64_t first, std::uint64_t& bad) {
    for (std::size_t i = 0; i < values.size(); i += 4) {
        if ((values[i + 3] & 0x7fU) == 0x7fU && (values[i + 2] & 0x80U) != 0) {
            bad = first + i / 4;
            return false;
        }
    }
    return true;
}

Status copy_model(const std::filesystem::path& file, std::uint64_t coordinates,
                  const ModelSink& sink) {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(file, error);
    if (error) {
        return fail(Errc::kNotFound, file.string() + ": " + error.message());
    }
    if (size != coordinates * 4) {
        return fail(Errc::kInvalidInput,
                    fmt::format("{}: {} bytes; {} float32 values ({} bytes) are needed",
                                file.string(), size, coordinates, coordinates * 4));
    }
    std::ifstream in(file, std::ios::binary);
    Bytes piece(kPieceBytes);
    for (std::uint64_t done = 0; done < size;) {
        const auto take = static_cast<std::size_t>(
            std::min<std::uint64_t>(piece.size(), static_cast<std::uint64_t>(size) - done));
        in.read(reinterpret_cast<char*>(piece.data()), static_cast<std::streamsize>(take));
        if (!in) {
            return fail(Errc::kUnavailable, file.string() + ": cannot be read");
        }
        std::uint64_t bad = 0;
        if (!all_finite(ByteView(piece).first(take), done / 4, bad)) {
            return fail(Errc::kInvalidInput,
                        fmt::format("{}: value {} is not finite", file.string(), bad));
        }
        FS_TRY(sink(ByteView(piece).first(take)));
        done += take;
    }
    return {};
}

void append_float(Bytes& out, float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    for (unsigned shift = 0; shift < 32; shift += 8) {
        out.push_back(static_cast<std::uint8_t>(bits >> shift));
    }
}

}  // namespace

Result<std::vector<SharedTensor>> shared_tensors(const rules::RoundRules& rules) {
    std::vector<SharedTensor> tensors = all_tensors(rules.model, rules.coordinates);
    if (rules.model.kind == "logistic" || rules.model.kind == "mlp") {
        std::erase_if(tensors, [&](const SharedTensor& tensor) {
            return std::ranges::any_of(rules.model.site_local, [&](const std::string& pattern) {
                return matches_glob(pattern, tensor.name);
            });
        });
    }
    const std::uint64_t total =
        std::accumulate(tensors.begin(), tensors.end(), std::uint64_t{0},
                        [](std::uint64_t sum, const SharedTensor& t) { return sum + t.count; });
    if (total != rules.coordinates) {
        return fail(Errc::kInvalidInput,
                    fmt::format("rules: coordinates = {}, but the model has {} shared parameters",
                                rules.coordinates, total));
    }
    return tensors;
}

Status write_initial_model(const rules::RoundRules& rules, const std::filesystem::path& file,
                           const ModelSink& sink) {
    FS_ASSIGN(const auto tensors, shared_tensors(rules));
    if (!file.empty()) {
        return copy_model(file, rules.coordinates, sink);
    }
    if (rules.model.kind == "torchscript") {
        return fail(Errc::kInvalidInput,
                    "a torchscript model needs its first shared parameters: set initial_model in "
                    "coordinator.toml to a file of float32 values");
    }
    Rng rng(rules.model.init_seed);
    Bytes piece;
    for (const SharedTensor& tensor : tensors) {
        const bool seeded = rules.model.kind == "mlp" && tensor.fan_in > 0;
        const double bound = seeded ? 1.0 / std::sqrt(static_cast<double>(tensor.fan_in)) : 0.0;
        for (std::uint64_t i = 0; i < tensor.count; ++i) {
            append_float(piece,
                         seeded ? static_cast<float>((2.0 * rng.uniform() - 1.0) * bound) : 0.0F);
            if (piece.size() >= kPieceBytes) {
                FS_TRY(sink(piece));
                piece.clear();
            }
        }
    }
    return piece.empty() ? Status{} : sink(piece);
}

}  // namespace fedstake::coordinator
