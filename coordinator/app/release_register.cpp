// Versions and parents of releases.
#include "coordinator/app/release_register.hpp"

#include <fmt/format.h>

#include "contracts/cpp/memory_chain.hpp"
#include "coordinator/store/meta_table.hpp"

namespace fedstake::coordinator {

namespace {

constexpr std::string_view kLast = "release/last";

struct Place {
    std::uint64_t version = 0;
    Digest record;  // of the release itself
    Digest parent;
    Digest code_commit;
};

Bytes encode(const Place& place) {
    return ByteWriter()
        .u64(place.version)
        .raw(place.record.view())
        .raw(place.parent.view())
        .raw(place.code_commit.view())
        .take();
}

Result<Place> decode(ByteView bytes) {
    ByteReader reader(bytes);
    Place place;
    FS_ASSIGN(place.version, reader.u64());
    FS_TRY(reader.raw(place.record.bytes));
    FS_TRY(reader.raw(place.parent.bytes));
    if (reader.remaining() > 0) {  // releases of the first version of this table named no commit
        FS_TRY(reader.raw(place.code_commit.bytes));
    }
    FS_TRY(reader.finish());
    return place;
}

}  // namespace

Status number_release(store::Database& database, chain::PublishModel& release) {
    const std::string key = fmt::format("release/{}", release.commitment.round);
    return database.transact([&](store::Connection& db) -> Status {
        FS_ASSIGN(const auto known, store::get_meta(db, key));
        if (known) {
            FS_ASSIGN(const Place place, decode(*known));
            release.version = place.version;
            release.parent = place.parent;
            release.code_commit = place.code_commit;
            if (chain::provenance_hash(release) != place.record) {
                return fail(
                    Errc::kConflict,
                    fmt::format("the model of round {} was released before with another content",
                                release.commitment.round));
            }
            return {};
        }
        Place place;
        FS_ASSIGN(const auto last, store::get_meta(db, kLast));
        if (last) {
            FS_ASSIGN(const Place before, decode(*last));
            place.version = before.version;
            place.parent = before.record;
        }
        place.version += 1;
        release.version = place.version;
        release.parent = place.parent;
        place.code_commit = release.code_commit;
        place.record = chain::provenance_hash(release);
        FS_TRY(store::put_meta(db, key, encode(place)));
        return store::put_meta(db, kLast, encode(place));
    });
}

Result<LastRelease> last_release(store::Database& database) {
    LastRelease last;
    FS_TRY(database.transact([&](store::Connection& db) -> Status {
        FS_ASSIGN(const auto stored, store::get_meta(db, kLast));
        if (stored) {
            FS_ASSIGN(const Place place, decode(*stored));
            last = {.version = place.version, .record = place.record};
        }
        return {};
    }));
    return last;
}

Status remember_release(store::Database& database, const LastRelease& last) {
    Place place;
    place.version = last.version;
    place.record = last.record;
    return database.transact(
        [&](store::Connection& db) { return store::put_meta(db, kLast, encode(place)); });
}

}  // namespace fedstake::coordinator
