// Conversion in pieces, and a file that appears whole or not at all.
#include "sim/app/vector_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <system_error>

#include <fmt/format.h>

#include "proto/base/check.hpp"
#include "sim/matrix/npy.hpp"

namespace fedstake::sim {
namespace {

constexpr std::size_t kPiece = 4096;

template <class Value>
Status write_values(std::ofstream& out, const FixedPointVector& vector) {
    std::array<double, kPiece> numbers;
    std::array<Value, kPiece> values;
    for (std::uint64_t first = 0; first < vector.size();) {
        const auto count =
            static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, vector.size() - first));
        FS_TRY(vector.read(first, std::span(numbers).first(count)));
        for (std::size_t k = 0; k < count; ++k) {
            if (std::fabs(numbers[k]) > static_cast<double>(std::numeric_limits<Value>::max())) {
                return fail(Errc::kLimitExceeded,
                            fmt::format("value {} of the aggregate, {}, is too large for float32",
                                        first + k, numbers[k]));
            }
            values[k] = static_cast<Value>(numbers[k]);
        }
        out.write(reinterpret_cast<const char*>(values.data()),
                  static_cast<std::streamsize>(count * sizeof(Value)));
        first += count;
    }
    return {};
}

}  // namespace

Status FixedPointVector::read(std::uint64_t first, std::span<double> out) const {
    std::array<std::int32_t, kPiece> piece;
    const double unit = std::ldexp(1.0, exponent);
    while (!out.empty()) {
        const std::size_t count = std::min(kPiece, out.size());
        auto* bytes = reinterpret_cast<std::uint8_t*>(piece.data());
        FS_TRY(steps->read(first * 4, {bytes, count * 4}));
        for (std::size_t k = 0; k < count; ++k) {
            out[k] = piece[k] * unit;
        }
        first += count;
        out = out.subspan(count);
    }
    return {};
}

Status write_npy_vector(const std::filesystem::path& path, const FixedPointVector& vector,
                        ElementType type) {
    FS_CHECK(type == ElementType::kFloat32 || type == ElementType::kFloat64);
    std::filesystem::path part = path;
    part += ".part";
    errno = 0;
    std::ofstream out(part, std::ios::binary | std::ios::trunc);
    const Bytes header = npy_vector_header(type, vector.size());
    out.write(reinterpret_cast<const char*>(header.data()),
              static_cast<std::streamsize>(header.size()));
    Status status = type == ElementType::kFloat32 ? write_values<float>(out, vector)
                                                  : write_values<double>(out, vector);
    out.close();
    std::error_code error;
    if (status && !out) {
        status = fail(Errc::kUnavailable,
                      fmt::format("cannot write {}: {}", part.string(), std::strerror(errno)));
    }
    if (status) {
        std::filesystem::rename(part, path, error);
        if (error) {
            status = fail(Errc::kUnavailable,
                          fmt::format("cannot write {}: {}", path.string(), error.message()));
        }
    }
    if (!status) {
        std::filesystem::remove(part, error);
    }
    return status;
}

}  // namespace fedstake::sim
