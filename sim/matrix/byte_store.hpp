// Bytes that may be larger than memory: a regular file, or what came through a pipe or was made
// here, kept in memory up to a bound and in an unnamed temporary file above it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "proto/base/bytes.hpp"
#include "proto/base/result.hpp"

namespace fedstake::sim {

// Concurrent reads are safe; appending is not.
class ByteStore {
public:
    virtual ~ByteStore() = default;
    [[nodiscard]] virtual std::uint64_t size() const noexcept = 0;
    // Fills out with the bytes from `offset` on. REQUIRES the range to lie inside size().
    // RETURNS kUnavailable when the disk fails, kCorrupt when the file has become shorter.
    [[nodiscard]] virtual Status read(std::uint64_t offset, std::span<std::uint8_t> out) const = 0;
};

// Grows at its end.
class Spool final : public ByteStore {
public:
    static constexpr std::size_t kMemoryMax = std::size_t{32} << 20U;

    // memory_max: bytes held in memory before all of them move to a file in the temporary folder
    // (TMPDIR, else /tmp), which has no name and goes with this object.
    explicit Spool(std::size_t memory_max = kMemoryMax) noexcept : memory_max_(memory_max) {}
    ~Spool() override;
    Spool(const Spool&) = delete;
    Spool& operator=(const Spool&) = delete;

    // RETURNS kUnavailable when there is no room in the temporary folder.
    [[nodiscard]] Status append(ByteView bytes);

    [[nodiscard]] std::uint64_t size() const noexcept override { return size_; }
    [[nodiscard]] Status read(std::uint64_t offset, std::span<std::uint8_t> out) const override;
    [[nodiscard]] bool in_memory() const noexcept { return descriptor_ < 0; }

private:
    [[nodiscard]] Status move_to_file();

    std::size_t memory_max_;
    std::uint64_t size_ = 0;
    Bytes memory_;
    int descriptor_ = -1;
};

// The bytes of a file, or of standard input for "-". Pipes and devices are read to their end first.
// RETURNS kNotFound, kInvalidInput for a folder, or kUnavailable with the system's reason.
[[nodiscard]] Result<std::shared_ptr<const ByteStore>> open_bytes(const std::string& path);

// How a path stands in messages: "standard input" for "-".
[[nodiscard]] std::string shown_path(const std::string& path);

}  // namespace fedstake::sim
