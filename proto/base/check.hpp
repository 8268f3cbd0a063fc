// Assertions for programming errors. Compiled in every build; never applied to peer or user data.
#pragma once

namespace fedstake {

// Prints the failed condition with its place and aborts.
[[noreturn]] void check_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace fedstake

#define FS_CHECK(condition)                                           \
    do {                                                              \
        if (!(condition)) [[unlikely]] {                              \
            ::fedstake::check_failed(#condition, __FILE__, __LINE__); \
        }                                                             \
    } while (false)
