// Finished rounds and what sites reported about them.
#include "coordinator/store/round_table.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "coordinator/round/record_codec.hpp"

namespace fedstake::store {

namespace {

Status copy_into(ByteView from, std::span<std::uint8_t> to) {
    if (from.size() != to.size()) {
        return fail(Errc::kCorrupt, "database: a digest has the wrong length");
    }
    std::ranges::copy(from, to.begin());
    return {};
}

Result<round::RecordResult> decode_named(ByteView bytes, RoundNumber round) {
    auto record = round::decode_record(bytes);
    if (!record) {
        return with_context(record.error(), fmt::format("record of round {}", round));
    }
    return record;
}

// round, attempt, at_ms, commitment, model, and voided_ms where there is one.
Result<std::vector<RoundLine>> read_lines(Statement& rows, bool voided) {
    std::vector<RoundLine> lines;
    for (;;) {
        FS_ASSIGN(const bool row, rows.step());
        if (!row) {
            return lines;
        }
        RoundLine line{.round = static_cast<RoundNumber>(rows.integer(0)),
                       .attempt = static_cast<std::uint32_t>(rows.integer(1)),
                       .at = Timestamp{rows.integer(2)},
                       .commitment = {},
                       .model = {},
                       .voided = {}};
        FS_TRY(copy_into(rows.bytes(3), line.commitment.bytes));
        FS_TRY(copy_into(rows.bytes(4), line.model.bytes));
        if (voided) {
            line.voided = Timestamp{rows.integer(5)};
        }
        lines.push_back(line);
    }
}

}  // namespace

Status RoundTable::put(Timestamp at, const round::RecordResult& record) {
    const Bytes bytes = round::encode_record(record);
    const auto number = static_cast<std::int64_t>(record.commitment.round);
    const std::int64_t attempt = record.commitment.attempt;
    return database_.transact([&](Connection& db) -> Status {
        FS_ASSIGN(Statement voided,
                  db.prepare("SELECT 1 FROM voided_rounds WHERE round=? AND attempt=?"));
        FS_ASSIGN(const bool gone, voided.bind(number).bind(attempt).step());
        if (gone) {
            return {};  // put before it was voided
        }
        FS_ASSIGN(Statement known, db.prepare("SELECT record FROM rounds WHERE round=?"));
        FS_ASSIGN(const bool row, known.bind(number).step());
        if (row) {
            return known.bytes(0) == bytes
                       ? Status{}
                       : Status(fail(Errc::kConflict, fmt::format("round {} has another result",
                                                                  record.commitment.round)));
        }
        FS_ASSIGN(Statement insert, db.prepare("INSERT INTO rounds VALUES(?, ?, ?, ?, ?, ?)"));
        return insert.bind(number)
            .bind(attempt)
            .bind(at.ms)
            .bind(record.commitment.struct_hash().view())
            .bind(record.commitment.model.view())
            .bind(bytes)
            .run();
    });
}

Status RoundTable::mark_voided(Timestamp at, RoundNumber first, std::uint32_t attempt) {
    const auto from = static_cast<std::int64_t>(first);
    return database_.transact([&](Connection& db) -> Status {
        // Figures belong to a round's result: without one that goes, they are of the one that came.
        FS_ASSIGN(Statement figures,
                  db.prepare("DELETE FROM metrics WHERE round IN "
                             "(SELECT round FROM rounds WHERE round>=? AND attempt<?)"));
        FS_TRY(figures.bind(from).bind(std::int64_t{attempt}).run());
        FS_ASSIGN(Statement copy,
                  db.prepare("INSERT OR IGNORE INTO voided_rounds SELECT round, attempt, at_ms, ?, "
                             "commitment, model, record FROM rounds WHERE round>=? AND attempt<?"));
        FS_TRY(copy.bind(at.ms).bind(from).bind(std::int64_t{attempt}).run());
        FS_ASSIGN(Statement remove, db.prepare("DELETE FROM rounds WHERE round>=? AND attempt<?"));
        return remove.bind(from).bind(std::int64_t{attempt}).run();
    });
}

Result<round::RecordResult> RoundTable::get(RoundNumber round) {
    return database_.read([&](Connection& db) -> Result<round::RecordResult> {
        FS_ASSIGN(Statement rows, db.prepare("SELECT record FROM rounds WHERE round=?"));
        FS_ASSIGN(const bool row, rows.bind(static_cast<std::int64_t>(round)).step());
        if (!row) {
            return fail(Errc::kNotFound, fmt::format("round {} has no result", round));
        }
        return decode_named(rows.bytes(0), round);
    });
}

Result<round::RecordResult> RoundTable::get(RoundNumber round, std::uint32_t attempt) {
    return database_.read([&](Connection& db) -> Result<round::RecordResult> {
        const auto number = static_cast<std::int64_t>(round);
        for (const char* table : {"rounds", "voided_rounds"}) {
            FS_ASSIGN(Statement rows,
                      db.prepare(
                          fmt::format("SELECT record FROM {} WHERE round=? AND attempt=?", table)));
            FS_ASSIGN(const bool row, rows.bind(number).bind(std::int64_t{attempt}).step());
            if (row) {
                return decode_named(rows.bytes(0), round);
            }
        }
        return fail(Errc::kNotFound,
                    fmt::format("round {} has no result of attempt {}", round, attempt + 1));
    });
}

Result<std::vector<RoundLine>> RoundTable::list() {
    return database_.read([&](Connection& db) -> Result<std::vector<RoundLine>> {
        FS_ASSIGN(Statement rows, db.prepare("SELECT round, attempt, at_ms, commitment, model "
                                             "FROM rounds ORDER BY round"));
        return read_lines(rows, /*voided=*/false);
    });
}

Result<std::vector<RoundLine>> RoundTable::list_voided() {
    return database_.read([&](Connection& db) -> Result<std::vector<RoundLine>> {
        FS_ASSIGN(Statement rows,
                  db.prepare("SELECT round, attempt, at_ms, commitment, model, voided_ms "
                             "FROM voided_rounds ORDER BY round, attempt"));
        return read_lines(rows, /*voided=*/true);
    });
}

Status RoundTable::put_metrics(Timestamp at, const MetricsLine& line) {
    return database_.transact([&](Connection& db) -> Status {
        FS_ASSIGN(Statement insert,
                  db.prepare("INSERT INTO metrics VALUES(?, ?, ?, ?) ON CONFLICT(round, site) "
                             "DO UPDATE SET at_ms=excluded.at_ms, json=excluded.json"));
        return insert.bind(static_cast<std::int64_t>(line.round))
            .bind(line.site.view())
            .bind(at.ms)
            .bind(std::string_view(line.json))
            .run();
    });
}

Result<std::vector<MetricsLine>> RoundTable::metrics(RoundNumber round) {
    return database_.read([&](Connection& db) -> Result<std::vector<MetricsLine>> {
        FS_ASSIGN(Statement rows,
                  db.prepare("SELECT site, json FROM metrics WHERE round=? ORDER BY site"));
        rows.bind(static_cast<std::int64_t>(round));
        std::vector<MetricsLine> lines;
        for (;;) {
            FS_ASSIGN(const bool row, rows.step());
            if (!row) {
                return lines;
            }
            MetricsLine line{.round = round, .site = {}, .json = rows.text(1)};
            FS_TRY(copy_into(rows.bytes(0), line.site.bytes));
            lines.push_back(std::move(line));
        }
    });
}

}  // namespace fedstake::store
