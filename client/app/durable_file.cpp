// POSIX calls behind durable_file.hpp.
#include "client/app/durable_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

namespace fedstake::client {

namespace {

namespace fs = std::filesystem;

Error disk_error(const fs::path& path, const char* what) {
    return {Errc::kUnavailable,
            std::string(what) + " " + path.string() + ": " + std::strerror(errno)};
}

Status write_all(int fd, ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return fail(Errc::kUnavailable, std::strerror(errno));
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

Status sync_folder(const fs::path& folder) {
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return tl::unexpected(disk_error(folder, "cannot open"));
    const int synced = ::fsync(fd);
    ::close(fd);
    if (synced != 0) return tl::unexpected(disk_error(folder, "cannot sync"));
    return {};
}

}  // namespace

Status replace_file(const fs::path& path, ByteView bytes) {
    const fs::path aside = path.string() + ".new";
    const int fd = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return tl::unexpected(disk_error(aside, "cannot write"));
    const Status written = write_all(fd, bytes);
    const bool synced = ::fsync(fd) == 0;
    ::close(fd);
    if (!written) return with_context(written.error(), "cannot write " + aside.string());
    if (!synced) return tl::unexpected(disk_error(aside, "cannot sync"));
    if (::rename(aside.c_str(), path.c_str()) != 0) {
        return tl::unexpected(disk_error(path, "cannot rename to"));
    }
    return sync_folder(path.parent_path());
}

Result<Bytes> read_file(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return fail(Errc::kNotFound, "cannot read " + path.string());
    return Bytes(std::istreambuf_iterator<char>(in), {});
}

}  // namespace fedstake::client
