// pread on files, and the unnamed temporary file behind a spool.
#include "sim/matrix/byte_store.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/check.hpp"

namespace fedstake::sim {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 20U;

tl::unexpected<Error> system_error(const std::string& what, int error) {
    return fail(Errc::kUnavailable, fmt::format("{}: {}", what, std::strerror(error)));
}

Status read_at(int descriptor, const std::string& name, std::uint64_t offset,
               std::span<std::uint8_t> out) {
    auto place = static_cast<off_t>(offset);
    while (!out.empty()) {
        const ssize_t got = ::pread(descriptor, out.data(), out.size(), place);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return system_error("cannot read " + name, errno);
        }
        if (got == 0) {
            return fail(Errc::kCorrupt, name + " became shorter while it was read");
        }
        out = out.subspan(static_cast<std::size_t>(got));
        place += got;
    }
    return {};
}

Status write_all(int descriptor, ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return system_error("cannot write to the temporary folder", errno);
        }
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

class RegularFile final : public ByteStore {
public:
    RegularFile(std::string path, int descriptor, std::uint64_t size) noexcept
        : path_(std::move(path)), descriptor_(descriptor), size_(size) {}
    ~RegularFile() override { ::close(descriptor_); }
    RegularFile(const RegularFile&) = delete;
    RegularFile& operator=(const RegularFile&) = delete;

    [[nodiscard]] std::uint64_t size() const noexcept override { return size_; }
    [[nodiscard]] Status read(std::uint64_t offset, std::span<std::uint8_t> out) const override {
        FS_CHECK(offset <= size_ && out.size() <= size_ - offset);
        return read_at(descriptor_, path_, offset, out);
    }

private:
    std::string path_;
    int descriptor_;
    std::uint64_t size_;
};

Result<std::shared_ptr<const ByteStore>> read_to_end(int descriptor, const std::string& name) {
    auto spool = std::make_shared<Spool>();
    Bytes piece(kPieceBytes);
    for (;;) {
        const ssize_t got = ::read(descriptor, piece.data(), piece.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return system_error("cannot read " + name, errno);
        }
        if (got == 0) {
            return spool;
        }
        FS_TRY(spool->append(ByteView(piece).first(static_cast<std::size_t>(got))));
    }
}

}  // namespace

Spool::~Spool() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

Status Spool::append(ByteView bytes) {
    if (descriptor_ < 0 && bytes.size() > memory_max_ - std::min(memory_max_, memory_.size())) {
        FS_TRY(move_to_file());
    }
    if (descriptor_ >= 0) {
        FS_TRY(write_all(descriptor_, bytes));
    } else {
        memory_.insert(memory_.end(), bytes.begin(), bytes.end());
    }
    size_ += bytes.size();
    return {};
}

Status Spool::read(std::uint64_t offset, std::span<std::uint8_t> out) const {
    FS_CHECK(offset <= size_ && out.size() <= size_ - offset);
    if (descriptor_ >= 0) {
        return read_at(descriptor_, "the temporary file", offset, out);
    }
    std::copy_n(memory_.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
    return {};
}

Status Spool::move_to_file() {
    std::error_code none;
    const std::filesystem::path folder = std::filesystem::temp_directory_path(none);
    std::string name = (folder / "fedstake-XXXXXX").string();
    const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
    if (descriptor < 0) {
        return system_error(fmt::format("cannot make a file in the temporary folder {} (TMPDIR "
                                        "names another)",
                                        folder.string()),
                            errno);
    }
    ::unlink(name.c_str());
    descriptor_ = descriptor;
    const Status written = write_all(descriptor_, memory_);
    memory_ = {};
    return written;
}

std::string shown_path(const std::string& path) {
    return path == "-" ? "standard input" : path;
}

Result<std::shared_ptr<const ByteStore>> open_bytes(const std::string& path) {
    if (path == "-") {
        return read_to_end(STDIN_FILENO, shown_path(path));
    }
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        const Errc code = errno == ENOENT ? Errc::kNotFound : Errc::kUnavailable;
        return fail(code, fmt::format("cannot open {}: {}", path, std::strerror(errno)));
    }
    struct stat info {};
    if (::fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode)) {
        return std::make_shared<const RegularFile>(path, descriptor,
                                                   static_cast<std::uint64_t>(info.st_size));
    }
    if (S_ISDIR(info.st_mode)) {
        ::close(descriptor);
        return fail(Errc::kInvalidInput, path + " is a folder, not a file");
    }
    auto all = read_to_end(descriptor, path);
    ::close(descriptor);
    return all;
}

}  // namespace fedstake::sim
