// SQLite behind Result.
#include "coordinator/store/sqlite.hpp"

#include <utility>

#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "coordinator/store/migrations.hpp"
#include "proto/base/log.hpp"

namespace fedstake::store {

namespace {

tl::unexpected<Error> sqlite_error(sqlite3* db, int code) {
    const char* words = db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(code);
    switch (code & 0xff) {
        case SQLITE_FULL:
            return fail(Errc::kUnavailable, fmt::format("database: disk is full: {}", words));
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return fail(Errc::kCorrupt, fmt::format("database: {}", words));
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return fail(Errc::kConflict,
                        fmt::format("database: another program has it open: {}", words));
        case SQLITE_CONSTRAINT: return fail(Errc::kConflict, fmt::format("database: {}", words));
        default:
            return fail(Errc::kUnavailable, fmt::format("database: {} (code {})", words, code));
    }
}

}  // namespace

// ---- Statement ---------------------------------------------------------------------------------

Statement::Statement(Statement&& other) noexcept
    : db_(other.db_),
      statement_(std::exchange(other.statement_, nullptr)),
      next_(other.next_),
      bind_error_(other.bind_error_) {}

Statement::~Statement() {
    sqlite3_finalize(statement_);
}

Statement& Statement::bind(std::int64_t value) {
    bind_error_ |= sqlite3_bind_int64(statement_, next_++, value);
    return *this;
}

Statement& Statement::bind(std::string_view text) {
    bind_error_ |= sqlite3_bind_text64(statement_, next_++, text.data(), text.size(),
                                       SQLITE_TRANSIENT, SQLITE_UTF8);
    return *this;
}

Statement& Statement::bind(ByteView bytes) {
    // A null pointer would bind NULL instead of an empty blob.
    static constexpr std::uint8_t kNothing = 0;
    const void* data = bytes.empty() ? &kNothing : bytes.data();
    bind_error_ |= sqlite3_bind_blob64(statement_, next_++, data, bytes.size(), SQLITE_TRANSIENT);
    return *this;
}

Result<bool> Statement::step() {
    if (bind_error_ != SQLITE_OK) {
        return sqlite_error(db_, bind_error_);
    }
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) {
        return true;
    }
    if (code == SQLITE_DONE) {
        return false;
    }
    return sqlite_error(db_, code);
}

Status Statement::run() {
    for (;;) {
        FS_ASSIGN(const bool row, step());
        if (!row) {
            return {};
        }
    }
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(statement_, column);
}

std::string Statement::text(int column) const {
    const void* data = sqlite3_column_text(statement_, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return data == nullptr ? std::string() : std::string(static_cast<const char*>(data), size);
}

Bytes Statement::bytes(int column) const {
    const void* data = sqlite3_column_blob(statement_, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    if (data == nullptr) {
        return {};
    }
    const auto* begin = static_cast<const std::uint8_t*>(data);
    return Bytes(begin, begin + size);
}

// ---- Connection --------------------------------------------------------------------------------

Result<Statement> Connection::prepare(std::string_view sql) {
    sqlite3_stmt* statement = nullptr;
    const int code =
        sqlite3_prepare_v2(db_, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
    if (code != SQLITE_OK) {
        return sqlite_error(db_, code);
    }
    return Statement(db_, statement);
}

Status Connection::execute(const char* sql) {
    const int code = sqlite3_exec(db_, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) {
        return sqlite_error(db_, code);
    }
    return {};
}

// ---- Database ----------------------------------------------------------------------------------

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& path) {
    sqlite3* db = nullptr;
    const int code = sqlite3_open_v2(
        path.c_str(), &db,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX | SQLITE_OPEN_NOFOLLOW,
        nullptr);
    // Owned from here on, so that a failing open is closed too.
    std::unique_ptr<Database> database(new Database(path, db));
    if (code != SQLITE_OK) {
        return with_context(sqlite_error(db, code).value(), path.string());
    }
    ::chmod(path.c_str(), 0600);
    if (Status ready = database->prepare_file(); !ready) {
        return with_context(ready.error(), path.string());
    }
    return database;
}

Database::~Database() {
    const int code = sqlite3_close(connection_.db_);
    if (code != SQLITE_OK) {
        FS_LOG(kWarn, "store", "database not closed cleanly file={} code={}", path_.string(), code);
    }
}

Status Database::prepare_file() {
    sqlite3* db = connection_.db_;
    sqlite3_extended_result_codes(db, 1);
    sqlite3_busy_timeout(db, 5000);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    FS_TRY(
        connection_.execute("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;"
                            "PRAGMA foreign_keys=ON; PRAGMA journal_mode=WAL;"
                            "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=1000;"));
    FS_TRY(check());
    return migrate(connection_);
}

Status Database::check() {
    FS_ASSIGN(Statement statement, connection_.prepare("PRAGMA quick_check"));
    FS_ASSIGN(const bool row, statement.step());
    const std::string verdict = row ? statement.text(0) : "no answer";
    if (verdict != "ok") {
        return fail(Errc::kCorrupt,
                    "the database is damaged (" + verdict +
                        "): restore the folder from a backup; the chain still holds every "
                        "committed round");
    }
    return {};
}

void Database::rollback() noexcept {
    // Fails only when SQLite has rolled back by itself.
    const Status ignored = connection_.execute("ROLLBACK");
    static_cast<void>(ignored);
}

}  // namespace fedstake::store
