// Blob ports on memory.
#include "proto/transport/memory_blob.hpp"

#include <algorithm>

namespace fedstake::transport {

Status MemoryBlobReader::read_at(std::uint64_t offset, std::span<std::uint8_t> out) {
    if (offset > bytes_->size() || out.size() > bytes_->size() - offset) {
        return fail(Errc::kCorrupt, "reading past the end of a blob");
    }
    std::copy_n(bytes_->begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
    return {};
}

Status MemoryBlobWriter::write_at(std::uint64_t offset, ByteView bytes) {
    if (committed_ || offset > total_bytes_ || bytes.size() > total_bytes_ - offset) {
        return fail(Errc::kInternal, "writing outside of a blob or after its end");
    }
    const std::uint64_t end = offset + bytes.size();
    if (bytes_->size() < end) {
        bytes_->resize(static_cast<std::size_t>(end));
    }
    std::copy(bytes.begin(), bytes.end(), bytes_->begin() + static_cast<std::ptrdiff_t>(offset));
    return {};
}

Result<std::size_t> MemoryBlobWriter::read_back(std::uint64_t offset, std::span<std::uint8_t> out) {
    if (offset >= bytes_->size()) {
        return std::size_t{0};
    }
    const std::size_t there =
        std::min(out.size(), bytes_->size() - static_cast<std::size_t>(offset));
    std::copy_n(bytes_->begin() + static_cast<std::ptrdiff_t>(offset), there, out.begin());
    return there;
}

Status MemoryBlobWriter::commit() {
    bytes_->resize(static_cast<std::size_t>(total_bytes_));
    committed_ = true;
    return {};
}

}  // namespace fedstake::transport
