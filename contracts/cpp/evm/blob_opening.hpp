// Opens leaves of a blob that stays on disk, as the provers take them: 1 KiB and its siblings.
//
// The file is read once for its tree, then one 1 MiB chunk for each opening: memory is one chunk
// and 32 bytes for each chunk of the file.
#pragma once

#include <filesystem>
#include <utility>
#include <vector>

#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"
#include "proto/crypto/content_tree.hpp"

namespace fedstake::evm {

// ContentTree.Opening.
struct BlobOpening {
    Bytes leaf;
    std::vector<Digest> siblings;  // lowest first
};

// Values of four bytes in a leaf.
inline constexpr std::uint64_t kLeafValues = 256;

class OpenableBlob {
public:
    // RETURNS what content_of_file() does.
    [[nodiscard]] static Result<OpenableBlob> open(const std::filesystem::path& path);

    // The same bytes under another name.
    [[nodiscard]] OpenableBlob at(std::filesystem::path path) const {
        return {std::move(path), content_};
    }

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
    [[nodiscard]] const crypto::FileContent& content() const noexcept { return content_; }
    // What shows the blob's length.
    [[nodiscard]] Digest top() const;
    // RETURNS kInvalidInput for a leaf that the blob does not have, kUnavailable or kCorrupt where
    // the file changed since it was opened.
    [[nodiscard]] Result<BlobOpening> leaf(std::uint64_t index) const;
    // The leaf that holds a value of four bytes.
    [[nodiscard]] Result<BlobOpening> leaf_of(std::uint64_t coordinate) const {
        return leaf(coordinate / kLeafValues);
    }

private:
    OpenableBlob(std::filesystem::path path, crypto::FileContent content)
        : path_(std::move(path)), content_(std::move(content)) {}
    std::filesystem::path path_;
    crypto::FileContent content_;
};

}  // namespace fedstake::evm
