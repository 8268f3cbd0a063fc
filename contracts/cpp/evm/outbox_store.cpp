// Outbox records in memory and in files.
#include "contracts/cpp/evm/outbox_store.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

namespace fedstake::evm {

namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> io_error(const std::string& what, const fs::path& path) {
    return fail(Errc::kUnavailable,
                "cannot " + what + " " + path.string() + ": " + std::strerror(errno));
}

// A failed fsync may have dropped the data for good, whatever a second one says: the caller stops.
Status sync_and_close(int fd, const fs::path& path) {
    const bool synced = fsync(fd) == 0;
    const bool closed = close(fd) == 0;
    if (!synced || !closed) return io_error("write", path);
    return {};
}

Status write_file(const fs::path& path, std::string_view text) {
    const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return io_error("create", path);
    while (!text.empty()) {
        const ssize_t written = write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) {
            close(fd);
            return io_error("write", path);
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return sync_and_close(fd, path);
}

Status sync_folder(const fs::path& folder) {
    const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return io_error("open", folder);
    return sync_and_close(fd, folder);
}

Result<OutboxRecord> read_record(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file.good() && !file.eof()) return io_error("read", path);
    auto record = decode_outbox_record(text);
    if (!record) return with_context(record.error(), "outbox file " + path.string());
    return record;
}

}  // namespace

Result<std::vector<OutboxRecord>> MemoryOutboxStore::load() {
    return records_;
}

Status MemoryOutboxStore::save(const OutboxRecord& record) {
    const auto found = std::find_if(records_.begin(), records_.end(), [&](const OutboxRecord& r) {
        return r.sequence == record.sequence;
    });
    if (found == records_.end()) {
        records_.push_back(record);
    } else {
        *found = record;
    }
    return {};
}

Result<std::unique_ptr<FileOutboxStore>> FileOutboxStore::open(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) {
        return fail(Errc::kUnavailable,
                    "cannot create outbox folder " + folder.string() + ": " + error.message());
    }
    const fs::path lock = folder / "lock";
    const int fd = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return io_error("create", lock);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        close(fd);
        return fail(Errc::kConflict, "outbox folder " + folder.string() +
                                         " is in use by another process: two would send with one "
                                         "key; stop the other one");
    }
    return std::unique_ptr<FileOutboxStore>(new FileOutboxStore(folder, fd));
}

FileOutboxStore::~FileOutboxStore() {
    close(lock_fd_);
}

Result<std::vector<OutboxRecord>> FileOutboxStore::load() {
    std::vector<OutboxRecord> records;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder_, error)) {
        if (entry.path().extension() != ".json") continue;
        FS_ASSIGN(OutboxRecord record, read_record(entry.path()));
        records.push_back(std::move(record));
    }
    if (error) {
        return fail(Errc::kUnavailable,
                    "cannot list outbox folder " + folder_.string() + ": " + error.message());
    }
    std::sort(records.begin(), records.end(),
              [](const auto& a, const auto& b) { return a.sequence < b.sequence; });
    return records;
}

Status FileOutboxStore::save(const OutboxRecord& record) {
    const fs::path path = folder_ / fmt::format("{:012}.json", record.sequence);
    fs::path temporary = path;
    temporary += ".part";
    FS_TRY(write_file(temporary, encode_outbox_record(record)));
    if (std::rename(temporary.c_str(), path.c_str()) != 0) return io_error("rename", temporary);
    return sync_folder(folder_);
}

}  // namespace fedstake::evm
