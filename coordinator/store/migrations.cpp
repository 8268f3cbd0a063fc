// The tables, as numbered steps.
#include "coordinator/store/migrations.hpp"

#include <array>

#include <fmt/format.h>

namespace fedstake::store {

namespace {

// Never change a step that was released: add one.
constexpr std::array<const char*, kSchemaVersion> kSteps{
    // 1: identity, event journal, finished rounds, ledger outbox.
    R"sql(
    CREATE TABLE meta(
        key   TEXT PRIMARY KEY NOT NULL,
        value BLOB NOT NULL
    ) STRICT;
    CREATE TABLE journal(
        sequence INTEGER PRIMARY KEY NOT NULL,
        at_ms    INTEGER NOT NULL,
        event    BLOB NOT NULL
    ) STRICT;
    CREATE TABLE rounds(
        round       INTEGER PRIMARY KEY NOT NULL,
        attempt     INTEGER NOT NULL,
        at_ms       INTEGER NOT NULL,
        commitment  BLOB NOT NULL,
        model       BLOB NOT NULL,
        record      BLOB NOT NULL
    ) STRICT;
    CREATE TABLE metrics(
        round   INTEGER NOT NULL,
        site    BLOB NOT NULL,
        at_ms   INTEGER NOT NULL,
        json    TEXT NOT NULL,
        PRIMARY KEY (round, site)
    ) STRICT;
    CREATE TABLE outbox(
        sequence INTEGER PRIMARY KEY NOT NULL,
        record   TEXT NOT NULL
    ) STRICT;
    )sql",
    // 2: rounds that the ledger voided, kept as evidence.
    R"sql(
    CREATE TABLE voided_rounds(
        round       INTEGER NOT NULL,
        attempt     INTEGER NOT NULL,
        at_ms       INTEGER NOT NULL,
        voided_ms   INTEGER NOT NULL,
        commitment  BLOB NOT NULL,
        model       BLOB NOT NULL,
        record      BLOB NOT NULL,
        PRIMARY KEY (round, attempt)
    ) STRICT;
    )sql",
};

Result<int> version_of(Connection& connection) {
    FS_ASSIGN(Statement statement, connection.prepare("PRAGMA user_version"));
    FS_ASSIGN(const bool row, statement.step());
    return row ? static_cast<int>(statement.integer(0)) : 0;
}

Status apply(Connection& connection, int step) {
    FS_TRY(connection.execute("BEGIN IMMEDIATE"));
    Status done = connection.execute(kSteps.at(static_cast<std::size_t>(step)));
    if (done) {
        done = connection.execute(fmt::format("PRAGMA user_version={}", step + 1).c_str());
    }
    if (done) {
        return connection.execute("COMMIT");
    }
    const Status undone = connection.execute("ROLLBACK");
    static_cast<void>(undone);
    return with_context(done.error(), fmt::format("schema step {}", step + 1));
}

}  // namespace

Status migrate(Connection& connection) {
    FS_ASSIGN(const int version, version_of(connection));
    if (version > kSchemaVersion) {
        return fail(Errc::kConflict,
                    fmt::format("schema {} is of a later release (this one knows {}): update "
                                "fedstake-coordinator",
                                version, kSchemaVersion));
    }
    for (int step = version; step < kSchemaVersion; ++step) {
        FS_TRY(apply(connection, step));
    }
    return {};
}

}  // namespace fedstake::store
