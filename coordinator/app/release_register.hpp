// Which version a released model gets, and what its parent record is. Remembered in the database,
// so that a release that is repeated after a restart is the same one.
//
// The registry on the chain counts versions of one model id from 1 and links each record to the one
// before by its hash.
#pragma once

#include "contracts/cpp/ledger.hpp"
#include "coordinator/store/sqlite.hpp"

namespace fedstake::coordinator {

// Fills version and parent of a release whose other fields are set; the same round always gets the
// same ones, and the same code commit, whatever version of the program repeats it. RETURNS
// kConflict when the round was released with another content.
[[nodiscard]] Status number_release(store::Database& database, chain::PublishModel& release);

// The last release that was numbered; version 0 where there is none.
struct LastRelease {
    std::uint64_t version = 0;
    Digest record;
};
[[nodiscard]] Result<LastRelease> last_release(store::Database& database);
// After `model publish` put a record on the chain: number_release() goes on from it.
[[nodiscard]] Status remember_release(store::Database& database, const LastRelease& last);

}  // namespace fedstake::coordinator
