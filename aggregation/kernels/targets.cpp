// Names and choice of the instruction sets.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "aggregation/kernels/targets.cpp"  // NOLINT: Highway's own convention
#include "aggregation/kernels/targets.hpp"

#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

// Each pass of this file says which set it is compiled for.
HWY_BEFORE_NAMESPACE();
namespace fedstake::aggregation::kernels::HWY_NAMESPACE {

std::int64_t compiled_for() {
    return HWY_TARGET;
}

}  // namespace fedstake::aggregation::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cstdlib>
#include <string_view>

#include "aggregation/kernels/byte_tiles.hpp"
#include "proto/base/check.hpp"

namespace fedstake::aggregation::kernels {

HWY_EXPORT(compiled_for);

namespace {

// 0: the fastest.
std::atomic<std::int64_t> forced{0};

// Beside Highway's bit of AVX-512; Highway leaves the lowest one free.
constexpr std::int64_t kByteTiles = 1;
static_assert((std::int64_t{HWY_TARGETS} & kByteTiles) == 0);
constexpr std::int64_t kAmx = std::int64_t{HWY_AVX3} | kByteTiles;

std::int64_t supported_sets() {
    return (hwy::SupportedTargets() | HWY_STATIC_TARGET) & std::int64_t{HWY_TARGETS};
}

std::string name_of(std::int64_t bit) {
    if (bit == kAmx) {
        return "amx";
    }
    if (bit == HWY_SCALAR || bit == HWY_EMU128) {
        return "portable";
    }
    std::string name = hwy::TargetName(bit);
    std::transform(name.begin(), name.end(), name.begin(), [](char letter) {
        return static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    });
    return name == "avx3" ? "avx512" : name;
}

// Highway asks the CPU in SupportedTargets(), which also chooses the fastest set.
void choose(std::int64_t bit) {
    forced = bit;
    const std::int64_t supported = hwy::SupportedTargets();
    hwy::GetChosenTarget().Update(bit == 0 ? supported : bit & ~kByteTiles);
}

// The sets of instructions, without asking for more.
std::vector<Target> plain_targets();

// Asks for AMX only where nothing else is named: the permission cannot be given back.
bool choose_first() {
    choose(0);
    const char* const wanted = std::getenv("FEDSTAKE_KERNELS");
    if (wanted == nullptr) {
        return true;
    }
    const bool amx = name_of(kAmx) == std::string_view(wanted);
    for (const Target& target : amx ? targets() : plain_targets()) {
        if (target.name == std::string_view(wanted)) {
            choose(target.bit);
        }
    }
    return true;
}

std::vector<Target> plain_targets() {
    std::vector<Target> result;
    const std::int64_t before = forced;
    const std::int64_t supported = supported_sets();
    choose(before);
    for (unsigned shift = 63; shift-- > 0;) {
        const std::int64_t bit = std::int64_t{1} << shift;
        if ((supported & bit) != 0) {
            result.push_back({.name = name_of(bit), .bit = bit});
        }
    }
    return result;
}

}  // namespace

std::vector<Target> targets() {
    std::vector<Target> result = plain_targets();
    const std::int64_t before = forced;
    const std::int64_t supported = supported_sets();
    choose(before);
    if ((supported & HWY_AVX3) != 0 && tiles::available()) {
        result.push_back({.name = name_of(kAmx), .bit = kAmx});
    }
    return result;
}

Target active_target() {
    ready_targets();
    const std::int64_t set = HWY_DYNAMIC_DISPATCH(compiled_for)();
    const std::int64_t bit = uses_byte_tiles() ? kAmx : set;
    return {.name = name_of(bit), .bit = bit};
}

void ready_targets() {
    static const bool done = choose_first();
    static_cast<void>(done);
}

bool uses_byte_tiles() {
    ready_targets();
    if (forced != 0) {
        return forced == kAmx;
    }
    static const bool fastest = (supported_sets() & HWY_AVX3) != 0 && tiles::available();
    return fastest;
}

ForcedTarget::ForcedTarget(const Target& target) : before_(0) {
    ready_targets();
    before_ = forced;
    choose(target.bit);
    FS_CHECK(active_target().bit == target.bit);
}

ForcedTarget::~ForcedTarget() {
    choose(before_);
}

}  // namespace fedstake::aggregation::kernels

#endif  // HWY_ONCE
