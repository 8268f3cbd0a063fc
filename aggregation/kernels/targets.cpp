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

#include "proto/base/check.hpp"

namespace fedstake::aggregation::kernels {

HWY_EXPORT(compiled_for);

namespace {

// 0: whatever Highway prefers.
std::atomic<std::int64_t> forced{0};

std::string name_of(std::int64_t bit) {
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
    hwy::GetChosenTarget().Update(bit == 0 ? supported : bit);
}

bool choose_first() {
    choose(0);
    const char* const wanted = std::getenv("FEDSTAKE_KERNELS");
    for (const Target& target : targets()) {
        if (wanted != nullptr && target.name == std::string_view(wanted)) {
            choose(target.bit);
        }
    }
    return true;
}

}  // namespace

std::vector<Target> targets() {
    std::vector<Target> result;
    const std::int64_t before = forced;
    const std::int64_t supported =
        (hwy::SupportedTargets() | HWY_STATIC_TARGET) & std::int64_t{HWY_TARGETS};
    hwy::GetChosenTarget().Update(before == 0 ? supported : before);
    for (unsigned shift = 63; shift-- > 0;) {
        const std::int64_t bit = std::int64_t{1} << shift;
        if ((supported & bit) != 0) {
            result.push_back({.name = name_of(bit), .bit = bit});
        }
    }
    return result;
}

Target active_target() {
    ready_targets();
    const std::int64_t bit = HWY_DYNAMIC_DISPATCH(compiled_for)();
    return {.name = name_of(bit), .bit = bit};
}

void ready_targets() {
    static const bool done = choose_first();
    static_cast<void>(done);
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
