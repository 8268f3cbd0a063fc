// The one place where the coordinator reads a clock.
#pragma once

#include "proto/base/time.hpp"

namespace fedstake::coordinator {

// Unix time when the process started, plus the monotonic time since: a clock that an operator or
// NTP sets does not move a deadline that is running.
[[nodiscard]] Timestamp now();

}  // namespace fedstake::coordinator
