// The data folder's lock.
#include "coordinator/store/data_dir.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace fedstake::store {

namespace {

std::string read_holder(int fd) {
    std::array<char, 32> text{};
    const ssize_t length = ::pread(fd, text.data(), text.size() - 1, 0);
    return length > 0 ? std::string(text.data(), static_cast<std::size_t>(length)) : "unknown";
}

}  // namespace

Result<DataDir> DataDir::open(const std::filesystem::path& path) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) {
        return fail(Errc::kUnavailable, path.string() + ": cannot be made: " + error.message());
    }
    std::filesystem::permissions(path, std::filesystem::perms::owner_all, error);
    const std::filesystem::path lock = path / "lock";
    const int fd = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return fail(Errc::kUnavailable,
                    lock.string() + ": cannot be opened: " + std::strerror(errno));
    }
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        const std::string holder = read_holder(fd);
        ::close(fd);
        return fail(Errc::kConflict, path.string() + ": another coordinator (process " + holder +
                                         ") uses this data folder; stop it first, or give this "
                                         "one its own folder");
    }
    const std::string pid = std::to_string(::getpid());
    if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, pid.data(), pid.size(), 0) < 0) {
        const std::string why = std::strerror(errno);
        ::close(fd);
        return fail(Errc::kUnavailable, lock.string() + ": cannot be written: " + why);
    }
    return DataDir(path, fd);
}

DataDir::~DataDir() {
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

DataDir::DataDir(DataDir&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}

DataDir& DataDir::operator=(DataDir&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(fd_, other.fd_);
    return *this;
}

Status sync_folder(const std::filesystem::path& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return fail(Errc::kUnavailable,
                    path.string() + ": cannot be opened: " + std::strerror(errno));
    }
    const int rc = ::fsync(fd);
    const int why = errno;
    ::close(fd);
    if (rc != 0) {
        return fail(Errc::kUnavailable, path.string() + ": fsync failed: " + std::strerror(why));
    }
    return {};
}

}  // namespace fedstake::store
