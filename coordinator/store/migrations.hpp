// The tables, as numbered steps from an empty file to today's schema.
#pragma once

#include "coordinator/store/sqlite.hpp"

namespace fedstake::store {

inline constexpr int kSchemaVersion = 2;

// Applies the steps that the file lacks, each in its own transaction. RETURNS kConflict when the
// file is newer than this program.
[[nodiscard]] Status migrate(Connection& connection);

}  // namespace fedstake::store
