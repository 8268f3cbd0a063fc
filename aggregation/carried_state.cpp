// Looking up and carrying on.
#include "aggregation/carried_state.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "proto/base/check.hpp"

namespace fedstake::aggregation {
namespace {

const Digest* find(std::span<const SiteVector> vectors, const SiteId& site) {
    const auto found = std::lower_bound(
        vectors.begin(), vectors.end(), site,
        [](const SiteVector& entry, const SiteId& key) { return entry.site < key; });
    return found != vectors.end() && found->site == site ? &found->root : nullptr;
}

// Under which sites the rule's vectors stand.
std::vector<SiteId> keys_of(const RuleInfo& rule, std::span<const SiteId> sites) {
    switch (rule.needs.memory) {
        case MemoryRows::kOne: return {SiteId{}};
        case MemoryRows::kPerRow: return {sites.begin(), sites.end()};
        case MemoryRows::kNone: break;
    }
    return {};
}

}  // namespace

std::vector<Row> memory_rows(const RuleInfo& rule, const RoundInput& input,
                             std::span<const SiteId> sites, const EarlierVectors& earlier,
                             const VectorSource& zeros) {
    std::vector<Row> rows;
    for (const SiteId& site : keys_of(rule, sites)) {
        const Digest* root = input.state == nullptr ? nullptr : find(input.state->vectors, site);
        rows.push_back({.values = root == nullptr ? &zeros : earlier.at(*root)});
    }
    return rows;
}

std::vector<SiteVector> vectors_after(const RuleInfo& rule, const RoundInput& input,
                                      std::span<const SiteId> sites,
                                      std::span<const Digest> roots) {
    const std::vector<SiteId> keys = keys_of(rule, sites);
    FS_CHECK(roots.size() == keys.size());
    std::map<SiteId, Digest> vectors;
    if (rule.needs.memory == MemoryRows::kPerRow && input.state != nullptr) {
        for (const SiteVector& entry : input.state->vectors) {
            if (input.context->find(entry.site) != nullptr) {
                vectors[entry.site] = entry.root;
            }
        }
    }
    for (std::size_t i = 0; i < keys.size(); ++i) {
        vectors[keys[i]] = roots[i];
    }
    std::vector<SiteVector> result;
    for (const auto& [site, root] : vectors) {
        result.push_back({.site = site, .root = root});
    }
    return result;
}

void add_round(const RoundInput& input, const Digest& aggregate, std::vector<SiteVector> updates,
               RoundState& state) {
    state.round = input.context->round;
    if (input.state != nullptr) {
        state.aggregates = input.state->aggregates;
        state.earlier = input.state->earlier;
    }
    state.aggregates.push_back(aggregate);
    if (state.aggregates.size() > kAggregatesMax) {
        state.aggregates.erase(state.aggregates.begin());
    }
    state.earlier.push_back(
        {.base_model = input.context->base_model, .updates = std::move(updates)});
    if (state.earlier.size() > kEarlierRoundsMax) {
        state.earlier.erase(state.earlier.begin());
    }
}

}  // namespace fedstake::aggregation
