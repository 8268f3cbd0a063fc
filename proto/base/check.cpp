// Last words of a process whose own invariant broke.
#include "proto/base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace fedstake {

void check_failed(const char* condition, const char* file, int line) noexcept {
    std::fprintf(stderr, "fedstake: internal check failed: %s (%s:%d)\n", condition, file, line);
    std::abort();
}

}  // namespace fedstake
