// The instruction sets that the vector kernels were built for and that this CPU runs.
//
// Kernels are written once with Highway (github.com/google/highway), compiled for every set, and
// the set is chosen when the program runs. Each computes with integers, or with doubles that hold
// exact integers, so a set cannot change a result.
//
// "amx" is not one of Highway's: kernels use AVX-512, and the exact Gram matrix the tile registers
// (byte_tiles.hpp).
//
// A kernel file defines HWY_TARGET_INCLUDE, includes hwy/foreach_target.h and hwy/highway.h, and
// calls ready_targets() in front of HWY_DYNAMIC_DISPATCH. The sets are limited by the definition
// of HWY_DISABLED_TARGETS in tools/cmake/fedstake_packages.cmake.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fedstake::aggregation::kernels {

struct Target {
    std::string
        name;  // "portable", "sse4", "avx2", "avx512", "amx", or Highway's own in lower case
    std::int64_t bit = 0;  // Highway's, or one of our own beside it
};

// Every set that this CPU runs, slowest first. Never empty.
[[nodiscard]] std::vector<Target> targets();

// The set that kernels use: the fastest, unless the environment variable FEDSTAKE_KERNELS names
// another one of targets() when the first kernel runs. Other names are ignored. Unless it names a
// set other than "amx", the process asks the system for the tile registers, once and for good: from
// then on an alternate signal stack (sigaltstack) must be large enough for them, some 11 KiB.
[[nodiscard]] Target active_target();

// Chooses the set on the first call. Cheap afterwards; any thread.
void ready_targets();

// Whether the active target is "amx".
[[nodiscard]] bool uses_byte_tiles();

// Kernels use this set as long as the object lives, then what they used before. For tests and
// benchmarks. REQUIRES one of targets(); no kernel runs while it is made or destroyed.
class ForcedTarget {
public:
    explicit ForcedTarget(const Target& target);
    ~ForcedTarget();
    ForcedTarget(const ForcedTarget&) = delete;
    ForcedTarget& operator=(const ForcedTarget&) = delete;

private:
    std::int64_t before_;
};

}  // namespace fedstake::aggregation::kernels
