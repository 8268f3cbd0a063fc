// Chunk roots of files on disk, kept after the first look: whoever asks again and again must not
// make the coordinator hash the same gigabytes again and again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <list>
#include <map>
#include <memory>

#include "proto/base/result.hpp"
#include "proto/crypto/content_tree.hpp"

namespace fedstake::store {

// One thread. Memory: 32 bytes for each MiB of a file and some 400 for the file, together at most
// bytes_max; what was asked for longest ago goes first.
class ContentCache {
public:
    // The default holds the chunk roots of 2 TiB in large files, or 150 000 small files.
    explicit ContentCache(std::size_t bytes_max = std::size_t{64} << 20U) : bytes_max_(bytes_max) {}

    // The content of this file; a file that was replaced since is read again.
    // RETURNS what crypto::content_of_file does. O(bytes) the first time.
    [[nodiscard]] Result<std::shared_ptr<const crypto::FileContent>> of(
        const std::filesystem::path& path);

    // Files read so far.
    [[nodiscard]] std::uint64_t hashed() const noexcept { return hashed_; }

private:
    struct Entry {
        std::shared_ptr<const crypto::FileContent> content;
        std::filesystem::file_time_type written;
        std::list<std::filesystem::path>::iterator place;
        [[nodiscard]] std::size_t bytes() const noexcept;
    };
    using Entries = std::map<std::filesystem::path, Entry>;
    void erase(Entries::iterator entry);

    std::size_t bytes_max_;
    std::size_t bytes_ = 0;
    std::uint64_t hashed_ = 0;
    std::list<std::filesystem::path> order_;  // asked for longest ago first
    Entries entries_;
};

}  // namespace fedstake::store
