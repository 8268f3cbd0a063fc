// The ledger outbox's records in the coordinator's database.
#include "coordinator/app/outbox_table.hpp"

#include <fmt/format.h>

namespace fedstake::coordinator {

using store::Connection;
using store::Statement;

Result<std::vector<evm::OutboxRecord>> OutboxTable::load() {
    return database_.read([](Connection& db) -> Result<std::vector<evm::OutboxRecord>> {
        FS_ASSIGN(Statement rows, db.prepare("SELECT sequence, record FROM outbox "
                                             "ORDER BY sequence"));
        std::vector<evm::OutboxRecord> records;
        for (;;) {
            FS_ASSIGN(const bool row, rows.step());
            if (!row) {
                return records;
            }
            auto record = evm::decode_outbox_record(rows.text(1));
            if (!record) {
                return with_context(record.error(),
                                    fmt::format("outbox record {}", rows.integer(0)));
            }
            records.push_back(*std::move(record));
        }
    });
}

Status OutboxTable::save(const evm::OutboxRecord& record) {
    return database_.transact([&](Connection& db) -> Status {
        FS_ASSIGN(Statement put, db.prepare("INSERT INTO outbox VALUES(?, ?) ON CONFLICT(sequence) "
                                            "DO UPDATE SET record=excluded.record"));
        return put.bind(static_cast<std::int64_t>(record.sequence))
            .bind(std::string_view(evm::encode_outbox_record(record)))
            .run();
    });
}

}  // namespace fedstake::coordinator
