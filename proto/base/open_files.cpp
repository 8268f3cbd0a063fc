// RLIMIT_NOFILE.
#include "proto/base/open_files.hpp"

#include <sys/resource.h>

namespace fedstake {

void allow_many_open_files() noexcept {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

}  // namespace fedstake
