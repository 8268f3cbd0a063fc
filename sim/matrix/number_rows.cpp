// Conversion of stored numbers to doubles, a buffer at a time.
#include "sim/matrix/number_rows.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "proto/base/check.hpp"
#include "proto/base/limits.hpp"

namespace fedstake::sim {
namespace {

static_assert(std::endian::native == std::endian::little,
              "values are read in place: a big-endian machine needs a byte swap here");

constexpr std::size_t kBufferBytes = std::size_t{1} << 15U;

template <class Value>
void convert(const std::uint8_t* bytes, std::span<double> out) noexcept {
    for (std::size_t k = 0; k < out.size(); ++k) {
        Value value{};
        std::memcpy(&value, bytes + k * sizeof(Value), sizeof(Value));
        out[k] = static_cast<double>(value);
    }
}

void convert(ElementType type, const std::uint8_t* bytes, std::span<double> out) noexcept {
    switch (type) {
        case ElementType::kFloat32: return convert<float>(bytes, out);
        case ElementType::kFloat64: return convert<double>(bytes, out);
        case ElementType::kInt32: return convert<std::int32_t>(bytes, out);
        case ElementType::kInt64: return convert<std::int64_t>(bytes, out);
    }
}

}  // namespace

std::size_t element_bytes(ElementType type) noexcept {
    return type == ElementType::kFloat32 || type == ElementType::kInt32 ? 4 : 8;
}

std::string_view element_name(ElementType type) noexcept {
    switch (type) {
        case ElementType::kFloat32: return "float32";
        case ElementType::kFloat64: return "float64";
        case ElementType::kInt32: return "int32";
        case ElementType::kInt64: break;
    }
    return "int64";
}

NumberRows::NumberRows(std::shared_ptr<const ByteStore> bytes, std::vector<StoredRow> rows,
                       std::uint64_t columns)
    : bytes_(std::move(bytes)), rows_(std::move(rows)), columns_(columns) {
    for (const StoredRow& row : rows_) {
        FS_CHECK(row.offset <= bytes_->size() &&
                 columns_ <= (bytes_->size() - row.offset) / element_bytes(row.type));
    }
}

bool NumberRows::single_precision() const noexcept {
    return std::all_of(rows_.begin(), rows_.end(),
                       [](const StoredRow& row) { return row.type == ElementType::kFloat32; });
}

Status NumberRows::read(std::size_t row, std::uint64_t first, std::span<double> out) const {
    FS_CHECK(row < rows_.size() && first <= columns_ && out.size() <= columns_ - first);
    const StoredRow& stored = rows_[row];
    const std::size_t width = element_bytes(stored.type);
    std::array<std::uint8_t, kBufferBytes> buffer;
    while (!out.empty()) {
        const std::size_t count = std::min(out.size(), kBufferBytes / width);
        FS_TRY(bytes_->read(stored.offset + first * width, std::span(buffer).first(count * width)));
        convert(stored.type, buffer.data(), out.first(count));
        out = out.subspan(count);
        first += count;
    }
    return {};
}

Status check_matrix_size(std::uint64_t rows, std::uint64_t columns) {
    if (rows == 0) {
        return fail(Errc::kInvalidInput, "there are no rows");
    }
    if (rows > limits::kSitesMax) {
        return fail(Errc::kInvalidInput,
                    fmt::format("{} rows, at most {} are possible", rows, limits::kSitesMax));
    }
    if (columns == 0) {
        return fail(Errc::kInvalidInput, "the rows are empty");
    }
    if (columns > limits::kCoordinatesMax) {
        return fail(Errc::kInvalidInput, fmt::format("{} columns, at most {} are possible", columns,
                                                     limits::kCoordinatesMax));
    }
    return {};
}

}  // namespace fedstake::sim
