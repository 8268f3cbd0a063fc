// What detection remembers from round to round: a few numbers for each site and each pair of sites,
// never a vector.
//
// A value without behaviour of its own: coalitions.hpp and detect.hpp write it, one round after the
// other. Part of a round's transcript, so it has canonical bytes and a digest. Bounded by
// limits::kSitesMax: 2.2 MB for 512 sites. Sites that were absent for 64 rounds are forgotten.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "aggregation/detect/prediction.hpp"
#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"

namespace fedstake::aggregation::detect {

// Everything that is summed over rounds counts 0.9 as much after each further round.
inline constexpr double kDecay = 0.9;
inline constexpr unsigned kPresenceRounds = 64;

// One number for each unordered pair of sites, and one for each site with itself.
class PairSums {
public:
    PairSums() = default;
    explicit PairSums(std::size_t sites) : sites_(sites), sums_(sites * (sites + 1) / 2, 0.0) {}

    [[nodiscard]] std::size_t sites() const noexcept { return sites_; }
    [[nodiscard]] double at(std::size_t i, std::size_t j) const noexcept {
        return sums_[index(i, j)];
    }
    void add(std::size_t i, std::size_t j, double value) noexcept { sums_[index(i, j)] += value; }

    friend bool operator==(const PairSums&, const PairSums&) = default;

private:
    [[nodiscard]] static std::size_t index(std::size_t i, std::size_t j) noexcept {
        return i >= j ? i * (i + 1) / 2 + j : j * (j + 1) / 2 + i;
    }
    std::size_t sites_ = 0;
    std::vector<double> sums_;
};

struct SiteTrace {
    SiteId site;
    std::uint64_t presence = 0;  // bit k: an update took part k observed rounds ago
    double energy = 0.0;         // squared residuals of the lagged rounds, see coalitions.hpp
    std::vector<double> errors;  // of prediction.hpp, newest last, at most kPredictionRounds
    friend bool operator==(const SiteTrace&, const SiteTrace&) = default;
};

struct History {
    RoundNumber round = 0;         // the last one observed
    double rounds = 0.0;           // observed, decayed: 1 + 0.9 + ...
    double lagged_rounds = 0.0;    // of these, compared with the round before
    std::vector<SiteTrace> sites;  // ascending
    PairSums likeness;             // sums of min(cosine of residuals, cosine); 0 on the diagonal
    PairSums lagged;               // sums of lagged inner products

    // Version 1: ByteWriter, fields in this order, sums by rows of the lower triangle.
    [[nodiscard]] Bytes encode() const;
    // Of hostile bytes too. RETURNS kCorrupt for another version, more than limits::kSitesMax
    // sites, sites out of order, numbers that no rounds could have left, or trailing bytes.
    [[nodiscard]] static Result<History> decode(ByteView bytes);
    // SHA-256 of encode().
    [[nodiscard]] Digest digest() const;

    friend bool operator==(const History&, const History&) = default;
};

// The history at the start of a round: everything decayed once, these sites present, new ones with
// zeros, long absent ones dropped. REQUIRES a round above history.round; sites ascending, at most
// limits::kSitesMax. O(n^2).
[[nodiscard]] History begin_round(const History& history, RoundNumber round,
                                  std::span<const SiteId> sites);

// Position of a site, if it is there. O(log n).
[[nodiscard]] std::optional<std::size_t> position(const History& history, const SiteId& site);

}  // namespace fedstake::aggregation::detect
