// Blob ports on memory, for small blobs and for hosts without a disk (the simulator, tests).
#pragma once

#include <memory>
#include <utility>

#include "proto/transport/blob_ports.hpp"

namespace fedstake::transport {

class MemoryBlobReader final : public BlobReader {
public:
    explicit MemoryBlobReader(std::shared_ptr<const Bytes> bytes) noexcept
        : bytes_(std::move(bytes)) {}
    [[nodiscard]] std::uint64_t size() const noexcept override { return bytes_->size(); }
    [[nodiscard]] Status read_at(std::uint64_t offset, std::span<std::uint8_t> out) override;

private:
    std::shared_ptr<const Bytes> bytes_;
};

// Writes into a vector that the caller keeps; it may hold the bytes of an earlier run.
class MemoryBlobWriter final : public BlobWriter {
public:
    MemoryBlobWriter(std::shared_ptr<Bytes> bytes, std::uint64_t total_bytes) noexcept
        : bytes_(std::move(bytes)), total_bytes_(total_bytes) {}
    [[nodiscard]] Status write_at(std::uint64_t offset, ByteView bytes) override;
    [[nodiscard]] Result<std::size_t> read_back(std::uint64_t offset,
                                                std::span<std::uint8_t> out) override;
    [[nodiscard]] Status commit() override;
    [[nodiscard]] bool committed() const noexcept { return committed_; }

private:
    std::shared_ptr<Bytes> bytes_;
    std::uint64_t total_bytes_;
    bool committed_ = false;
};

}  // namespace fedstake::transport
