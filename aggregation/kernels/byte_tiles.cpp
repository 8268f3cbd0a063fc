// Products of planes of bytes in AMX-INT8, and their sums in AVX-512.
#include "aggregation/kernels/byte_tiles.hpp"

#include "aggregation/kernels/aligned.hpp"
#include "aggregation/kernels/byte_tiles_target.hpp"
#include "proto/base/check.hpp"

namespace fedstake::aggregation::kernels::tiles {

#if defined(FEDSTAKE_BYTE_TILES)

namespace {

constexpr std::size_t kWeights = 2 * kPlanes - 1;
// Of a tile, by weight: the sums of the products of planes p and q with p + q = weight.
using Sums = std::int32_t[kWeights][kProducts];

// Where the planes of a group of rows and of one of columns are.
struct Operands {
    const std::uint8_t* rows = nullptr;
    const std::uint8_t* columns = nullptr;
    std::size_t stride = 0;
    std::size_t steps = 0;
};

// In the functions below registers from 0 on hold sums, one for each weight, and the last ones
// hold planes. Their order saves loads, and lets no sum wait for the multiplication right before.
// The highest plane has a sign: "s" for it and "u" for the others in the names of instructions.

FEDSTAKE_TILES inline void clear() {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
}

FEDSTAKE_TILES void multiply_one(const Operands& at, Sums& out) {
    clear();
    for (std::size_t place = 0; place < at.steps * kBytes; place += kBytes) {
        _tile_loadd(4, at.rows + place, kColumns);
        _tile_loadd(6, at.columns + place, kColumns);
        _tile_dpbssd(0, 4, 6);
    }
    _tile_stored(0, out[0], kColumns);
}

FEDSTAKE_TILES void multiply_two(const Operands& at, Sums& out) {
    clear();
    for (std::size_t place = 0; place < at.steps * kBytes; place += kBytes) {
        const std::uint8_t* const a = at.rows + place;
        const std::uint8_t* const b = at.columns + place;
        _tile_loadd(4, a, kColumns);
        _tile_loadd(6, b, kColumns);
        _tile_dpbuud(0, 4, 6);
        _tile_loadd(7, b + at.stride, kColumns);
        _tile_dpbusd(1, 4, 7);
        _tile_loadd(5, a + at.stride, kColumns);
        _tile_dpbssd(2, 5, 7);
        _tile_dpbsud(1, 5, 6);
    }
    _tile_stored(0, out[0], kColumns);
    _tile_stored(1, out[1], kColumns);
    _tile_stored(2, out[2], kColumns);
}

FEDSTAKE_TILES void multiply_three(const Operands& at, Sums& out) {
    clear();
    _tile_zero(4);
    for (std::size_t place = 0; place < at.steps * kBytes; place += kBytes) {
        const std::uint8_t* const a = at.rows + place;
        const std::uint8_t* const b = at.columns + place;
        _tile_loadd(5, a, kColumns);
        _tile_loadd(6, b, kColumns);
        _tile_dpbuud(0, 5, 6);
        _tile_loadd(7, b + at.stride, kColumns);
        _tile_dpbuud(1, 5, 7);
        _tile_loadd(6, b + 2 * at.stride, kColumns);
        _tile_dpbusd(2, 5, 6);
        _tile_loadd(5, a + at.stride, kColumns);
        _tile_dpbusd(3, 5, 6);
        _tile_dpbuud(2, 5, 7);
        _tile_loadd(7, b, kColumns);
        _tile_dpbuud(1, 5, 7);
        _tile_loadd(5, a + 2 * at.stride, kColumns);
        _tile_dpbsud(2, 5, 7);
        _tile_dpbssd(4, 5, 6);
        _tile_loadd(7, b + at.stride, kColumns);
        _tile_dpbsud(3, 5, 7);
    }
    _tile_stored(0, out[0], kColumns);
    _tile_stored(1, out[1], kColumns);
    _tile_stored(2, out[2], kColumns);
    _tile_stored(3, out[3], kColumns);
    _tile_stored(4, out[4], kColumns);
}

// Weights 0 to 3.
FEDSTAKE_TILES void multiply_low_of_four(const Operands& at, Sums& out) {
    clear();
    for (std::size_t place = 0; place < at.steps * kBytes; place += kBytes) {
        const std::uint8_t* const a = at.rows + place;
        const std::uint8_t* const b = at.columns + place;
        _tile_loadd(4, a, kColumns);
        _tile_loadd(5, b, kColumns);
        _tile_dpbuud(0, 4, 5);
        _tile_loadd(6, b + at.stride, kColumns);
        _tile_dpbuud(1, 4, 6);
        _tile_loadd(7, b + 2 * at.stride, kColumns);
        _tile_dpbuud(2, 4, 7);
        _tile_loadd(4, a + at.stride, kColumns);
        _tile_dpbuud(3, 4, 7);
        _tile_dpbuud(2, 4, 6);
        _tile_dpbuud(1, 4, 5);
        _tile_loadd(4, a + 2 * at.stride, kColumns);
        _tile_dpbuud(3, 4, 6);
        _tile_dpbuud(2, 4, 5);
        _tile_loadd(4, a + 3 * at.stride, kColumns);
        _tile_dpbsud(3, 4, 5);
        _tile_loadd(4, a, kColumns);
        _tile_loadd(7, b + 3 * at.stride, kColumns);
        _tile_dpbusd(3, 4, 7);
    }
    _tile_stored(0, out[0], kColumns);
    _tile_stored(1, out[1], kColumns);
    _tile_stored(2, out[2], kColumns);
    _tile_stored(3, out[3], kColumns);
}

// Weights 4 to 6.
FEDSTAKE_TILES void multiply_high_of_four(const Operands& at, Sums& out) {
    clear();
    for (std::size_t place = 0; place < at.steps * kBytes; place += kBytes) {
        const std::uint8_t* const a = at.rows + place;
        const std::uint8_t* const b = at.columns + place;
        _tile_loadd(3, a + at.stride, kColumns);
        _tile_loadd(7, b + 3 * at.stride, kColumns);
        _tile_dpbusd(0, 3, 7);
        _tile_loadd(4, a + 2 * at.stride, kColumns);
        _tile_dpbusd(1, 4, 7);
        _tile_loadd(6, b + 2 * at.stride, kColumns);
        _tile_dpbuud(0, 4, 6);
        _tile_loadd(5, a + 3 * at.stride, kColumns);
        _tile_dpbsud(1, 5, 6);
        _tile_dpbssd(2, 5, 7);
        _tile_loadd(3, b + at.stride, kColumns);
        _tile_dpbsud(0, 5, 3);
    }
    _tile_stored(0, out[4], kColumns);
    _tile_stored(1, out[5], kColumns);
    _tile_stored(2, out[6], kColumns);
}

FEDSTAKE_AVX512 inline __m512i eight_longs(const std::int32_t* values) {
    return _mm512_cvtepi32_epi64(_mm256_load_si256(reinterpret_cast<const __m256i*>(values)));
}

// sum over weights of 2^(8 weight) times the sums of a tile.
FEDSTAKE_AVX512 void add_tile(const Sums& from, unsigned planes, std::int64_t* sums) {
    const __m512i mask = _mm512_set1_epi64(0xffffffff);
    for (std::size_t k = 0; k < kProducts; k += 8) {
        __m512i low = eight_longs(&from[0][k]);
        __m512i high = _mm512_setzero_si512();
        for (unsigned weight = 1; weight < 2 * planes - 1; ++weight) {
            const __m512i sum = eight_longs(&from[weight][k]);
            const __m512i shifted = _mm512_slli_epi64(sum, 8 * (weight % 4));
            if (weight < 4) {
                low = _mm512_add_epi64(low, shifted);
            } else {
                high = _mm512_add_epi64(high, shifted);
            }
        }
        high = _mm512_add_epi64(high, _mm512_srai_epi64(low, 32));
        std::int64_t* const rest = sums + kProducts;
        _mm512_store_si512(
            sums + k, _mm512_add_epi64(_mm512_load_si512(sums + k), _mm512_and_si512(low, mask)));
        _mm512_store_si512(rest + k, _mm512_add_epi64(_mm512_load_si512(rest + k), high));
    }
}

}  // namespace

void add_products(const Panel& panel, std::size_t row_group, std::size_t column_group,
                  std::int64_t* sums) {
    alignas(kLineBytes) Sums products;
    const Operands at{.rows = panel.rows + row_group * kPlanes * panel.stride,
                      .columns = panel.columns + column_group * kPlanes * panel.stride,
                      .stride = panel.stride,
                      .steps = panel.steps};
    __asm__ volatile("" : : : "memory");  // tiles are loaded from what was stored before
    switch (panel.planes) {
        case 1: multiply_one(at, products); break;
        case 2: multiply_two(at, products); break;
        case 3: multiply_three(at, products); break;
        default:
            multiply_low_of_four(at, products);
            multiply_high_of_four(at, products);
            break;
    }
    add_tile(products, panel.planes, sums);
}

#else

void add_products(const Panel& /*panel*/, std::size_t /*row_group*/, std::size_t /*column_group*/,
                  std::int64_t* /*sums*/) {
    FS_CHECK(false);
}

#endif

}  // namespace fedstake::aggregation::kernels::tiles
