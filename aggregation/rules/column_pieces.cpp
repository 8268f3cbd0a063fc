// Halves the piece until it fits.
#include "aggregation/rules/column_pieces.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace fedstake::aggregation {
namespace {

constexpr std::size_t kPieceLeast = 64;

}  // namespace

Result<std::size_t> piece_columns(std::string_view rule, const RowColumns& columns,
                                  std::size_t fixed, std::size_t memory_bytes, std::size_t most,
                                  std::string_view advice) {
    const std::size_t left = memory_bytes - std::min(memory_bytes, fixed);
    const std::size_t least = std::min(kPieceLeast, most);
    std::size_t piece = most;
    while (piece > least && columns.bytes(piece) > left) {
        piece = std::max(least, piece / 2);
    }
    if (fixed > memory_bytes || columns.bytes(piece) > left) {
        return fail(Errc::kLimitExceeded,
                    fmt::format("rule {} needs at least {} bytes for the columns that it reads, "
                                "but memory_bytes_max allows {}: {}",
                                rule, fixed + columns.bytes(least), memory_bytes, advice));
    }
    return piece;
}

}  // namespace fedstake::aggregation
