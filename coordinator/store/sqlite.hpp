// SQLite behind Result: statements, transactions, and the one connection that the process has.
//
// SQLite 3.40 can corrupt its log when two connections race between writing and checkpointing, so
// there is one connection, and Database serialises every thread that uses it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "proto/base/bytes.hpp"
#include "proto/base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace fedstake::store {

// One prepared statement. Parameters are bound in order; bytes and text are copied.
class Statement {
public:
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&&) = delete;
    ~Statement();

    Statement& bind(std::int64_t value);
    Statement& bind(std::string_view text);
    Statement& bind(ByteView bytes);

    // True while there is a row. RETURNS what the database refused.
    [[nodiscard]] Result<bool> step();
    // Runs to the end.
    [[nodiscard]] Status run();

    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] std::string text(int column) const;
    [[nodiscard]] Bytes bytes(int column) const;

private:
    friend class Connection;
    Statement(sqlite3* db, sqlite3_stmt* statement) : db_(db), statement_(statement) {}
    sqlite3* db_;
    sqlite3_stmt* statement_;
    int next_ = 1;
    int bind_error_ = 0;
};

class Connection {
public:
    [[nodiscard]] Result<Statement> prepare(std::string_view sql);
    // One or more statements without parameters.
    [[nodiscard]] Status execute(const char* sql);

private:
    friend class Database;
    explicit Connection(sqlite3* db) : db_(db) {}
    sqlite3* db_;
};

class Database {
public:
    // Opens or makes the file: WAL, synchronous=FULL, foreign keys, defensive mode; checks it and
    // brings its tables up to date. RETURNS kCorrupt, naming the file, when the check fails;
    // kConflict for a file of a later release; kUnavailable when it cannot be opened.
    [[nodiscard]] static Result<std::unique_ptr<Database>> open(const std::filesystem::path& path);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    // Calls body(Connection&) -> Status or Result<T> in one transaction: durable when it returns,
    // rolled back when it RETURNS an error. Thread-safe.
    template <class Body>
    auto transact(Body&& body) -> decltype(body(std::declval<Connection&>())) {
        const std::lock_guard lock(mutex_);
        FS_TRY(connection_.execute("BEGIN IMMEDIATE"));
        auto result = body(connection_);
        if (!result) {
            rollback();
            return result;
        }
        if (Status committed = connection_.execute("COMMIT"); !committed) {
            rollback();
            return ::tl::unexpected<Error>(std::move(committed).error());
        }
        return result;
    }

    // Calls body without a transaction, to read. Thread-safe.
    template <class Body>
    auto read(Body&& body) -> decltype(body(std::declval<Connection&>())) {
        const std::lock_guard lock(mutex_);
        return body(connection_);
    }

private:
    Database(std::filesystem::path path, sqlite3* db) : path_(std::move(path)), connection_(db) {}
    [[nodiscard]] Status prepare_file();
    [[nodiscard]] Status check();
    void rollback() noexcept;

    std::filesystem::path path_;
    std::mutex mutex_;
    Connection connection_;
};

}  // namespace fedstake::store
