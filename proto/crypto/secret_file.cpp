// open(2) flags and fsync discipline for secret files.
#include "proto/crypto/secret_file.hpp"

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/bytes.hpp"
#include "proto/crypto/file_descriptor.hpp"
#include "proto/crypto/random.hpp"

namespace fedstake::crypto {

namespace {

constexpr std::size_t kFileBytesMax = 64 * 1024;
constexpr mode_t kOwnerOnly = 0600;
constexpr mode_t kOthersMask = 077;

tl::unexpected<Error> system_failure(std::string_view what, const std::filesystem::path& path,
                                     int error) {
    const Errc code = error == ENOENT || error == ENOTDIR ? Errc::kNotFound
                      : error == EACCES || error == EPERM ? Errc::kUnauthorized
                                                          : Errc::kUnavailable;
    return fail(code, fmt::format("cannot {} {}: {}", what, path.string(),
                                  std::generic_category().message(error)));
}

tl::unexpected<Error> already_there(const std::filesystem::path& path) {
    return fail(Errc::kConflict, path.string() +
                                     " already exists and is never overwritten: move it away or "
                                     "choose another path");
}

bool write_all(int fd, std::string_view text) noexcept {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

// Removes the temporary name, whatever happened.
class TemporaryName {
public:
    explicit TemporaryName(std::filesystem::path path) : path_(std::move(path)) {}
    ~TemporaryName() { ::unlink(path_.c_str()); }
    TemporaryName(const TemporaryName&) = delete;
    TemporaryName& operator=(const TemporaryName&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

std::filesystem::path temporary_beside(const std::filesystem::path& path) {
    std::array<std::uint8_t, 8> label{};
    random_bytes(label);
    return path.parent_path() / fmt::format(".{}.{}.tmp", path.filename().string(), to_hex(label));
}

Status sync_folder(const std::filesystem::path& folder) {
    const FileDescriptor opened(
        ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened.get() < 0 || ::fsync(opened.get()) != 0) {
        return system_failure("flush the folder of", folder, errno);
    }
    return {};
}

Status check_ownership(const std::filesystem::path& path, const struct stat& status) {
    if (!S_ISREG(status.st_mode)) {
        return fail(Errc::kInvalidInput, path.string() + " is not a regular file");
    }
    if (status.st_uid != ::geteuid()) {
        return fail(Errc::kUnauthorized, path.string() +
                                             " belongs to another user: chown it to the user that "
                                             "runs this program");
    }
    if ((status.st_mode & kOthersMask) != 0) {
        return fail(
            Errc::kUnauthorized,
            path.string() + " can be accessed by other users: run chmod 600 " + path.string());
    }
    return {};
}

}  // namespace

Status write_secret_file(const std::filesystem::path& path, std::string_view text) {
    struct stat existing {};
    if (::lstat(path.c_str(), &existing) == 0) return already_there(path);
    const TemporaryName temporary(temporary_beside(path));
    FileDescriptor file(::open(temporary.path().c_str(),
                               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kOwnerOnly));
    if (file.get() < 0) return system_failure("create", path, errno);
    if (!write_all(file.get(), text) || ::fsync(file.get()) != 0 || !file.close()) {
        return system_failure("write", path, errno);
    }
    // Unlike rename, link never replaces what another writer put there in the meantime.
    if (::link(temporary.path().c_str(), path.c_str()) != 0) {
        if (errno == EEXIST) return already_there(path);
        return system_failure("create", path, errno);
    }
    return sync_folder(path.parent_path());
}

Result<std::string> read_secret_file(const std::filesystem::path& path) {
    // O_NONBLOCK: opening a FIFO must not hang.
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    if (file.get() < 0 && errno == ELOOP) {
        return fail(Errc::kUnauthorized,
                    path.string() + " is a symbolic link: name the key file itself");
    }
    if (file.get() < 0) return system_failure("open", path, errno);
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) return system_failure("inspect", path, errno);
    FS_TRY(check_ownership(path, status));
    std::string text;
    std::array<char, 4096> buffer{};
    for (;;) {
        const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_failure("read", path, errno);
        if (got == 0) return text;
        text.append(buffer.data(), static_cast<std::size_t>(got));
        if (text.size() > kFileBytesMax) {
            return fail(Errc::kCorrupt, path.string() + " is too long for a key file");
        }
    }
}

}  // namespace fedstake::crypto
