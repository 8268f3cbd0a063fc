// Chooses the kernel set for this CPU, once.
#include <cstdlib>
#include <string_view>

#include "aggregation/kernels/kernels.hpp"

namespace fedstake::aggregation::kernels {

namespace base {
const Kernels& table() noexcept;
}
#if defined(FEDSTAKE_KERNELS_X86)
namespace avx2 {
const Kernels& table() noexcept;
}
namespace avx512 {
const Kernels& table() noexcept;
}
#endif

KernelList available() noexcept {
    KernelList list{.items = {&base::table(), nullptr, nullptr}, .count = 1};
#if defined(FEDSTAKE_KERNELS_X86)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") != 0) {
        list.items[list.count++] = &avx2::table();
        if (__builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
            __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512vl") != 0) {
            list.items[list.count++] = &avx512::table();
        }
    }
#endif
    return list;
}

const Kernels& active() noexcept {
    static const Kernels& chosen = []() -> const Kernels& {
        const KernelList list = available();
        const char* const wanted = std::getenv("FEDSTAKE_KERNELS");
        for (std::size_t i = 0; wanted != nullptr && i < list.count; ++i) {
            if (std::string_view(wanted) == list.items[i]->name) {
                return *list.items[i];
            }
        }
        return *list.items[list.count - 1];
    }();
    return chosen;
}

}  // namespace fedstake::aggregation::kernels
