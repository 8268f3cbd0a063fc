#include "tests/aggregation/detect/campaign.hpp"

#include <algorithm>
#include <utility>

namespace fedstake::aggregation::detect::testing {
namespace {

constexpr RoundNumber kWarmUp = 3;

SignCounts signs_of(const Row& row) {
    SignCounts counts;
    for (const double value : row) {
        ++(value > 0.0 ? counts.positive : value < 0.0 ? counts.negative : counts.zero);
    }
    return counts;
}

void count(Counts& counts, const Verdict& by_default, const Verdict& cautious) {
    ++counts.site_rounds;
    for (std::size_t s = 0; s < kSignals; ++s) {
        counts.fired[s] += (cautious.fired >> s) & 1U;
    }
    counts.struck_default += by_default.outcome == Outcome::kStrike ? 1 : 0;
    counts.struck += cautious.outcome == Outcome::kStrike ? 1 : 0;
    counts.excluded += cautious.outcome == Outcome::kExcluded ? 1 : 0;
    counts.down_weighted += cautious.outcome == Outcome::kDownWeighted ? 1 : 0;
}

}  // namespace

SiteId site_id(std::size_t index) {
    SiteId id;
    id.bytes[18] = static_cast<std::uint8_t>((index + 1) >> 8U);
    id.bytes[19] = static_cast<std::uint8_t>(index + 1);
    return id;
}

void Counts::add(const Counts& other) {
    site_rounds += other.site_rounds;
    for (std::size_t s = 0; s < kSignals; ++s) fired[s] += other.fired[s];
    struck_default += other.struck_default;
    struck += other.struck;
    excluded += other.excluded;
    down_weighted += other.down_weighted;
}

void Tally::add(const Tally& other) {
    honest.add(other.honest);
    tiny.add(other.tiny);
    hostile.add(other.hostile);
}

Detection Detector::observe(const std::vector<std::optional<Row>>& updates, std::uint32_t f,
                            const Row& aggregate) {
    std::vector<SiteId> sites;
    std::vector<Row> rows;
    std::vector<SignCounts> signs;
    for (std::size_t i = 0; i < updates.size(); ++i) {
        if (updates[i]) {
            sites.push_back(site_id(i));
            rows.push_back(*updates[i]);
            signs.push_back(signs_of(*updates[i]));
        }
    }
    const Geometry own = geometry_of(rows);
    std::vector<Row> all = rows;
    all.insert(all.end(), rows_before_.begin(), rows_before_.end());
    all.insert(all.end(), changes_.begin(), changes_.end());
    const Geometry both = geometry_of(all, rows.size());
    std::vector<std::size_t> now;
    std::vector<std::size_t> before;
    std::vector<std::size_t> changes;
    for (std::size_t i = 0; i < all.size(); ++i) {
        (i < rows.size()                         ? now
         : i < rows.size() + rows_before_.size() ? before
                                                 : changes)
            .push_back(i);
    }
    RoundInput input{.round = ++round_,
                     .sites = sites,
                     .geometry = &own,
                     .f = f,
                     .seed = round_,
                     .signs = signs,
                     .earlier = {}};
    if (!rows_before_.empty()) {
        // The aggregate of a round is both its mean update and the change that it makes.
        input.earlier = {.geometry = &both,
                         .rows = now,
                         .sites_before = sites_before_,
                         .rows_before = before,
                         .changes = changes,
                         .means = changes};
    }
    Detection detection = detect_round(input, history_, limits_for(sites.size()));
    history_ = detection.history;
    sites_before_ = std::move(sites);
    rows_before_ = std::move(rows);
    changes_.push_back(aggregate);
    if (changes_.size() > kPredictionRounds + 1) changes_.pop_front();
    return detection;
}

Tally campaign(const World& world, Attack attack, std::size_t hostile, std::uint32_t f,
               std::size_t rounds, std::uint64_t seed) {
    Federation federation(world, attack, hostile, seed);
    Detector detector;
    Tally tally;
    for (RoundNumber round = 1; round <= rounds; ++round) {
        const std::vector<std::optional<Row>> updates = federation.next_round();
        std::vector<Row> rows;
        std::vector<std::size_t> sites;
        for (std::size_t i = 0; i < updates.size(); ++i) {
            if (updates[i]) {
                rows.push_back(*updates[i]);
                sites.push_back(i);
            }
        }
        const Row aggregate = centre_of(rows);
        const Detection detection = detector.observe(updates, f, aggregate);
        federation.apply(aggregate);
        if (round <= kWarmUp) continue;
        const std::vector<Verdict> by_default = verdicts(detection, Policy{});
        const std::vector<Verdict> cautious = verdicts(detection, cautious_policy());
        for (std::size_t k = 0; k < sites.size(); ++k) {
            const bool is_honest = sites[k] < world.honest();
            count(is_honest ? tally.honest : tally.hostile, by_default[k], cautious[k]);
            if (sites[k] + 1 == world.honest()) count(tally.tiny, by_default[k], cautious[k]);
        }
    }
    return tally;
}

}  // namespace fedstake::aggregation::detect::testing
