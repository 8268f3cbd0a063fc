// The safetensors encoding, and a strict decoder for files that others made.
#include "client/training/safetensors.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "proto/base/check.hpp"

namespace fedstake::training {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kLengthBytes = 8;
constexpr std::uint64_t kHeaderBytesMax = 16U << 20U;
constexpr std::size_t kDimensionsMax = 16;
constexpr std::string_view kMetadataKey = "__metadata__";
static_assert(std::endian::native == std::endian::little, "tensors are copied as they lie");

tl::unexpected<Error> corrupt(std::string what) {
    return fail(Errc::kCorrupt, "safetensors: " + std::move(what));
}

// Product of the shape, or nothing when a dimension is negative or the product overflows.
std::optional<std::uint64_t> element_count(const std::vector<std::int64_t>& shape) {
    std::uint64_t count = 1;
    for (const std::int64_t size : shape) {
        if (size < 0 || __builtin_mul_overflow(count, static_cast<std::uint64_t>(size), &count)) {
            return std::nullopt;
        }
    }
    return count;
}

// nlohmann keeps the last of two equal keys; here the second one is an error.
Result<Json> parse_header(std::string_view text) {
    std::vector<std::set<std::string>> open;
    std::string repeated;
    const auto watch = [&](int, Json::parse_event_t event, Json& value) {
        if (event == Json::parse_event_t::object_start) open.emplace_back();
        if (event == Json::parse_event_t::object_end) open.pop_back();
        if (event == Json::parse_event_t::key &&
            !open.back().insert(value.get<std::string>()).second)
            repeated = value.get<std::string>();
        return true;
    };
    Json header = Json::parse(text, watch, /*allow_exceptions=*/false);
    if (header.is_discarded() || !header.is_object()) return corrupt("the header is not JSON");
    if (!repeated.empty()) return corrupt(fmt::format("\"{}\" appears twice", repeated));
    return header;
}

Result<std::map<std::string, std::string>> parse_metadata(const Json& value) {
    if (!value.is_object()) return corrupt("__metadata__ is not an object");
    std::map<std::string, std::string> metadata;
    for (const auto& [key, text] : value.items()) {
        if (!text.is_string()) return corrupt(fmt::format("metadata \"{}\" is not text", key));
        metadata.emplace(key, text.get<std::string>());
    }
    return metadata;
}

struct Entry {
    NamedTensor tensor;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

Result<Entry> parse_entry(const std::string& name, const Json& value, std::uint64_t data_bytes) {
    const auto bad = [&](std::string_view what) {
        return corrupt(fmt::format("tensor \"{}\": {}", name, what));
    };
    if (!value.is_object() || value.size() != 3 || !value.contains("dtype") ||
        !value.contains("shape") || !value.contains("data_offsets")) {
        return bad("must have exactly dtype, shape and data_offsets");
    }
    if (value["dtype"] != "F32") return bad("dtype is not F32, the only one fedstake reads");
    const Json& shape = value["shape"];
    const Json& offsets = value["data_offsets"];
    if (!shape.is_array() || shape.size() > kDimensionsMax) return bad("bad shape");
    Entry entry;
    entry.tensor.name = name;
    for (const Json& size : shape) {
        if (!size.is_number_unsigned() || size.get<std::uint64_t>() > INT64_MAX) {
            return bad("bad shape");
        }
        entry.tensor.shape.push_back(size.get<std::int64_t>());
    }
    if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
        !offsets[1].is_number_unsigned()) {
        return bad("bad data_offsets");
    }
    entry.begin = offsets[0].get<std::uint64_t>();
    entry.end = offsets[1].get<std::uint64_t>();
    if (entry.begin > entry.end || entry.end > data_bytes) return bad("data_offsets out of bounds");
    const auto count = element_count(entry.tensor.shape);
    const std::uint64_t bytes = entry.end - entry.begin;
    if (!count || bytes % sizeof(float) != 0 || *count != bytes / sizeof(float)) {
        return bad("shape and data_offsets do not agree");
    }
    return entry;
}

}  // namespace

Result<Bytes> encode_safetensors(const TensorFile& file) {
    Json header = Json::object();
    if (!file.metadata.empty()) header[std::string(kMetadataKey)] = file.metadata;
    std::uint64_t offset = 0;
    for (const NamedTensor& tensor : file.tensors) {
        if (tensor.name.empty() || tensor.name == kMetadataKey || header.contains(tensor.name)) {
            return fail(
                Errc::kInvalidInput,
                fmt::format("tensor name \"{}\" is empty, reserved or repeated", tensor.name));
        }
        const auto count = element_count(tensor.shape);
        if (!count || *count != tensor.values.size()) {
            return fail(Errc::kInvalidInput,
                        fmt::format("tensor \"{}\" has {} values, which its shape does not",
                                    tensor.name, tensor.values.size()));
        }
        const std::uint64_t end = offset + *count * sizeof(float);
        header[tensor.name] = {
            {"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {offset, end}}};
        offset = end;
    }
    // Invalid UTF-8 in a name or in metadata is replaced, not thrown.
    std::string text = header.dump(-1, ' ', false, Json::error_handler_t::replace);
    text.append((kLengthBytes - text.size() % kLengthBytes) % kLengthBytes, ' ');

    Bytes out(kLengthBytes + text.size() + static_cast<std::size_t>(offset));
    const std::uint64_t length = text.size();
    std::memcpy(out.data(), &length, sizeof(length));
    std::copy(text.begin(), text.end(), out.begin() + kLengthBytes);
    auto* to = out.data() + kLengthBytes + text.size();
    for (const NamedTensor& tensor : file.tensors) {
        const std::size_t bytes = tensor.values.size() * sizeof(float);
        if (bytes > 0) std::memcpy(to, tensor.values.data(), bytes);
        to += bytes;
    }
    return out;
}

Result<TensorFile> decode_safetensors(ByteView bytes) {
    if (bytes.size() < kLengthBytes) return corrupt("shorter than its header length");
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), sizeof(length));
    if (length > kHeaderBytesMax) {
        return corrupt(
            fmt::format("header of {} bytes; at most {} are read", length, kHeaderBytesMax));
    }
    if (length > bytes.size() - kLengthBytes) return corrupt("the header is cut off");
    const ByteView text = bytes.subspan(kLengthBytes, static_cast<std::size_t>(length));
    const ByteView data = bytes.subspan(kLengthBytes + static_cast<std::size_t>(length));
    FS_ASSIGN(const Json header, parse_header(to_text(text)));

    TensorFile file;
    std::vector<Entry> entries;
    for (const auto& [name, value] : header.items()) {
        if (name == kMetadataKey) {
            FS_ASSIGN(file.metadata, parse_metadata(value));
            continue;
        }
        FS_ASSIGN(Entry entry, parse_entry(name, value, data.size()));
        entries.push_back(std::move(entry));
    }
    std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
        return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    std::uint64_t covered = 0;
    for (Entry& entry : entries) {
        if (entry.begin != covered) {
            return corrupt(
                fmt::format("gap or overlap in front of tensor \"{}\"", entry.tensor.name));
        }
        covered = entry.end;
        entry.tensor.values.resize(static_cast<std::size_t>(entry.end - entry.begin) /
                                   sizeof(float));
        if (entry.end > entry.begin) {
            std::memcpy(entry.tensor.values.data(), data.data() + entry.begin,
                        static_cast<std::size_t>(entry.end - entry.begin));
        }
        file.tensors.push_back(std::move(entry.tensor));
    }
    if (covered != data.size()) return corrupt("bytes that belong to no tensor");
    return file;
}

TensorFile released_model(const ParameterLayout& layout, std::span<const float> shared,
                          std::map<std::string, std::string> metadata) {
    FS_CHECK(shared.size() == layout.shared_count());
    TensorFile file{.tensors = {}, .metadata = std::move(metadata)};
    for (const ParameterInfo& parameter : layout.parameters) {
        if (parameter.site_local) continue;
        const auto values = shared.first(static_cast<std::size_t>(parameter.count));
        file.tensors.push_back({.name = parameter.name,
                                .shape = parameter.shape,
                                .values = {values.begin(), values.end()}});
        shared = shared.subspan(values.size());
    }
    return file;
}

}  // namespace fedstake::training
