// The first bytes decide.
#include "sim/matrix/matrix_file.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "sim/matrix/byte_store.hpp"
#include "sim/matrix/json_rows.hpp"
#include "sim/matrix/npy.hpp"
#include "sim/matrix/safetensors_rows.hpp"

namespace fedstake::sim {
namespace {

constexpr std::size_t kStartBytes = 64;

// White space and a byte order mark may come first.
bool looks_like_json(ByteView start) noexcept {
    const std::string_view text(reinterpret_cast<const char*>(start.data()), start.size());
    const std::size_t first = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    return first == std::string_view::npos || text[first] == '[' || text[first] == '{';
}

Result<NumberRows> read_matrix(std::shared_ptr<const ByteStore> bytes) {
    if (bytes->size() == 0) {
        return fail(Errc::kInvalidInput, "it is empty");
    }
    std::array<std::uint8_t, kStartBytes> buffer{};
    const auto start = std::span(buffer).first(
        static_cast<std::size_t>(std::min<std::uint64_t>(kStartBytes, bytes->size())));
    FS_TRY(bytes->read(0, start));
    if (looks_like_npy(start)) {
        return read_npy(std::move(bytes));
    }
    if (looks_like_safetensors(start)) {
        return read_safetensors_rows(std::move(bytes));
    }
    if (looks_like_json(start)) {
        return read_json_rows(*bytes);
    }
    if (start.size() >= 2 && start[0] == 'P' && start[1] == 'K') {
        return fail(Errc::kInvalidInput,
                    "it is an archive (.npz or .zip); give one .npy file out of it");
    }
    return fail(Errc::kInvalidInput,
                "it is neither JSON nor a .npy file nor a safetensors file (its first bytes are " +
                    to_hex(start.first(std::min<std::size_t>(start.size(), 8))) + ")");
}

}  // namespace

Result<NumberRows> open_matrix(const std::string& path) {
    FS_ASSIGN(auto bytes, open_bytes(path));
    auto rows = read_matrix(std::move(bytes));
    if (!rows) {
        return with_context(rows.error(), shown_path(path));
    }
    return rows;
}

}  // namespace fedstake::sim
