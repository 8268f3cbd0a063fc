// What a set of rows is worth: the port that contribution scores ask, and a cache in front of it.
//
// U(S) is the utility of the base model plus the aggregate of the rows in S alone, U(empty) that of
// the base model: accuracy, or the negated loss, on validation data, larger is better. It must be
// measured at two or more sites and reported by each for itself; MedianUtility takes the median.
// With two sites either can move it; from three on, one alone cannot leave the others' range.
// Where a rule has weights, the aggregate of S is subset_combination() of its combination.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "proto/base/limits.hpp"
#include "proto/base/result.hpp"

namespace fedstake::aggregation::contribution {

// Some of the accepted rows 0 .. limits::kSitesMax - 1.
class Subset {
public:
    // The first `rows` rows. REQUIRES rows <= limits::kSitesMax.
    static Subset all(std::size_t rows) noexcept;

    [[nodiscard]] bool contains(std::size_t row) const noexcept {
        return ((words_[row / 64] >> (row % 64)) & 1U) != 0;
    }
    void insert(std::size_t row) noexcept { words_[row / 64] |= std::uint64_t{1} << (row % 64); }
    void erase(std::size_t row) noexcept { words_[row / 64] &= ~(std::uint64_t{1} << (row % 64)); }
    [[nodiscard]] std::size_t size() const noexcept;
    [[nodiscard]] std::vector<std::size_t> rows() const;  // ascending

    friend auto operator<=>(const Subset&, const Subset&) = default;

private:
    std::array<std::uint64_t, limits::kSitesMax / 64> words_{};
};

class Utility {
public:
    virtual ~Utility() = default;
    // rows: ascending, each at most once; none for the base model. The same answer for the same
    // rows, everywhere.
    [[nodiscard]] virtual Result<double> evaluate(std::span<const std::size_t> rows) = 0;
};

// The median over the sites' own utilities, mean of the middle two for an even number. An error or
// a value that is not finite at one site is an Error: leaving that site out would let it choose.
class MedianUtility final : public Utility {
public:
    // REQUIRES at least one site; no pointer is null and all outlive this.
    explicit MedianUtility(std::vector<Utility*> sites);
    [[nodiscard]] Result<double> evaluate(std::span<const std::size_t> rows) override;

private:
    std::vector<Utility*> sites_;
};

// Utilities are limited to [low, high] and rounded to the nearest multiple of 2^-32. Sums over
// subsets are then exact integers, and one broken subset cannot outweigh all others.
inline constexpr double kUtilitySteps = 0x1p32;
inline constexpr double kUtilityMax = 1024.0;

struct UtilityLimits {
    double low = -kUtilityMax;
    double high = kUtilityMax;
};

// Asks for each subset at most once. Not for several threads.
class CachedUtility {
public:
    // RETURNS kInvalidInput unless 1 <= rows <= limits::kSitesMax and
    // -kUtilityMax <= low < high <= kUtilityMax. utility must outlive this.
    static Result<CachedUtility> make(Utility& utility, std::size_t rows,
                                      const UtilityLimits& limits = {});

    [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
    // U(subset) in units of 2^-32. RETURNS kInvalidInput for a value that is not finite, and the
    // errors of the port; both name the size of the subset.
    [[nodiscard]] Result<std::int64_t> steps(const Subset& subset);

    // Subsets that the port was asked for; failures count.
    [[nodiscard]] std::size_t evaluations() const noexcept { return evaluations_; }
    // Largest minus smallest utility so far, exact; 0 before the first.
    [[nodiscard]] double range() const noexcept;
    // high - low: no two utilities differ by more.
    [[nodiscard]] double span() const noexcept { return limits_.high - limits_.low; }

private:
    CachedUtility(Utility& utility, std::size_t rows, const UtilityLimits& limits) noexcept
        : utility_(&utility), rows_(rows), limits_(limits) {}

    Utility* utility_;
    std::size_t rows_;
    UtilityLimits limits_;
    std::size_t evaluations_ = 0;
    std::map<Subset, std::int64_t> known_;
    std::int64_t least_ = 0;  // once there is one in known_
    std::int64_t greatest_ = 0;
};

}  // namespace fedstake::aggregation::contribution
