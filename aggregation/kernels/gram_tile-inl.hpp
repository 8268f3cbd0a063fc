// Products of four rows of doubles with two or four, for one instruction set (included once for
// each), and the exact step from sums in doubles to int64.
#include <cstddef>
#include <cstdint>

#include <hwy/highway.h>

#include "aggregation/kernels/aligned.hpp"
#include "aggregation/kernels/gram_panel.hpp"

// A guard that lets each instruction set include the file once: Highway's own convention.
#if defined(FEDSTAKE_GRAM_TILE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FEDSTAKE_GRAM_TILE_INL
#undef FEDSTAKE_GRAM_TILE_INL
#else
#define FEDSTAKE_GRAM_TILE_INL
#endif

HWY_BEFORE_NAMESPACE();
namespace fedstake::aggregation::kernels::panel::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128

using Doubles = hn::ScalableTag<double>;
using Longs = hn::ScalableTag<std::int64_t>;
using VDouble = hn::Vec<Doubles>;
using VLong = hn::Vec<Longs>;

// AVX-512 has an instruction for doubles up to 2^53, which Highway follows with a correction for
// larger ones. Other sets read the bits of 1.5 * 2^52 + x.
#if HWY_TARGET == HWY_AVX3
constexpr std::uint64_t kExact = (std::uint64_t{1} << 53U) - 1;
constexpr std::uint32_t kLimit = 1U << 25U;
HWY_INLINE VLong to_long(VDouble value) {
    return VLong{_mm512_cvttpd_epi64(value.raw)};
}
#else
constexpr std::uint64_t kExact = (std::uint64_t{1} << 51U) - 1;
constexpr std::uint32_t kLimit = 1U << 24U;
HWY_INLINE VLong to_long(VDouble value) {
    const VDouble shift = hn::Set(Doubles(), 0x1.8p52);
    return hn::Sub(hn::BitCast(Longs(), hn::Add(value, shift)), hn::BitCast(Longs(), shift));
}
#endif

// Blocks of 16 bytes that hold the sums of a's and of b's lanes in the same places.
HWY_INLINE VLong sums_of_pair(VDouble a, VDouble b) {
    const Longs d;
    const VLong x = to_long(a);
    const VLong y = to_long(b);
    return hn::Add(hn::InterleaveLower(d, x, y), hn::InterleaveUpper(d, x, y));
}

// out[k] = the sum of the blocks of the k-th pair.
HWY_INLINE void store_pairs(VLong p0, VLong p1, VLong p2, VLong p3, std::int64_t* out) {
    const Longs d;
#if HWY_TARGET == HWY_AVX3
    const VLong even = hn::Add(hn::ConcatLowerLower(d, p2, p0), hn::ConcatUpperUpper(d, p2, p0));
    const VLong odd = hn::Add(hn::ConcatLowerLower(d, p3, p1), hn::ConcatUpperUpper(d, p3, p1));
    const VLong rest = hn::SwapAdjacentBlocks(hn::OddEvenBlocks(even, odd));
    hn::Store(hn::Add(hn::OddEvenBlocks(odd, even), rest), d, out);
#elif HWY_TARGET == HWY_AVX2
    hn::Store(hn::Add(hn::ConcatLowerLower(d, p1, p0), hn::ConcatUpperUpper(d, p1, p0)), d, out);
    hn::Store(hn::Add(hn::ConcatLowerLower(d, p3, p2), hn::ConcatUpperUpper(d, p3, p2)), d,
              out + 4);
#else
    hn::Store(p0, d, out);
    hn::Store(p1, d, out + 2);
    hn::Store(p2, d, out + 4);
    hn::Store(p3, d, out + 6);
#endif
}

#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_SSE4
constexpr std::size_t kSecondRows = 2;  // sixteen registers: eight sums
#else
constexpr std::size_t kSecondRows = 4;
#endif

// One run of columns of four rows with two.
HWY_INLINE void run_of_two(const double* HWY_RESTRICT a, const double* HWY_RESTRICT b,
                           std::size_t columns, std::int64_t* out) {
    const Doubles d;
    VDouble s00 = hn::Zero(d);
    VDouble s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
    for (std::size_t place = 0; place < columns * kGroup; place += kGroup * kStep) {
        for (std::size_t lane = 0; lane < kStep; lane += hn::Lanes(d)) {
            const double* const x = a + place + lane;
            const double* const y = b + place + lane;
            const VDouble b0 = hn::Load(d, y);
            const VDouble b1 = hn::Load(d, y + kStep);
            const VDouble a0 = hn::Load(d, x);
            s00 = hn::MulAdd(a0, b0, s00);
            s01 = hn::MulAdd(a0, b1, s01);
            const VDouble a1 = hn::Load(d, x + kStep);
            s10 = hn::MulAdd(a1, b0, s10);
            s11 = hn::MulAdd(a1, b1, s11);
            const VDouble a2 = hn::Load(d, x + 2 * kStep);
            s20 = hn::MulAdd(a2, b0, s20);
            s21 = hn::MulAdd(a2, b1, s21);
            const VDouble a3 = hn::Load(d, x + 3 * kStep);
            s30 = hn::MulAdd(a3, b0, s30);
            s31 = hn::MulAdd(a3, b1, s31);
        }
    }
    alignas(kLineBytes) std::int64_t sums[8];
    store_pairs(sums_of_pair(s00, s01), sums_of_pair(s10, s11), sums_of_pair(s20, s21),
                sums_of_pair(s30, s31), sums);
    for (std::size_t k = 0; k < 4; ++k) {
        out[k * kGroup] += sums[2 * k];
        out[k * kGroup + 1] += sums[2 * k + 1];
    }
}

// One run of columns of four rows with four.
HWY_INLINE void run_of_four(const double* HWY_RESTRICT a, const double* HWY_RESTRICT b,
                            std::size_t columns, std::int64_t* out) {
    const Doubles d;
    VDouble s00 = hn::Zero(d);
    VDouble s01 = s00, s02 = s00, s03 = s00;
    VDouble s10 = s00, s11 = s00, s12 = s00, s13 = s00;
    VDouble s20 = s00, s21 = s00, s22 = s00, s23 = s00;
    VDouble s30 = s00, s31 = s00, s32 = s00, s33 = s00;
    for (std::size_t place = 0; place < columns * kGroup; place += kGroup * kStep) {
        for (std::size_t lane = 0; lane < kStep; lane += hn::Lanes(d)) {
            const double* const x = a + place + lane;
            const double* const y = b + place + lane;
            const VDouble a0 = hn::Load(d, x);
            const VDouble a1 = hn::Load(d, x + kStep);
            const VDouble a2 = hn::Load(d, x + 2 * kStep);
            const VDouble a3 = hn::Load(d, x + 3 * kStep);
            const VDouble b0 = hn::Load(d, y);
            s00 = hn::MulAdd(a0, b0, s00);
            s10 = hn::MulAdd(a1, b0, s10);
            s20 = hn::MulAdd(a2, b0, s20);
            s30 = hn::MulAdd(a3, b0, s30);
            const VDouble b1 = hn::Load(d, y + kStep);
            s01 = hn::MulAdd(a0, b1, s01);
            s11 = hn::MulAdd(a1, b1, s11);
            s21 = hn::MulAdd(a2, b1, s21);
            s31 = hn::MulAdd(a3, b1, s31);
            const VDouble b2 = hn::Load(d, y + 2 * kStep);
            s02 = hn::MulAdd(a0, b2, s02);
            s12 = hn::MulAdd(a1, b2, s12);
            s22 = hn::MulAdd(a2, b2, s22);
            s32 = hn::MulAdd(a3, b2, s32);
            const VDouble b3 = hn::Load(d, y + 3 * kStep);
            s03 = hn::MulAdd(a0, b3, s03);
            s13 = hn::MulAdd(a1, b3, s13);
            s23 = hn::MulAdd(a2, b3, s23);
            s33 = hn::MulAdd(a3, b3, s33);
        }
    }
    alignas(kLineBytes) std::int64_t sums[kTile];
    store_pairs(sums_of_pair(s00, s01), sums_of_pair(s02, s03), sums_of_pair(s10, s11),
                sums_of_pair(s12, s13), sums);
    store_pairs(sums_of_pair(s20, s21), sums_of_pair(s22, s23), sums_of_pair(s30, s31),
                sums_of_pair(s32, s33), sums + 8);
    const Longs longs;
    for (std::size_t k = 0; k < kTile; k += hn::Lanes(longs)) {
        hn::Store(hn::Add(hn::Load(longs, out + k), hn::Load(longs, sums + k)), longs, out + k);
    }
}

#endif

}  // namespace fedstake::aggregation::kernels::panel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // FEDSTAKE_GRAM_TILE_INL
