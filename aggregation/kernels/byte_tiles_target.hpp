// Intrinsics and attributes for the code behind byte_tiles.hpp, where the compiler has them.
#pragma once

#if defined(__x86_64__) && defined(__linux__) && \
    ((defined(__clang__) && __clang_major__ >= 12) || (!defined(__clang__) && __GNUC__ >= 11))
#define FEDSTAKE_BYTE_TILES 1
#define FEDSTAKE_AVX512 __attribute__((target("avx512f,avx512bw")))
#define FEDSTAKE_TILES __attribute__((target("avx512f,avx512bw,amx-tile,amx-int8")))

// gcc 12 takes the undefined registers of its own header for mistakes.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>
#pragma GCC diagnostic pop

#endif
