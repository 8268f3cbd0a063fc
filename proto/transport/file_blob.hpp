// Blob ports on files: a part file that becomes the blob by fsync and rename.
#pragma once

#include <filesystem>
#include <memory>

#include "proto/transport/blob_ports.hpp"

namespace fedstake::transport {

class FileBlobReader final : public BlobReader {
public:
    // RETURNS kNotFound naming the path, kInvalidInput when it is not a regular file.
    [[nodiscard]] static Result<std::unique_ptr<FileBlobReader>> open(
        const std::filesystem::path& path);
    ~FileBlobReader() override;
    FileBlobReader(const FileBlobReader&) = delete;
    FileBlobReader& operator=(const FileBlobReader&) = delete;

    [[nodiscard]] std::uint64_t size() const noexcept override { return size_; }
    [[nodiscard]] Status read_at(std::uint64_t offset, std::span<std::uint8_t> out) override;

private:
    FileBlobReader(std::filesystem::path path, int fd, std::uint64_t size) noexcept;
    std::filesystem::path path_;
    int fd_;
    std::uint64_t size_;
};

// Writes part_path (mode 0600, created or continued), and on commit() renames it to final_path.
// Both must be on one file system; the folder must exist.
class FilePartWriter final : public BlobWriter {
public:
    [[nodiscard]] static Result<std::unique_ptr<FilePartWriter>> open(
        std::filesystem::path part_path, std::filesystem::path final_path,
        std::uint64_t total_bytes);
    ~FilePartWriter() override;
    FilePartWriter(const FilePartWriter&) = delete;
    FilePartWriter& operator=(const FilePartWriter&) = delete;

    [[nodiscard]] Status write_at(std::uint64_t offset, ByteView bytes) override;
    [[nodiscard]] Result<std::size_t> read_back(std::uint64_t offset,
                                                std::span<std::uint8_t> out) override;
    // fsync, truncate to total_bytes, rename, fsync of the folder.
    [[nodiscard]] Status commit() override;

private:
    FilePartWriter(std::filesystem::path part_path, std::filesystem::path final_path,
                   std::uint64_t total_bytes, int fd) noexcept;
    std::filesystem::path part_path_;
    std::filesystem::path final_path_;
    std::uint64_t total_bytes_;
    int fd_;
};

}  // namespace fedstake::transport
