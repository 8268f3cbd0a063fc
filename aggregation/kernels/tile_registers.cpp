// Whether there are tile registers, and their settings.
#include <cstddef>
#include <cstdint>

#include "aggregation/kernels/aligned.hpp"
#include "aggregation/kernels/byte_tiles.hpp"
#include "aggregation/kernels/byte_tiles_target.hpp"
#include "proto/base/check.hpp"

#if defined(FEDSTAKE_BYTE_TILES)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace fedstake::aggregation::kernels::tiles {

#if defined(FEDSTAKE_BYTE_TILES)

namespace {

bool cpu_has_tiles() {
    constexpr std::uint32_t kTileBits = (1U << 24U) | (1U << 25U);    // AMX-TILE, AMX-INT8
    constexpr std::uint32_t kAvx512Bits = (1U << 16U) | (1U << 30U);  // F, BW
    constexpr std::uint32_t kSavesState = 1U << 27U;                  // OSXSAVE
    constexpr std::uint32_t kStates = 0x600e6U;  // SSE, AVX, AVX-512, tile settings and data
    std::uint32_t a = 0, b = 0, c = 0, d = 0;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0 || (d & kTileBits) != kTileBits ||
        (b & kAvx512Bits) != kAvx512Bits) {
        return false;
    }
    if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & kSavesState) == 0) {
        return false;
    }
    std::uint32_t low = 0, high = 0;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    if ((low & kStates) != kStates) {
        return false;
    }
    // Palette 1: bytes of a row, number of registers, rows.
    return __get_cpuid_count(0x1d, 1, &a, &b, &c, &d) != 0 && (b & 0xffffU) >= kColumns &&
           (b >> 16U) >= 8 && (c & 0xffffU) >= kRows;
}

// Linux gives the registers only to processes that ask for them.
bool system_gives_tiles() {
    constexpr long kRequestPermission = 0x1023;
    constexpr long kTileData = 18;
    return ::syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

struct alignas(kLineBytes) Settings {
    std::uint8_t palette = 1;
    std::uint8_t start_row = 0;
    std::uint8_t reserved[14] = {};
    std::uint16_t row_bytes[16] = {};
    std::uint8_t rows[16] = {};
};
static_assert(sizeof(Settings) == 64);

FEDSTAKE_TILES void load_settings() {
    Settings settings;
    for (std::size_t k = 0; k < 8; ++k) {
        settings.row_bytes[k] = kColumns;
        settings.rows[k] = kRows;
    }
    __asm__ volatile("" : : "r"(&settings) : "memory");  // the intrinsic does not say what it reads
    _tile_loadconfig(&settings);
}

FEDSTAKE_TILES void release() {
    _tile_release();
}

}  // namespace

bool available() {
    static const bool result = cpu_has_tiles() && system_gives_tiles();
    return result;
}

Registers::Registers() {
    load_settings();
}

Registers::~Registers() {
    release();
}

#else

bool available() {
    return false;
}

Registers::Registers() {
    FS_CHECK(false);
}

Registers::~Registers() = default;

#endif

}  // namespace fedstake::aggregation::kernels::tiles
