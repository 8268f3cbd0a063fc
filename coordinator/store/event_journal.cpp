// The round machine's journal in the database.
#include "coordinator/store/event_journal.hpp"

#include <fmt/format.h>

#include "coordinator/store/meta_table.hpp"

namespace fedstake::store {

namespace {
constexpr std::string_view kPerformedKey = "journal-performed";
}

Result<std::uint64_t> EventJournal::append(Timestamp at, ByteView event) {
    return database_.transact([&](Connection& db) -> Result<std::uint64_t> {
        FS_ASSIGN(Statement last, db.prepare("SELECT coalesce(max(sequence), 0) FROM journal"));
        FS_TRY(last.step());
        const std::int64_t sequence = last.integer(0) + 1;
        FS_ASSIGN(Statement insert, db.prepare("INSERT INTO journal VALUES(?, ?, ?)"));
        FS_TRY(insert.bind(sequence).bind(at.ms).bind(event).run());
        return static_cast<std::uint64_t>(sequence);
    });
}

Status EventJournal::mark_performed(std::uint64_t sequence) {
    return database_.transact([&](Connection& db) -> Status {
        ByteWriter value;
        value.u64(sequence);
        return put_meta(db, kPerformedKey, value.bytes());
    });
}

Result<std::uint64_t> EventJournal::performed() {
    return database_.read([&](Connection& db) -> Result<std::uint64_t> {
        FS_ASSIGN(const auto value, get_meta(db, kPerformedKey));
        if (!value) {
            return 0;
        }
        ByteReader in(*value);
        return in.u64();
    });
}

Status EventJournal::replay(const Visitor& visit) {
    return database_.read([&](Connection& db) -> Status {
        FS_ASSIGN(Statement rows,
                  db.prepare("SELECT sequence, at_ms, event FROM journal ORDER BY sequence"));
        std::uint64_t expected = 1;
        for (;;) {
            FS_ASSIGN(const bool row, rows.step());
            if (!row) {
                return {};
            }
            const auto sequence = static_cast<std::uint64_t>(rows.integer(0));
            if (sequence != expected) {
                return fail(Errc::kCorrupt, fmt::format("journal entry {} is missing", expected));
            }
            FS_TRY(visit(sequence, Timestamp{rows.integer(1)}, rows.bytes(2)));
            ++expected;
        }
    });
}

}  // namespace fedstake::store
