// Files of the state folder.
#include "client/app/state_store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "client/app/durable_file.hpp"
#include "client/app/evidence_folder.hpp"
#include "proto/crypto/content_tree.hpp"
#include "proto/transport/file_blob.hpp"

namespace fedstake::client {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLocalRoundsKept = 4;
constexpr std::size_t kRoundDigitsMax = 19;

static_assert(std::endian::native == std::endian::little,
              "blobs are little-endian and are written from memory as they are");

Error disk_error(const fs::path& path, const char* what) {
    return {Errc::kUnavailable,
            std::string(what) + " " + path.string() + ": " + std::strerror(errno)};
}

}  // namespace

StateStore::StateStore(fs::path folder, int lock_fd) noexcept
    : folder_(std::move(folder)), lock_fd_(lock_fd) {}

StateStore::~StateStore() {
    if (lock_fd_ >= 0) ::close(lock_fd_);
}

StateStore::StateStore(StateStore&& other) noexcept
    : folder_(std::move(other.folder_)), lock_fd_(std::exchange(other.lock_fd_, -1)) {}

Result<StateStore> StateStore::open(const fs::path& folder) {
    std::error_code error;
    for (const char* name : {"blobs", "incoming", "local", "receipts", "audits"}) {
        fs::create_directories(folder / name, error);
        if (error) {
            return fail(Errc::kUnavailable,
                        "cannot make " + (folder / name).string() + ": " + error.message());
        }
    }
    const fs::path lock = folder / "lock";
    const int fd = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return tl::unexpected(disk_error(lock, "cannot open"));
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        ::close(fd);
        return fail(Errc::kConflict, "another fedstake-client uses the state folder " +
                                         folder.string() +
                                         "; stop it first, or give this one its own 'state'");
    }
    return StateStore(folder, fd);
}

fs::path StateStore::blob_path(const Digest& root) const {
    return folder_ / "blobs" / to_hex(root.view());
}

bool StateStore::has_blob(const Digest& root) const {
    std::error_code ignored;
    return fs::is_regular_file(blob_path(root), ignored);
}

Result<transport::BlobShape> StateStore::put_values(std::span<const std::int32_t> values) {
    const ByteView bytes{reinterpret_cast<const std::uint8_t*>(values.data()), values.size_bytes()};
    crypto::ContentHasher hasher;
    hasher.update(bytes);
    crypto::FileContent content = std::move(hasher).finish();
    FS_TRY(replace_file(blob_path(content.root), bytes));
    return transport::BlobShape{.root = content.root,
                                .total_bytes = content.total_bytes,
                                .chunk_roots = std::move(content.chunk_roots)};
}

Result<std::unique_ptr<transport::BlobWriter>> StateStore::incoming(
    const transport::BlobShape& shape) {
    FS_ASSIGN(auto writer, transport::FilePartWriter::open(
                               folder_ / "incoming" / (to_hex(shape.root.view()) + ".part"),
                               blob_path(shape.root), shape.total_bytes));
    return std::unique_ptr<transport::BlobWriter>(std::move(writer));
}

Result<std::vector<float>> StateStore::read_model(const Digest& root) const {
    FS_ASSIGN(const auto source, aggregation::file_source(blob_path(root)));
    std::vector<float> values(source->size());
    FS_TRY(source->read_float32(0, values));
    return values;
}

Result<Bytes> StateStore::read_blob(const Digest& root, std::uint64_t bytes_max) const {
    const fs::path path = blob_path(root);
    std::error_code error;
    const std::uintmax_t size = fs::file_size(path, error);
    if (error) return fail(Errc::kNotFound, "no blob " + root.hex() + " in " + folder_.string());
    if (size > bytes_max) {
        return fail(Errc::kLimitExceeded, "blob " + root.hex() + " has " + std::to_string(size) +
                                              " bytes, at most " + std::to_string(bytes_max) +
                                              " are possible");
    }
    return read_file(path);
}

void StateStore::remove_damaged() const {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder_ / "blobs", ignored)) {
        const auto content = crypto::content_of_file(entry.path());
        if (content && blob_path(content->root) != entry.path()) {
            fs::remove(entry.path(), ignored);
        }
    }
}

void StateStore::keep_only(std::span<const Digest> roots) const {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder_ / "blobs", ignored)) {
        const bool kept = std::any_of(
            roots.begin(), roots.end(),
            [&entry, this](const Digest& root) { return entry.path() == blob_path(root); });
        if (!kept) fs::remove(entry.path(), ignored);
    }
}

Result<std::optional<rules::SignedUpdate>> StateStore::last_signed() const {
    const fs::path path = folder_ / "signed.bin";
    std::error_code ignored;
    if (!fs::exists(path, ignored)) return std::nullopt;
    FS_ASSIGN(const Bytes bytes, read_file(path));
    auto update = rules::SignedUpdate::decode(bytes);
    if (!update) {
        return with_context(update.error(), path.string() +
                                                " (the last signed update) is damaged; "
                                                "restore it from a backup before this site "
                                                "signs again");
    }
    return std::optional<rules::SignedUpdate>(std::move(*update));
}

Status StateStore::store_signed(const rules::SignedUpdate& update) const {
    return replace_file(folder_ / "signed.bin", update.encode());
}

Result<RoundNumber> StateStore::sat_out(const FederationId& federation) const {
    const fs::path path = folder_ / "sat-out.bin";
    std::error_code ignored;
    if (!fs::exists(path, ignored)) return RoundNumber{0};
    FS_ASSIGN(const Bytes bytes, read_file(path));
    ByteReader reader(bytes);
    FederationId of;
    FS_TRY(reader.raw(of.bytes));
    FS_ASSIGN(const RoundNumber round, reader.u64());
    FS_TRY(reader.finish());
    return of == federation ? round : 0;
}

Status StateStore::store_sat_out(const FederationId& federation, RoundNumber round) const {
    return replace_file(folder_ / "sat-out.bin",
                        ByteWriter().raw(federation.view()).u64(round).take());
}

Result<session::Attempts> StateStore::attempts(const FederationId& federation) const {
    const fs::path path = folder_ / "attempts.bin";
    std::error_code ignored;
    if (!fs::exists(path, ignored)) return session::Attempts{};
    FS_ASSIGN(const Bytes bytes, read_file(path));
    const auto read = [&]() -> Result<session::Attempts> {
        ByteReader reader(bytes);
        FederationId of;
        session::Attempts stored;
        FS_TRY(reader.raw(of.bytes));
        FS_ASSIGN(stored.highest, reader.u32());
        FS_ASSIGN(stored.floor, reader.u32());
        FS_TRY(reader.finish());
        return of == federation ? stored : session::Attempts{};
    };
    auto stored = read();
    if (!stored) {
        return fail(Errc::kCorrupt, path.string() +
                                        " (the attempts that this site signed for) is damaged: " +
                                        stored.error().message +
                                        "; restore it from a backup before this site signs again");
    }
    return stored;
}

Status StateStore::store_attempts(const FederationId& federation,
                                  const session::Attempts& attempts) const {
    return replace_file(
        folder_ / "attempts.bin",
        ByteWriter().raw(federation.view()).u32(attempts.highest).u32(attempts.floor).take());
}

Status StateStore::store_receipt(const wire::Receipt& receipt) const {
    return EvidenceFolder(folder_).keep(receipt);
}

Status StateStore::store_audit(const wire::AttestRequest& request) const {
    return EvidenceFolder(folder_).keep(request);
}

std::vector<RoundNumber> StateStore::local_rounds() const {
    std::vector<RoundNumber> rounds;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder_ / "local", ignored)) {
        const std::string name = entry.path().stem().string();
        const bool digits = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
            return c >= '0' && c <= '9';
        });
        if (digits && name.size() < kRoundDigitsMax && entry.path().extension() == ".bin") {
            rounds.push_back(std::stoull(name));
        }
    }
    std::sort(rounds.begin(), rounds.end());
    return rounds;
}

Result<Bytes> StateStore::local_parameters(RoundNumber round) const {
    const std::vector<RoundNumber> rounds = local_rounds();
    const auto after = std::upper_bound(rounds.begin(), rounds.end(), round);
    if (after == rounds.begin()) return Bytes{};
    return read_file(folder_ / "local" / (std::to_string(*std::prev(after)) + ".bin"));
}

Status StateStore::store_local_parameters(RoundNumber round, ByteView bytes) const {
    FS_TRY(replace_file(folder_ / "local" / (std::to_string(round) + ".bin"), bytes));
    const std::vector<RoundNumber> rounds = local_rounds();
    const auto until = std::upper_bound(rounds.begin(), rounds.end(), round);
    std::error_code ignored;
    for (auto old = rounds.begin(); old != rounds.end(); ++old) {
        const bool recent =
            old < until && static_cast<std::size_t>(until - old) <= kLocalRoundsKept;
        if (!recent) fs::remove(folder_ / "local" / (std::to_string(*old) + ".bin"), ignored);
    }
    return {};
}

}  // namespace fedstake::client
