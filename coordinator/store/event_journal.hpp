// The round machine's journal in the database.
#pragma once

#include "coordinator/round/round_driver.hpp"
#include "coordinator/store/sqlite.hpp"

namespace fedstake::store {

class EventJournal final : public round::Journal {
public:
    // Borrows the database.
    explicit EventJournal(Database& database) : database_(database) {}

    [[nodiscard]] Result<std::uint64_t> append(Timestamp at, ByteView event) override;
    [[nodiscard]] Status mark_performed(std::uint64_t sequence) override;
    [[nodiscard]] Result<std::uint64_t> performed() override;
    // RETURNS kCorrupt when an entry is missing.
    [[nodiscard]] Status replay(const Visitor& visit) override;

private:
    Database& database_;
};

}  // namespace fedstake::store
