// A strict reader of the header, and the choice of rows.
#include "sim/matrix/safetensors_rows.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace fedstake::sim {
namespace {

using nlohmann::json;

constexpr std::size_t kLengthBytes = 8;
constexpr std::uint64_t kHeaderBytesMax = std::uint64_t{16} << 20U;
constexpr std::size_t kDimensionsMax = 16;

tl::unexpected<Error> bad(const std::string& what) {
    return fail(Errc::kInvalidInput, "not a readable safetensors file: " + what);
}

struct Tensor {
    std::string name;
    ElementType type = ElementType::kFloat32;
    std::vector<std::uint64_t> shape;
    std::uint64_t begin = 0;  // in the data
    std::uint64_t end = 0;

    [[nodiscard]] std::uint64_t values() const noexcept {
        return (end - begin) / element_bytes(type);
    }
};

// A name of the file in a message, its other characters replaced.
std::string shown(const std::string& name) {
    std::string text;
    for (const char c : name.substr(0, 40)) {
        text += c >= ' ' && c <= '~' ? c : '?';
    }
    return text;
}

// The library keeps the last of two equal keys; here the second one is an error.
Result<json> parse_header(const std::string& text) {
    std::vector<std::set<std::string>> open;
    std::optional<std::string> repeated;
    const auto watch = [&](int, json::parse_event_t event, json& value) {
        if (event == json::parse_event_t::object_start) {
            open.emplace_back();
        }
        if (event == json::parse_event_t::object_end) {
            open.pop_back();
        }
        if (event == json::parse_event_t::key &&
            !open.back().insert(value.get<std::string>()).second) {
            repeated = value.get<std::string>();
        }
        return true;
    };
    json header = json::parse(text, watch, /*allow_exceptions=*/false);
    if (header.is_discarded() || !header.is_object()) {
        return bad("its header is not a JSON object");
    }
    if (repeated) {
        return bad(fmt::format("\"{}\" appears twice in its header", shown(*repeated)));
    }
    return header;
}

std::optional<ElementType> element_type(const json& dtype) {
    struct Known {
        const char* name;
        ElementType type;
    };
    static constexpr std::array kKnown{
        Known{"F32", ElementType::kFloat32}, Known{"F64", ElementType::kFloat64},
        Known{"I32", ElementType::kInt32}, Known{"I64", ElementType::kInt64}};
    for (const Known& known : kKnown) {
        if (dtype == known.name) {
            return known.type;
        }
    }
    return std::nullopt;
}

std::optional<std::vector<std::uint64_t>> sizes(const json& value, std::size_t most) {
    if (!value.is_array() || value.size() > most) {
        return std::nullopt;
    }
    std::vector<std::uint64_t> result;
    for (const json& size : value) {
        if (!size.is_number_unsigned()) {
            return std::nullopt;
        }
        result.push_back(size.get<std::uint64_t>());
    }
    return result;
}

// Nothing where the product does not fit.
std::optional<std::uint64_t> product(const std::vector<std::uint64_t>& shape) {
    std::uint64_t count = 1;
    for (const std::uint64_t size : shape) {
        if (__builtin_mul_overflow(count, size, &count)) {
            return std::nullopt;
        }
    }
    return count;
}

Result<Tensor> parse_tensor(const std::string& name, const json& value, std::uint64_t data_bytes) {
    const auto wrong = [&name](const std::string& what) {
        return bad(fmt::format("tensor \"{}\" {}", shown(name), what));
    };
    if (!value.is_object() || value.size() != 3 || !value.contains("dtype") ||
        !value.contains("shape") || !value.contains("data_offsets")) {
        return wrong("must have exactly dtype, shape and data_offsets");
    }
    const auto type = element_type(value["dtype"]);
    if (!type) {
        const bool named = value["dtype"].is_string();
        return wrong(fmt::format("has elements of {}; F32, F64, I32 and I64 are read",
                                 named ? shown(value["dtype"].get<std::string>()) : "no type"));
    }
    const auto shape = sizes(value["shape"], kDimensionsMax);
    const auto offsets = sizes(value["data_offsets"], 2);
    if (!shape || !offsets || offsets->size() != 2) {
        return wrong("has a bad shape or bad data_offsets");
    }
    Tensor tensor{
        .name = name, .type = *type, .shape = *shape, .begin = (*offsets)[0], .end = (*offsets)[1]};
    const auto count = product(*shape);
    if (tensor.begin > tensor.end || (tensor.end - tensor.begin) % element_bytes(*type) != 0 ||
        !count || *count != tensor.values()) {
        return wrong("has a shape that its data_offsets do not fit");
    }
    if (tensor.end > data_bytes) {
        return wrong(
            fmt::format("ends at byte {} of {}: the file is cut off", tensor.end, data_bytes));
    }
    return tensor;
}

Status check_tiling(std::vector<Tensor> tensors, std::uint64_t data_bytes) {
    std::stable_sort(tensors.begin(), tensors.end(), [](const Tensor& a, const Tensor& b) {
        return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    std::uint64_t covered = 0;
    for (const Tensor& tensor : tensors) {
        if (tensor.begin != covered) {
            return bad(fmt::format("there is a gap or an overlap in front of tensor \"{}\"",
                                   shown(tensor.name)));
        }
        covered = tensor.end;
    }
    if (covered != data_bytes) {
        return bad(fmt::format("{} bytes follow its last tensor", data_bytes - covered));
    }
    return {};
}

// One tensor of two dimensions, or one tensor for each row.
Result<NumberRows> choose_rows(std::shared_ptr<const ByteStore> bytes,
                               const std::vector<Tensor>& tensors, std::uint64_t data) {
    if (tensors.empty()) {
        return fail(Errc::kInvalidInput, "there are no tensors");
    }
    std::vector<StoredRow> rows;
    const Tensor& first = tensors.front();
    if (tensors.size() == 1) {
        if (first.shape.size() != 2) {
            return fail(Errc::kInvalidInput,
                        fmt::format("the only tensor, \"{}\", has {} dimensions; it must have "
                                    "two, or there must be one tensor for each row",
                                    shown(first.name), first.shape.size()));
        }
        FS_TRY(check_matrix_size(first.shape[0], first.shape[1]));
        const std::uint64_t row_bytes = first.shape[1] * element_bytes(first.type);
        for (std::uint64_t i = 0; i < first.shape[0]; ++i) {
            rows.push_back({.offset = data + first.begin + i * row_bytes, .type = first.type});
        }
        return NumberRows(std::move(bytes), std::move(rows), first.shape[1]);
    }
    for (const Tensor& tensor : tensors) {
        if (tensor.values() != first.values()) {
            return fail(Errc::kInvalidInput,
                        fmt::format("tensor \"{}\" has {} values, \"{}\" has {}: each tensor is "
                                    "one row, and all rows must be of one length",
                                    shown(tensor.name), tensor.values(), shown(first.name),
                                    first.values()));
        }
        rows.push_back({.offset = data + tensor.begin, .type = tensor.type});
    }
    FS_TRY(check_matrix_size(rows.size(), first.values()));
    return NumberRows(std::move(bytes), std::move(rows), first.values());
}

std::uint64_t length_in(ByteView start) noexcept {
    std::uint64_t length = 0;
    for (std::size_t k = kLengthBytes; k-- > 0;) {
        length = length << 8U | start[k];
    }
    return length;
}

}  // namespace

bool looks_like_safetensors(ByteView start) noexcept {
    return start.size() > kLengthBytes && start[kLengthBytes] == '{' &&
           length_in(start) <= UINT32_MAX;
}

Result<NumberRows> read_safetensors_rows(std::shared_ptr<const ByteStore> bytes) {
    if (bytes->size() < kLengthBytes) {
        return bad("it is cut off in its first bytes");
    }
    std::array<std::uint8_t, kLengthBytes> start{};
    FS_TRY(bytes->read(0, start));
    const std::uint64_t length = length_in(start);
    if (length > kHeaderBytesMax) {
        return bad(
            fmt::format("its header has {} bytes, at most {} are read", length, kHeaderBytesMax));
    }
    if (length > bytes->size() - kLengthBytes) {
        return bad("it is cut off in its header");
    }
    Bytes text(static_cast<std::size_t>(length));
    FS_TRY(bytes->read(kLengthBytes, text));
    FS_ASSIGN(const json header, parse_header(to_text(text)));
    const std::uint64_t data = kLengthBytes + length;
    std::vector<Tensor> tensors;  // the library's objects are ordered by name
    for (const auto& [name, value] : header.items()) {
        if (name != "__metadata__") {
            FS_ASSIGN(Tensor tensor, parse_tensor(name, value, bytes->size() - data));
            tensors.push_back(std::move(tensor));
        }
    }
    FS_TRY(check_tiling(tensors, bytes->size() - data));
    return choose_rows(std::move(bytes), tensors, data);
}

}  // namespace fedstake::sim
