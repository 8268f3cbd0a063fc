// Safetensors on disk: a reader sees the old file or the whole new one, never a part.
#include <cerrno>
#include <cstring>
#include <fstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "client/training/safetensors.hpp"

namespace fedstake::training {

namespace {

class FileDescriptor {
public:
    explicit FileDescriptor(int fd) noexcept : fd_(fd) {}
    ~FileDescriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;

    [[nodiscard]] int get() const noexcept { return fd_; }
    [[nodiscard]] bool ok() const noexcept { return fd_ >= 0; }

private:
    int fd_;
};

tl::unexpected<Error> disk_error(const std::filesystem::path& path, std::string_view what) {
    return fail(Errc::kUnavailable,
                fmt::format("{}: cannot {}: {}", path.string(), what, std::strerror(errno)));
}

Status write_all(int fd, ByteView bytes, const std::filesystem::path& path) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return disk_error(path, "write");
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

Status write_and_sync(const std::filesystem::path& path, ByteView bytes) {
    const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!file.ok()) return disk_error(path, "create");
    FS_TRY(write_all(file.get(), bytes, path));
    if (::fsync(file.get()) != 0) return disk_error(path, "sync");
    return {};
}

Status sync_folder(const std::filesystem::path& folder) {
    const FileDescriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.ok() || ::fsync(directory.get()) != 0) return disk_error(folder, "sync");
    return {};
}

}  // namespace

Status write_safetensors(const std::filesystem::path& path, const TensorFile& file) {
    FS_ASSIGN(const Bytes bytes, encode_safetensors(file));
    std::filesystem::path temporary = path;
    temporary += ".part";
    FS_TRY(write_and_sync(temporary, bytes));
    if (::rename(temporary.c_str(), path.c_str()) != 0)
        return disk_error(path, "rename into place");
    const std::filesystem::path folder = path.parent_path();
    return sync_folder(folder.empty() ? std::filesystem::path(".") : folder);
}

Result<TensorFile> read_safetensors(const std::filesystem::path& path) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    std::ifstream file(path, std::ios::binary);
    if (error || !file) {
        return fail(Errc::kNotFound, fmt::format("{}: cannot read the model", path.string()));
    }
    Bytes bytes(static_cast<std::size_t>(size));
    // istream reads char; the bytes are the same.
    file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!file) return fail(Errc::kCorrupt, fmt::format("{}: cut off", path.string()));
    auto decoded = decode_safetensors(bytes);
    if (!decoded) return tl::unexpected<Error>(with_context(decoded.error(), path.string()));
    return decoded;
}

}  // namespace fedstake::training
