// Seeded random numbers with the same output on every compiler and machine.
//
// xoshiro256** seeded by splitmix64 (Blackman and Vigna, "Scrambled linear pseudorandom number
// generators", 2018). Not for keys or nonces: those come from crypto/random.hpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace fedstake {

class Rng {
public:
    explicit Rng(std::uint64_t seed) noexcept;

    [[nodiscard]] std::uint64_t next() noexcept;
    // Uniform in [0, bound). REQUIRES bound > 0. Unbiased (rejection).
    [[nodiscard]] std::uint64_t below(std::uint64_t bound) noexcept;
    // Uniform in [0, 1) with 53 random bits.
    [[nodiscard]] double uniform() noexcept;
    // Standard normal by the polar method; uses libm log and sqrt.
    [[nodiscard]] double normal() noexcept;
    // A generator whose stream is independent of this one's later output.
    [[nodiscard]] Rng fork(std::uint64_t label) const noexcept;

    // Fisher-Yates.
    template <class T>
    void shuffle(std::span<T> items) noexcept {
        for (std::size_t i = items.size(); i > 1; --i) {
            using std::swap;
            swap(items[i - 1], items[static_cast<std::size_t>(below(i))]);
        }
    }

private:
    std::array<std::uint64_t, 4> state_{};
    double spare_normal_ = 0.0;
    bool has_spare_ = false;
};

}  // namespace fedstake
