// Content-addressed files.
#include "coordinator/store/blob_store.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include <fmt/format.h>

#include "coordinator/store/data_dir.hpp"

namespace fedstake::store {

namespace {

// Stays free so that the database can still be written when updates have filled the disk.
constexpr std::uint64_t kReserveBytes = std::uint64_t{64} << 20U;

tl::unexpected<Error> file_error(const std::filesystem::path& path, const char* what) {
    const int code = errno;
    return fail(Errc::kUnavailable,
                fmt::format("{}: {}: {}", path.string(), what, std::strerror(code)));
}

Status make_folder(const std::filesystem::path& path) {
    std::error_code error;
    const bool made = std::filesystem::create_directory(path, error);
    if (error) {
        return fail(Errc::kUnavailable, path.string() + ": cannot be made: " + error.message());
    }
    return made ? sync_folder(path.parent_path()) : Status{};
}

std::string hex_name(const Digest& root) {
    return to_hex(root.view());
}

}  // namespace

// ---- NewBlob -----------------------------------------------------------------------------------

NewBlob::NewBlob(BlobStore& store, std::filesystem::path part, int fd)
    : store_(&store), part_(std::move(part)), fd_(fd) {}

NewBlob::NewBlob(NewBlob&& other) noexcept
    : store_(other.store_),
      part_(std::move(other.part_)),
      fd_(std::exchange(other.fd_, -1)),
      hasher_(std::move(other.hasher_)) {}

NewBlob::~NewBlob() {
    if (fd_ >= 0) {
        ::close(fd_);
        ::unlink(part_.c_str());
    }
}

Status NewBlob::append(ByteView bytes) {
    hasher_.update(bytes);
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
        if (written < 0) {
            if (errno == EINTR) {
                continue;
            }
            return file_error(part_, "cannot be written");
        }
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

Result<crypto::FileContent> NewBlob::commit() {
    crypto::FileContent content = std::move(hasher_).finish();
    if (::fsync(fd_) != 0) {
        return file_error(part_, "fsync failed");
    }
    FS_TRY(store_->prepare(content.root));
    const std::filesystem::path final_path = store_->path_of(content.root);
    if (::rename(part_.c_str(), final_path.c_str()) != 0) {
        return file_error(part_, "cannot be renamed");
    }
    ::close(std::exchange(fd_, -1));
    FS_TRY(sync_folder(final_path.parent_path()));
    return content;
}

// ---- BlobStore ---------------------------------------------------------------------------------

Result<std::unique_ptr<BlobStore>> BlobStore::open(const std::filesystem::path& dir) {
    std::unique_ptr<BlobStore> store(new BlobStore(dir));
    FS_TRY(make_folder(dir / "blobs"));
    FS_TRY(make_folder(dir / "incoming"));
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(dir / "incoming", error)) {
        if (entry.path().filename().string().starts_with("new-")) {
            std::filesystem::remove(entry.path(), error);
        }
    }
    if (error) {
        return fail(Errc::kUnavailable,
                    (dir / "incoming").string() + ": cannot be cleaned: " + error.message());
    }
    // A folder made just before an earlier crash may not be durable yet.
    FS_TRY(sync_folder(dir / "blobs"));
    return store;
}

std::filesystem::path BlobStore::path_of(const Digest& root) const {
    const std::string name = hex_name(root);
    return dir_ / "blobs" / name.substr(0, 2) / name;
}

std::filesystem::path BlobStore::part_of(const SiteId& site, const Digest& root) const {
    return dir_ / "incoming" / (to_hex(site.view()) + "-" + hex_name(root) + ".part");
}

bool BlobStore::has(const Digest& root) const {
    std::error_code error;
    return std::filesystem::is_regular_file(path_of(root), error);
}

Status BlobStore::prepare(const Digest& root) {
    return make_folder(path_of(root).parent_path());
}

Result<NewBlob> BlobStore::create() {
    const std::filesystem::path part =
        dir_ / "incoming" / fmt::format("new-{}.part", next_.fetch_add(1));
    const int fd =
        ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return file_error(part, "cannot be made");
    }
    return NewBlob(*this, part, fd);
}

Result<crypto::FileContent> BlobStore::put(ByteView bytes) {
    FS_ASSIGN(NewBlob blob, create());
    FS_TRY(blob.append(bytes));
    return blob.commit();
}

Status BlobStore::verify(const Digest& root) const {
    const std::filesystem::path path = path_of(root);
    if (!has(root)) {
        return fail(Errc::kNotFound, "blob " + root.short_hex() + " is missing: " + path.string());
    }
    FS_ASSIGN(const auto content, crypto::content_of_file(path));
    if (content.root != root) {
        return fail(Errc::kCorrupt, "blob " + root.short_hex() +
                                        " does not match its root any more: " + path.string());
    }
    return {};
}

Result<Bytes> BlobStore::read(const Digest& root, std::uint64_t bytes_max) const {
    const std::filesystem::path path = path_of(root);
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    if (error) {
        return fail(Errc::kNotFound, path.string() + ": " + error.message());
    }
    if (size > bytes_max) {
        return fail(Errc::kLimitExceeded, fmt::format("{}: {} bytes, at most {} expected",
                                                      path.string(), size, bytes_max));
    }
    Bytes bytes(static_cast<std::size_t>(size));
    std::ifstream file(path, std::ios::binary);
    file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
    if (!file) {
        return fail(Errc::kUnavailable, path.string() + ": cannot be read");
    }
    return bytes;
}

Status BlobStore::remove(const Digest& root) {
    std::error_code error;
    std::filesystem::remove(path_of(root), error);
    if (error) {
        return fail(Errc::kUnavailable,
                    path_of(root).string() + ": cannot be removed: " + error.message());
    }
    return {};
}

Result<std::size_t> BlobStore::clean_incoming(const std::set<std::pair<SiteId, Digest>>& keep) {
    std::set<std::string> names;
    for (const auto& [site, root] : keep) {
        names.insert(part_of(site, root).filename().string());
    }
    std::size_t removed = 0;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(dir_ / "incoming", error)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with("new-") && !names.contains(name)) {
            removed += std::filesystem::remove(entry.path(), error) ? 1U : 0U;
        }
    }
    if (error) {
        return fail(Errc::kUnavailable,
                    (dir_ / "incoming").string() + ": cannot be cleaned: " + error.message());
    }
    return removed;
}

Result<std::uint64_t> BlobStore::free_bytes() const {
    struct statvfs disk {};
    if (::statvfs(dir_.c_str(), &disk) != 0) {
        return file_error(dir_, "cannot be asked for its free space");
    }
    return std::uint64_t{disk.f_bavail} * disk.f_frsize;
}

Status BlobStore::check_space(std::uint64_t bytes) const {
    FS_ASSIGN(const std::uint64_t available, free_bytes());
    if (available < kReserveBytes || (available - kReserveBytes) / 2 < bytes) {
        return fail(Errc::kLimitExceeded,
                    fmt::format("{}: {} MiB free, {} MiB needed", dir_.string(), available >> 20U,
                                ((2 * bytes) >> 20U) + (kReserveBytes >> 20U)));
    }
    return {};
}

}  // namespace fedstake::store
