// Named single values, among them what the data folder belongs to.
#pragma once

#include <optional>
#include <string_view>

#include "coordinator/store/sqlite.hpp"

namespace fedstake::store {

[[nodiscard]] Status put_meta(Connection& db, std::string_view key, ByteView value);
[[nodiscard]] Result<std::optional<Bytes>> get_meta(Connection& db, std::string_view key);

// Remembers the value the first time; afterwards RETURNS kConflict with `words` when it differs.
[[nodiscard]] Status bind_meta(Database& database, std::string_view key, ByteView value,
                               std::string_view words);

}  // namespace fedstake::store
