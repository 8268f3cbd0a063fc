// Read access to one site's update or to a model, wherever it lives. Implementations are
// thread-safe for concurrent reads and hold bounded memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"

namespace fedstake::aggregation {

// A vector of 4-byte little-endian values (int32 update coordinates or float32 parameters).
class VectorSource {
public:
    virtual ~VectorSource() = default;
    [[nodiscard]] virtual std::uint64_t size() const noexcept = 0;  // values, not bytes
    // Fills out with values [first, first + out.size()). REQUIRES the range to lie inside size().
    // RETURNS kUnavailable or kCorrupt when storage fails.
    [[nodiscard]] virtual Status read_int32(std::uint64_t first,
                                            std::span<std::int32_t> out) const = 0;
    // The int32 values themselves, as long as the source lives, where they lie in memory as such;
    // null otherwise. Saves a copy.
    [[nodiscard]] virtual const std::int32_t* int32_values() const noexcept { return nullptr; }
    [[nodiscard]] virtual Status read_float32(std::uint64_t first, std::span<float> out) const = 0;
};

// Borrows the values: they must outlive the source.
[[nodiscard]] std::unique_ptr<VectorSource> memory_source(std::span<const std::int32_t> values);
[[nodiscard]] std::unique_ptr<VectorSource> memory_source(std::span<const float> values);
// `size` zeros, of either type.
[[nodiscard]] std::unique_ptr<VectorSource> zero_source(std::uint64_t size);
// pread on a file of little-endian values. RETURNS kNotFound, or kCorrupt for a length not
// divisible by 4.
[[nodiscard]] Result<std::unique_ptr<VectorSource>> file_source(const std::filesystem::path& path);

// Vectors by the content roots of their bytes: what earlier rounds left.
class VectorStore {
public:
    virtual ~VectorStore() = default;
    // RETURNS kNotFound, or the errors of the storage. The bytes need not be what the root says.
    [[nodiscard]] virtual Result<std::unique_ptr<VectorSource>> open(const Digest& root) const = 0;
};

// Where results stream to, in order, each call one piece.
using ByteSink = std::function<Status(ByteView)>;

}  // namespace fedstake::aggregation
