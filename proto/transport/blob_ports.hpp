// Where the transfer machines read and write blobs, and the shape of a blob on the wire.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/limits.hpp"
#include "proto/base/result.hpp"

namespace fedstake::transport {

// A blob's name, size, and the roots of its 1 MiB chunks (crypto/content_tree.hpp).
struct BlobShape {
    Digest root;
    std::uint64_t total_bytes = 0;
    std::vector<Digest> chunk_roots;

    [[nodiscard]] std::uint64_t chunks() const noexcept { return chunk_roots.size(); }
    // REQUIRES index < chunks(). 1 MiB but for the last chunk.
    [[nodiscard]] std::size_t chunk_bytes(std::uint64_t index) const noexcept;

    // RETURNS kInvalidInput unless there is one root per chunk, at least one and at most
    // wire::kChunksMax, and kCorrupt unless they hash to `root`. After this, chunks that match
    // their own roots make a blob that matches `root`. O(chunks).
    [[nodiscard]] Status check() const;
    friend bool operator==(const BlobShape&, const BlobShape&) = default;
};

// Random access to a finished blob.
class BlobReader {
public:
    virtual ~BlobReader() = default;
    [[nodiscard]] virtual std::uint64_t size() const noexcept = 0;
    // Fills out from offset. RETURNS kCorrupt past the end, kUnavailable for a failing disk.
    [[nodiscard]] virtual Status read_at(std::uint64_t offset, std::span<std::uint8_t> out) = 0;
};

// A blob that is being received. Writes may come in any order and again after a restart.
class BlobWriter {
public:
    virtual ~BlobWriter() = default;
    // RETURNS kUnavailable for a failing or full disk.
    [[nodiscard]] virtual Status write_at(std::uint64_t offset, ByteView bytes) = 0;
    // Reads back what an earlier run wrote: fills a prefix of out and RETURNS its length.
    [[nodiscard]] virtual Result<std::size_t> read_back(std::uint64_t offset,
                                                        std::span<std::uint8_t> out) = 0;
    // Makes the blob durable under its final name. Nothing may be written afterwards.
    [[nodiscard]] virtual Status commit() = 0;
};

}  // namespace fedstake::transport
