// Canonical bytes of a detection history, and its step to the next round.
#include "aggregation/detect/history.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "proto/base/check.hpp"
#include "proto/base/limits.hpp"
#include "proto/crypto/sha256.hpp"

namespace fedstake::aggregation::detect {
namespace {

constexpr std::uint8_t kHistoryVersion = 1;
constexpr double kRoundsMax = 1.0 / (1.0 - kDecay) + 1e-9;
constexpr double kRoundingShare = 1e-9;

std::vector<SiteTrace>::const_iterator lower(const std::vector<SiteTrace>& sites,
                                             const SiteId& site) {
    return std::lower_bound(sites.begin(), sites.end(), site,
                            [](const SiteTrace& a, const SiteId& b) { return a.site < b; });
}

// -0.0 becomes 0.0.
double canonical(double value) noexcept {
    return value + 0.0;
}

// RETURNS a figure within [least, most]; neither may be NaN, so a NaN is refused too. So is -0.0,
// which would be a second encoding of 0.
Result<double> read_within(ByteReader& reader, double least, double most, const char* what) {
    FS_ASSIGN(const double value, reader.f64_bits());
    if (!(value >= least && value <= most) || (value == 0.0 && std::signbit(value))) {
        return fail(Errc::kCorrupt, fmt::format("detection history: {} is {}, allowed {} to {}",
                                                what, value, least, most));
    }
    return value;
}

Result<SiteTrace> read_site(ByteReader& reader) {
    SiteTrace site;
    FS_TRY(reader.raw(site.site.bytes));
    FS_ASSIGN(site.presence, reader.u64());
    if (site.presence == 0) {
        return fail(Errc::kCorrupt, "detection history: a site that was never present");
    }
    FS_ASSIGN(site.energy, read_within(reader, 0.0, 1e300, "an energy"));
    FS_ASSIGN(const std::uint8_t count, reader.u8());
    if (count > kPredictionRounds) {
        return fail(Errc::kCorrupt, fmt::format("detection history: {} errors, at most {}", count,
                                                kPredictionRounds));
    }
    for (std::uint8_t k = 0; k < count; ++k) {
        FS_ASSIGN(const double error, read_within(reader, 0.0, 1.0, "a prediction error"));
        site.errors.push_back(error);
    }
    return site;
}

Status read_pairs(ByteReader& reader, History& history) {
    const std::size_t n = history.sites.size();
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j <= i; ++j) {
            const double most = i == j ? 0.0 : kRoundsMax;
            FS_ASSIGN(const double sum, read_within(reader, -most, most, "a likeness"));
            history.likeness.add(i, j, sum);
        }
    }
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j <= i; ++j) {
            const double energy = i == j ? history.sites[i].energy
                                         : history.sites[i].energy + history.sites[j].energy;
            const double most = energy * (1.0 + kRoundingShare);
            FS_ASSIGN(const double sum, read_within(reader, -most, most, "a lagged product"));
            history.lagged.add(i, j, sum);
        }
    }
    return {};
}

void write_pairs(ByteWriter& writer, const PairSums& sums) {
    for (std::size_t i = 0; i < sums.sites(); ++i) {
        for (std::size_t j = 0; j <= i; ++j) {
            writer.f64_bits(canonical(sums.at(i, j)));
        }
    }
}

// Sites of the old history that are kept, by how recently they took part, as many as there is room
// for besides the new ones.
std::vector<SiteTrace> kept_sites(const History& history, std::span<const SiteId> present) {
    std::vector<SiteTrace> absent;
    std::vector<SiteTrace> result;
    for (const SiteTrace& old : history.sites) {
        SiteTrace site = old;
        site.presence <<= 1U;
        site.energy *= kDecay;
        if (std::binary_search(present.begin(), present.end(), site.site)) {
            site.presence |= 1U;
            result.push_back(std::move(site));
        } else if (site.presence != 0) {
            absent.push_back(std::move(site));
        }
    }
    std::stable_sort(absent.begin(), absent.end(), [](const SiteTrace& a, const SiteTrace& b) {
        return std::countr_zero(a.presence) < std::countr_zero(b.presence);
    });
    absent.resize(std::min(absent.size(), limits::kSitesMax - present.size()));
    result.insert(result.end(), absent.begin(), absent.end());
    return result;
}

}  // namespace

Bytes History::encode() const {
    ByteWriter writer;
    writer.u8(kHistoryVersion)
        .u64(round)
        .f64_bits(canonical(rounds))
        .f64_bits(canonical(lagged_rounds))
        .u32(static_cast<std::uint32_t>(sites.size()));
    for (const SiteTrace& site : sites) {
        writer.raw(site.site.view())
            .u64(site.presence)
            .f64_bits(canonical(site.energy))
            .u8(static_cast<std::uint8_t>(site.errors.size()));
        for (const double error : site.errors) {
            writer.f64_bits(canonical(error));
        }
    }
    write_pairs(writer, likeness);
    write_pairs(writer, lagged);
    return writer.take();
}

Result<History> History::decode(ByteView bytes) {
    ByteReader reader(bytes);
    FS_ASSIGN(const std::uint8_t version, reader.u8());
    if (version != kHistoryVersion) {
        return fail(Errc::kCorrupt, fmt::format("detection history: version {}, expected {}",
                                                version, kHistoryVersion));
    }
    History history;
    FS_ASSIGN(history.round, reader.u64());
    FS_ASSIGN(history.rounds, read_within(reader, 0.0, kRoundsMax, "the number of rounds"));
    FS_ASSIGN(history.lagged_rounds,
              read_within(reader, 0.0, history.rounds, "the number of lagged rounds"));
    FS_ASSIGN(const std::uint32_t count, reader.u32());
    if (count > limits::kSitesMax) {
        return fail(Errc::kCorrupt, fmt::format("detection history: {} sites, at most {}", count,
                                                limits::kSitesMax));
    }
    for (std::uint32_t i = 0; i < count; ++i) {
        FS_ASSIGN(SiteTrace site, read_site(reader));
        if (i > 0 && !(history.sites.back().site < site.site)) {
            return fail(Errc::kCorrupt, "detection history: sites are not in ascending order");
        }
        history.sites.push_back(std::move(site));
    }
    history.likeness = PairSums(count);
    history.lagged = PairSums(count);
    FS_TRY(read_pairs(reader, history));
    FS_TRY(reader.finish());
    return history;
}

Digest History::digest() const {
    return crypto::sha256(encode());
}

History begin_round(const History& history, RoundNumber round, std::span<const SiteId> sites) {
    FS_CHECK(round > history.round && sites.size() <= limits::kSitesMax);
    FS_CHECK(std::adjacent_find(sites.begin(), sites.end(), std::greater_equal<>()) == sites.end());
    History next;
    next.round = round;
    next.rounds = kDecay * history.rounds + 1.0;
    next.lagged_rounds = kDecay * history.lagged_rounds;
    next.sites = kept_sites(history, sites);
    for (const SiteId& site : sites) {
        if (!position(history, site)) {
            next.sites.push_back({.site = site, .presence = 1, .energy = 0.0, .errors = {}});
        }
    }
    std::sort(next.sites.begin(), next.sites.end(),
              [](const SiteTrace& a, const SiteTrace& b) { return a.site < b.site; });
    next.likeness = PairSums(next.sites.size());
    next.lagged = PairSums(next.sites.size());
    std::vector<std::optional<std::size_t>> was;
    for (const SiteTrace& site : next.sites) {
        was.push_back(position(history, site.site));
    }
    for (std::size_t i = 0; i < was.size(); ++i) {
        for (std::size_t j = 0; j <= i; ++j) {
            if (was[i] && was[j]) {
                next.likeness.add(i, j, kDecay * history.likeness.at(*was[i], *was[j]));
                next.lagged.add(i, j, kDecay * history.lagged.at(*was[i], *was[j]));
            }
        }
    }
    return next;
}

std::optional<std::size_t> position(const History& history, const SiteId& site) {
    const auto found = lower(history.sites, site);
    if (found == history.sites.end() || found->site != site) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(found - history.sites.begin());
}

}  // namespace fedstake::aggregation::detect
