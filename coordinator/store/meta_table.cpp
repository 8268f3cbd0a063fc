// Named single values.
#include "coordinator/store/meta_table.hpp"

#include <algorithm>

namespace fedstake::store {

Status put_meta(Connection& db, std::string_view key, ByteView value) {
    FS_ASSIGN(Statement statement,
              db.prepare("INSERT INTO meta VALUES(?, ?) "
                         "ON CONFLICT(key) DO UPDATE SET value=excluded.value"));
    return statement.bind(key).bind(value).run();
}

Result<std::optional<Bytes>> get_meta(Connection& db, std::string_view key) {
    FS_ASSIGN(Statement statement, db.prepare("SELECT value FROM meta WHERE key=?"));
    FS_ASSIGN(const bool row, statement.bind(key).step());
    if (!row) {
        return std::optional<Bytes>();
    }
    return std::optional<Bytes>(statement.bytes(0));
}

Status bind_meta(Database& database, std::string_view key, ByteView value, std::string_view words) {
    return database.transact([&](Connection& db) -> Status {
        FS_ASSIGN(const auto known, get_meta(db, key));
        if (!known) {
            return put_meta(db, key, value);
        }
        if (!std::ranges::equal(*known, value)) {
            return fail(Errc::kConflict, std::string(words));
        }
        return {};
    });
}

}  // namespace fedstake::store
