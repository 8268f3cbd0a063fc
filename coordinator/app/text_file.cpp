// Writing small files.
#include "coordinator/app/text_file.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>

#include "coordinator/store/data_dir.hpp"

namespace fedstake::coordinator {

namespace {

Status write_with_flags(const std::filesystem::path& path, std::string_view text, int flags) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644);
    if (fd < 0 && errno == EEXIST) {
        return fail(Errc::kConflict,
                    path.string() +
                        ": exists already; nothing is overwritten: remove it first, "
                        "or choose another place");
    }
    if (fd < 0) {
        return fail(Errc::kUnavailable,
                    path.string() + ": cannot be made: " + std::strerror(errno));
    }
    bool good = true;
    while (good && !text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        good = written > 0;
        if (good) {
            text.remove_prefix(static_cast<std::size_t>(written));
        }
    }
    good = good && ::fsync(fd) == 0;
    const int why = errno;
    ::close(fd);
    if (!good) {
        return fail(Errc::kUnavailable,
                    path.string() + ": cannot be written: " + std::strerror(why));
    }
    return {};
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
    return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

}  // namespace

Status write_new_file(const std::filesystem::path& path, std::string_view text) {
    FS_TRY(write_with_flags(path, text, O_EXCL));
    return store::sync_folder(folder_of(path));
}

Status replace_file(const std::filesystem::path& path, std::string_view text) {
    std::filesystem::path part = path;
    part += ".new";
    FS_TRY(write_with_flags(part, text, O_TRUNC));
    std::error_code error;
    std::filesystem::rename(part, path, error);
    if (error) {
        return fail(Errc::kUnavailable, path.string() + ": cannot be replaced: " + error.message());
    }
    return store::sync_folder(folder_of(path));
}

}  // namespace fedstake::coordinator
