// The ledger outbox's records in the coordinator's database: durable in the same place, under the
// same lock and backup as the journal.
#pragma once

#include "contracts/cpp/evm/outbox_store.hpp"
#include "coordinator/store/sqlite.hpp"

namespace fedstake::coordinator {

class OutboxTable final : public evm::OutboxStore {
public:
    // Borrows the database. Thread-safe.
    explicit OutboxTable(store::Database& database) : database_(database) {}

    [[nodiscard]] Result<std::vector<evm::OutboxRecord>> load() override;
    [[nodiscard]] Status save(const evm::OutboxRecord& record) override;

private:
    store::Database& database_;
};

}  // namespace fedstake::coordinator
