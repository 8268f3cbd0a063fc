// Content-addressed files: updates, models and aggregates under their content roots.
//
//   <dir>/blobs/ab/abcd...          finished, immutable: the name is the content root
//   <dir>/incoming/<site>-<root>.part     uploads on their way; survive restarts
//   <dir>/incoming/new-<n>.part           results being computed; deleted at start
// A blob appears under its name only when it is durable: fsync, rename, fsync of the folder. File
// names come from hexadecimal ids only. One process (see data_dir.hpp); thread-safe.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"
#include "proto/crypto/content_tree.hpp"

namespace fedstake::store {

// A blob that is being made locally, named once its content is known.
class NewBlob {
public:
    ~NewBlob();  // an uncommitted file is deleted
    NewBlob(NewBlob&& other) noexcept;
    NewBlob& operator=(NewBlob&&) = delete;

    [[nodiscard]] Status append(ByteView bytes);
    // Durable under its content root. Call once.
    [[nodiscard]] Result<crypto::FileContent> commit();

private:
    friend class BlobStore;
    NewBlob(class BlobStore& store, std::filesystem::path part, int fd);
    class BlobStore* store_;
    std::filesystem::path part_;
    int fd_;
    crypto::ContentHasher hasher_;
};

class BlobStore {
public:
    // Makes the folders, and deletes results that an earlier process did not finish.
    [[nodiscard]] static Result<std::unique_ptr<BlobStore>> open(const std::filesystem::path& dir);

    [[nodiscard]] std::filesystem::path path_of(const Digest& root) const;
    [[nodiscard]] std::filesystem::path part_of(const SiteId& site, const Digest& root) const;
    [[nodiscard]] bool has(const Digest& root) const;

    // Makes the folder that path_of(root) lies in, durably: a writer renames into it.
    [[nodiscard]] Status prepare(const Digest& root);
    [[nodiscard]] Result<NewBlob> create();
    [[nodiscard]] Result<crypto::FileContent> put(ByteView bytes);

    // RETURNS kNotFound, or kCorrupt when the bytes do not hash to the root. O(bytes).
    [[nodiscard]] Status verify(const Digest& root) const;
    // The whole blob. RETURNS kLimitExceeded above bytes_max.
    [[nodiscard]] Result<Bytes> read(const Digest& root, std::uint64_t bytes_max) const;
    // Missing is fine.
    [[nodiscard]] Status remove(const Digest& root);
    // Deletes every upload's part file but those of these updates. RETURNS how many.
    [[nodiscard]] Result<std::size_t> clean_incoming(
        const std::set<std::pair<SiteId, Digest>>& keep);

    // RETURNS kLimitExceeded unless the disk has room for twice as many bytes and a reserve.
    [[nodiscard]] Status check_space(std::uint64_t bytes) const;
    // Free bytes on the disk, for metrics.
    [[nodiscard]] Result<std::uint64_t> free_bytes() const;

private:
    explicit BlobStore(std::filesystem::path dir) : dir_(std::move(dir)) {}
    std::filesystem::path dir_;
    std::atomic<std::uint64_t> next_{0};
};

}  // namespace fedstake::store
