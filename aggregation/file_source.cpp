// VectorSource over a file of little-endian values, read with pread.
#include <bit>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aggregation/update_rows.hpp"
#include "proto/base/check.hpp"

namespace fedstake::aggregation {
namespace {

static_assert(std::endian::native == std::endian::little,
              "values are read in place: a big-endian machine needs a byte swap here");

class FileSource final : public VectorSource {
public:
    FileSource(std::filesystem::path path, int descriptor, std::uint64_t size) noexcept
        : path_(std::move(path)), descriptor_(descriptor), size_(size) {}
    ~FileSource() override { ::close(descriptor_); }
    FileSource(const FileSource&) = delete;
    FileSource& operator=(const FileSource&) = delete;

    [[nodiscard]] std::uint64_t size() const noexcept override { return size_; }

    [[nodiscard]] Status read_int32(std::uint64_t first,
                                    std::span<std::int32_t> out) const override {
        return read(first, std::as_writable_bytes(out));
    }
    [[nodiscard]] Status read_float32(std::uint64_t first, std::span<float> out) const override {
        return read(first, std::as_writable_bytes(out));
    }

private:
    [[nodiscard]] Status read(std::uint64_t first, std::span<std::byte> out) const {
        FS_CHECK(first <= size_ && out.size() / 4 <= size_ - first);
        auto offset = static_cast<off_t>(first * 4);
        while (!out.empty()) {
            const ssize_t got = ::pread(descriptor_, out.data(), out.size(), offset);
            if (got < 0 && errno == EINTR) {
                continue;
            }
            if (got < 0) {
                return fail(Errc::kUnavailable, fmt::format("cannot read {}: {}", path_.string(),
                                                            std::strerror(errno)));
            }
            if (got == 0) {
                return fail(Errc::kCorrupt,
                            fmt::format("{} became shorter while it was read", path_.string()));
            }
            out = out.subspan(static_cast<std::size_t>(got));
            offset += got;
        }
        return {};
    }

    std::filesystem::path path_;
    int descriptor_;
    std::uint64_t size_;
};

}  // namespace

Result<std::unique_ptr<VectorSource>> file_source(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        const Errc code = errno == ENOENT ? Errc::kNotFound : Errc::kUnavailable;
        return fail(code, fmt::format("cannot open {}: {}", path.string(), std::strerror(errno)));
    }
    struct stat info {};
    if (::fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode)) {
        ::close(descriptor);
        return fail(Errc::kUnavailable, fmt::format("{} is not a regular file", path.string()));
    }
    if (info.st_size % 4 != 0) {
        ::close(descriptor);
        return fail(Errc::kCorrupt, fmt::format("{} has {} bytes, not a multiple of 4",
                                                path.string(), info.st_size));
    }
    // Passes read from the first value to the last (rules that sample coordinates do not); a system
    // that takes no advice is slower.
    static_cast<void>(::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL));
    return std::make_unique<FileSource>(path, descriptor,
                                        static_cast<std::uint64_t>(info.st_size) / 4);
}

}  // namespace fedstake::aggregation
