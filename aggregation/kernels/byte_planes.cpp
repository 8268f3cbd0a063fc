// Rows of int32 to planes of bytes, in AVX-512.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "aggregation/kernels/aligned.hpp"
#include "aggregation/kernels/byte_tiles.hpp"
#include "aggregation/kernels/byte_tiles_target.hpp"
#include "proto/base/check.hpp"

namespace fedstake::aggregation::kernels::tiles {

#if defined(FEDSTAKE_BYTE_TILES)

namespace {

// Bytes of four int32 in each quarter: the lowest of each, then the next ones.
FEDSTAKE_AVX512 inline __m512i by_place(__m512i values) {
    const __m128i places = _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    return _mm512_shuffle_epi8(values, _mm512_broadcast_i32x4(places));
}

// 64 values: their lowest three bytes, and the bits beside the sign in `used`.
FEDSTAKE_AVX512 inline void pack_step(const std::int32_t* values, std::uint8_t* out,
                                      std::size_t stride, __m512i& used) {
    const __m512i v0 = _mm512_loadu_si512(values);
    const __m512i v1 = _mm512_loadu_si512(values + 16);
    const __m512i v2 = _mm512_loadu_si512(values + 32);
    const __m512i v3 = _mm512_loadu_si512(values + 48);
    constexpr int kOrXor = 0xf6;  // a | (b ^ c)
    used = _mm512_ternarylogic_epi32(used, v0, _mm512_srai_epi32(v0, 31), kOrXor);
    used = _mm512_ternarylogic_epi32(used, v1, _mm512_srai_epi32(v1, 31), kOrXor);
    used = _mm512_ternarylogic_epi32(used, v2, _mm512_srai_epi32(v2, 31), kOrXor);
    used = _mm512_ternarylogic_epi32(used, v3, _mm512_srai_epi32(v3, 31), kOrXor);
    const __m512i s0 = by_place(v0);
    const __m512i s1 = by_place(v1);
    const __m512i s2 = by_place(v2);
    const __m512i s3 = by_place(v3);
    const __m512i low01 = _mm512_unpacklo_epi32(s0, s1);
    const __m512i low23 = _mm512_unpacklo_epi32(s2, s3);
    const __m512i high01 = _mm512_unpackhi_epi32(s0, s1);
    const __m512i high23 = _mm512_unpackhi_epi32(s2, s3);
    _mm512_store_si512(out, _mm512_unpacklo_epi64(low01, low23));
    _mm512_store_si512(out + stride, _mm512_unpackhi_epi64(low01, low23));
    _mm512_store_si512(out + 2 * stride, _mm512_unpacklo_epi64(high01, high23));
}

// The highest bytes of 64 values.
FEDSTAKE_AVX512 inline void pack_high(const std::int32_t* values, std::uint8_t* out) {
    const __m512i s0 = by_place(_mm512_loadu_si512(values));
    const __m512i s1 = by_place(_mm512_loadu_si512(values + 16));
    const __m512i s2 = by_place(_mm512_loadu_si512(values + 32));
    const __m512i s3 = by_place(_mm512_loadu_si512(values + 48));
    _mm512_store_si512(
        out, _mm512_unpackhi_epi64(_mm512_unpackhi_epi32(s0, s1), _mm512_unpackhi_epi32(s2, s3)));
}

FEDSTAKE_AVX512 unsigned pack(const std::int32_t* values, std::size_t columns, std::uint8_t* out,
                              std::size_t stride) {
    __m512i used = _mm512_setzero_si512();
    alignas(kLineBytes) std::int32_t last[kColumns] = {};
    const std::size_t whole = columns / kColumns;
    for (std::size_t step = 0; step < whole; ++step) {
        pack_step(values + step * kColumns, out + step * kBytes, stride, used);
    }
    if (columns % kColumns != 0) {
        std::copy_n(values + whole * kColumns, columns % kColumns, last);
        pack_step(last, out + whole * kBytes, stride, used);
    }
    const auto bits = static_cast<std::uint32_t>(_mm512_reduce_or_epi32(used));
    if (bits < 1U << 23U) {
        return bits < 1U << 7U ? 1 : bits < 1U << 15U ? 2 : 3;
    }
    for (std::size_t step = 0; step < whole; ++step) {
        pack_high(values + step * kColumns, out + 3 * stride + step * kBytes);
    }
    if (columns % kColumns != 0) {
        pack_high(last, out + 3 * stride + whole * kBytes);
    }
    return 4;
}

// 16 x 16 groups of four bytes, a power of two at a time.
FEDSTAKE_AVX512 void exchange(const std::uint8_t* in, std::uint8_t* out) {
    __m512i a[kRows];
    __m512i b[kRows];
    for (std::size_t i = 0; i < kRows; ++i) {
        a[i] = _mm512_load_si512(in + i * kColumns);
    }
    for (std::size_t i = 0; i < kRows; i += 2) {
        b[i] = _mm512_unpacklo_epi32(a[i], a[i + 1]);
        b[i + 1] = _mm512_unpackhi_epi32(a[i], a[i + 1]);
    }
    for (std::size_t i = 0; i < kRows; i += 4) {
        a[i] = _mm512_unpacklo_epi64(b[i], b[i + 2]);
        a[i + 1] = _mm512_unpackhi_epi64(b[i], b[i + 2]);
        a[i + 2] = _mm512_unpacklo_epi64(b[i + 1], b[i + 3]);
        a[i + 3] = _mm512_unpackhi_epi64(b[i + 1], b[i + 3]);
    }
    for (std::size_t k = 0; k < 4; ++k) {
        b[k] = _mm512_shuffle_i32x4(a[k], a[k + 4], 0x88);
        b[k + 4] = _mm512_shuffle_i32x4(a[k], a[k + 4], 0xdd);
        b[k + 8] = _mm512_shuffle_i32x4(a[k + 8], a[k + 12], 0x88);
        b[k + 12] = _mm512_shuffle_i32x4(a[k + 8], a[k + 12], 0xdd);
    }
    for (std::size_t k = 0; k < 4; ++k) {
        _mm512_store_si512(out + k * kColumns, _mm512_shuffle_i32x4(b[k], b[k + 8], 0x88));
        _mm512_store_si512(out + (k + 8) * kColumns, _mm512_shuffle_i32x4(b[k], b[k + 8], 0xdd));
        _mm512_store_si512(out + (k + 4) * kColumns,
                           _mm512_shuffle_i32x4(b[k + 4], b[k + 12], 0x88));
        _mm512_store_si512(out + (k + 12) * kColumns,
                           _mm512_shuffle_i32x4(b[k + 4], b[k + 12], 0xdd));
    }
}

FEDSTAKE_AVX512 void extend(std::uint8_t* row, std::size_t steps, std::size_t stride) {
    for (std::size_t step = 0; step < steps; ++step) {
        std::uint8_t* const place = row + step * kBytes;
        const __m512i third = _mm512_load_si512(place + 2 * stride);
        _mm512_store_si512(place + 3 * stride, _mm512_movm_epi8(_mm512_movepi8_mask(third)));
    }
}

}  // namespace

unsigned pack_row(const std::int32_t* values, std::size_t columns, std::uint8_t* out,
                  std::size_t stride) {
    return pack(values, columns, out, stride);
}

void extend_row(std::uint8_t* row, std::size_t steps, std::size_t stride) {
    extend(row, steps, stride);
}

void transpose(const std::uint8_t* tiles, std::size_t steps, std::uint8_t* out) {
    for (std::size_t place = 0; place < steps * kBytes; place += kBytes) {
        exchange(tiles + place, out + place);
    }
}

#else

unsigned pack_row(const std::int32_t* /*values*/, std::size_t /*columns*/, std::uint8_t* /*out*/,
                  std::size_t /*stride*/) {
    FS_CHECK(false);
    return 0;
}

void extend_row(std::uint8_t* /*row*/, std::size_t /*steps*/, std::size_t /*stride*/) {
    FS_CHECK(false);
}

void transpose(const std::uint8_t* /*tiles*/, std::size_t /*steps*/, std::uint8_t* /*out*/) {
    FS_CHECK(false);
}

#endif

}  // namespace fedstake::aggregation::kernels::tiles
