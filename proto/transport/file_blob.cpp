// Blob ports on POSIX files.
#include "proto/transport/file_blob.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace fedstake::transport {

namespace {

// The disk's words for errno, with the file in front.
tl::unexpected<Error> disk_error(const std::filesystem::path& path, const char* doing) {
    const int number = errno;
    const Errc code = number == ENOENT   ? Errc::kNotFound
                      : number == EACCES ? Errc::kUnauthorized
                                         : Errc::kUnavailable;
    return fail(code,
                path.string() + ": " + doing + ": " + std::generic_category().message(number));
}

// Reads until out is full or the file ends.
Result<std::size_t> read_fully(int fd, const std::filesystem::path& path, std::uint64_t offset,
                               std::span<std::uint8_t> out) {
    std::size_t done = 0;
    while (done < out.size()) {
        const ssize_t got =
            ::pread(fd, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return disk_error(path, "reading");
        }
        if (got == 0) {
            break;
        }
        done += static_cast<std::size_t>(got);
    }
    return done;
}

Status sync_folder_of(const std::filesystem::path& path) {
    const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return disk_error(folder, "opening");
    }
    const int rc = ::fsync(fd);
    const auto error = rc == 0 ? Status{} : Status(disk_error(folder, "fsync"));
    ::close(fd);
    return error;
}

}  // namespace

Result<std::unique_ptr<FileBlobReader>> FileBlobReader::open(const std::filesystem::path& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return disk_error(path, "opening");
    }
    struct ::stat info {};
    if (::fstat(fd, &info) != 0) {
        auto error = disk_error(path, "reading its size");
        ::close(fd);
        return error;
    }
    if (!S_ISREG(info.st_mode)) {
        ::close(fd);
        return fail(Errc::kInvalidInput, path.string() + ": not a regular file");
    }
    return std::unique_ptr<FileBlobReader>(
        new FileBlobReader(path, fd, static_cast<std::uint64_t>(info.st_size)));
}

FileBlobReader::FileBlobReader(std::filesystem::path path, int fd, std::uint64_t size) noexcept
    : path_(std::move(path)), fd_(fd), size_(size) {}

FileBlobReader::~FileBlobReader() {
    ::close(fd_);
}

Status FileBlobReader::read_at(std::uint64_t offset, std::span<std::uint8_t> out) {
    FS_ASSIGN(const std::size_t got, read_fully(fd_, path_, offset, out));
    if (got != out.size()) {
        return fail(Errc::kCorrupt,
                    path_.string() + ": ends before byte " + std::to_string(offset + out.size()));
    }
    return {};
}

Result<std::unique_ptr<FilePartWriter>> FilePartWriter::open(std::filesystem::path part_path,
                                                             std::filesystem::path final_path,
                                                             std::uint64_t total_bytes) {
    const int fd = ::open(part_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return disk_error(part_path, "opening");
    }
    return std::unique_ptr<FilePartWriter>(
        new FilePartWriter(std::move(part_path), std::move(final_path), total_bytes, fd));
}

FilePartWriter::FilePartWriter(std::filesystem::path part_path, std::filesystem::path final_path,
                               std::uint64_t total_bytes, int fd) noexcept
    : part_path_(std::move(part_path)),
      final_path_(std::move(final_path)),
      total_bytes_(total_bytes),
      fd_(fd) {}

FilePartWriter::~FilePartWriter() {
    ::close(fd_);
}

Status FilePartWriter::write_at(std::uint64_t offset, ByteView bytes) {
    if (offset > total_bytes_ || bytes.size() > total_bytes_ - offset) {
        return fail(Errc::kInternal, part_path_.string() + ": writing past the blob's end");
    }
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t put = ::pwrite(fd_, bytes.data() + done, bytes.size() - done,
                                     static_cast<off_t>(offset + done));
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            return disk_error(part_path_, "writing");
        }
        done += static_cast<std::size_t>(put);
    }
    return {};
}

Result<std::size_t> FilePartWriter::read_back(std::uint64_t offset, std::span<std::uint8_t> out) {
    return read_fully(fd_, part_path_, offset, out);
}

Status FilePartWriter::commit() {
    if (::ftruncate(fd_, static_cast<off_t>(total_bytes_)) != 0) {
        return disk_error(part_path_, "setting its size");
    }
    if (::fsync(fd_) != 0) {
        return disk_error(part_path_, "fsync");
    }
    if (::rename(part_path_.c_str(), final_path_.c_str()) != 0) {
        return disk_error(part_path_, "renaming to its final name");
    }
    return sync_folder_of(final_path_);
}

}  // namespace fedstake::transport
