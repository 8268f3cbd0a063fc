// The one place where the coordinator reads a clock.
#include "coordinator/app/clock.hpp"

#include <chrono>

namespace fedstake::coordinator {

Timestamp now() {
    using std::chrono::duration_cast;
    using std::chrono::milliseconds;
    static const auto kUnixAtStart =
        duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch());
    static const auto kSteadyAtStart = std::chrono::steady_clock::now();
    const auto elapsed =
        duration_cast<milliseconds>(std::chrono::steady_clock::now() - kSteadyAtStart);
    return Timestamp{(kUnixAtStart + elapsed).count()};
}

}  // namespace fedstake::coordinator
