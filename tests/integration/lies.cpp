// The honest result first, then the lie, then everything that has to fit it.
#include "tests/integration/lies.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <utility>
#include <vector>

#include "proto/base/check.hpp"
#include "proto/crypto/keccak_tree.hpp"

namespace fedstake::testing {

namespace {

using round::Aggregated;

constexpr std::size_t kCoordinate = 5;
constexpr std::int32_t kShift = 1 << 20;
constexpr Amount kExtra = 1'000'000'000'000'000'000ULL;
constexpr std::size_t kBlobMax = std::size_t{64} << 20U;

constexpr std::array<std::pair<std::string_view, Lie>, 4> kLies = {{{"model", Lie::kModel},
                                                                    {"aggregate", Lie::kAggregate},
                                                                    {"reward", Lie::kReward},
                                                                    {"omission", Lie::kOmission}}};

// Files are little-endian, and so are the machines that the tests run on.
template <class T>
T value_at(const Bytes& bytes, std::size_t index) {
    T value{};
    std::memcpy(&value, bytes.data() + index * sizeof(T), sizeof(T));
    return value;
}

template <class T>
void put_at(Bytes& bytes, std::size_t index, T value) {
    std::memcpy(bytes.data() + index * sizeof(T), &value, sizeof(T));
}

// report and commitment name this model.
void name_model(Aggregated& result, const Digest& model) {
    result.report.model = model;
    result.commitment.model = model;
    result.commitment.report_digest = result.report.digest();
}

Status change_model(Aggregated& result, store::BlobStore& blobs) {
    FS_ASSIGN(Bytes model, blobs.read(result.report.model, kBlobMax));
    put_at(model, kCoordinate, value_at<float>(model, kCoordinate) + 0.5F);
    FS_ASSIGN(const auto changed, blobs.put(model));
    name_model(result, changed.root);
    return {};
}

Status change_aggregate(const rules::RoundContext& context, const rules::RoundRules& rules,
                        Aggregated& result, store::BlobStore& blobs) {
    const Digest honest = result.report.aggregate_root;
    FS_ASSIGN(Bytes aggregate, blobs.read(honest, kBlobMax));
    put_at(aggregate, kCoordinate, value_at<std::int32_t>(aggregate, kCoordinate) + kShift);
    FS_ASSIGN(const auto changed, blobs.put(aggregate));

    FS_ASSIGN(Bytes model, blobs.read(context.base_model, kBlobMax));
    const int scale = static_cast<int>(rules.aggregation.scale_bits);
    for (std::size_t i = 0; i < rules.coordinates; ++i) {
        const double step = std::ldexp(value_at<std::int32_t>(aggregate, i), -scale);
        put_at(model, i, static_cast<float>(value_at<float>(model, i) + step));
    }
    FS_ASSIGN(const auto new_model, blobs.put(model));

    FS_ASSIGN(const Bytes bytes, blobs.read(result.report.state, kBlobMax));
    FS_ASSIGN(auto state, aggregation::RoundState::decode(bytes));
    std::ranges::replace(state.aggregates, honest, changed.root);
    FS_ASSIGN(const auto new_state, blobs.put(state.encode()));

    result.report.aggregate_root = changed.root;
    result.report.state = new_state.root;
    result.commitment.aggregate_root = changed.root;
    name_model(result, new_model.root);
    return {};
}

Status change_reward(const rules::RoundContext& context, const SiteId& favourite,
                     Aggregated& result) {
    rules::Settlement& settlement = result.settlement;
    const auto paid = std::ranges::find(settlement.sites, favourite, &rules::SiteSettlement::site);
    if (paid == settlement.sites.end()) {
        return fail(Errc::kInvalidInput, "no site " + favourite.hex() + " in the round");
    }
    paid->reward += kExtra;
    paid->cumulative_reward += kExtra;
    settlement.reward_total += kExtra;
    std::vector<Digest> leaves;
    for (const rules::SiteSettlement& site : settlement.sites) {
        if (site.cumulative_reward == 0) continue;
        FS_ASSIGN(const auto claim, rules::claim_for(context, settlement, site.site));
        FS_CHECK(claim.index == leaves.size());
        leaves.push_back(rules::reward_leaf(claim.index, site.site, claim.cumulative, claim.salt));
    }
    settlement.rewards_root = crypto::keccak_root(leaves);
    result.commitment.rewards_root = settlement.rewards_root;
    result.commitment.reward_total = settlement.reward_total;
    return {};
}

bool is_of(const rules::SignedUpdate& update, const SiteId& site) {
    return update.statement.site == site;
}

Result<Aggregated> aggregate_falsely(const LiePlan& plan, round::StartAggregation round,
                                     const rules::RoundRules& rules,
                                     const crypto::Eip712Domain& domain, store::BlobStore& blobs,
                                     const coordinator::AggregationSettings& settings) {
    const bool lies = round.context.round == plan.round && round.context.attempt == 0;
    if (lies && plan.lie == Lie::kOmission) {
        std::erase_if(round.updates, [&](const auto& update) { return is_of(update, plan.site); });
    }
    FS_ASSIGN(Aggregated result,
              coordinator::aggregate_round(round, rules, domain, blobs, settings));
    if (!lies) return result;
    switch (plan.lie) {
        case Lie::kModel: FS_TRY(change_model(result, blobs)); break;
        case Lie::kAggregate: FS_TRY(change_aggregate(round.context, rules, result, blobs)); break;
        case Lie::kReward: FS_TRY(change_reward(round.context, plan.site, result)); break;
        case Lie::kOmission: break;
    }
    return result;
}

}  // namespace

std::optional<Lie> find_lie(std::string_view name) noexcept {
    const auto found = std::ranges::find(kLies, name, &std::pair<std::string_view, Lie>::first);
    return found == kLies.end() ? std::nullopt : std::optional(found->second);
}

std::string_view lie_name(Lie lie) noexcept {
    return std::ranges::find(kLies, lie, &std::pair<std::string_view, Lie>::second)->first;
}

void apply(const LiePlan& plan, coordinator::RunOptions& options) {
    options.aggregate = [plan](const auto& round, const auto& rules, const auto& domain,
                               auto& blobs, const auto& settings) {
        return aggregate_falsely(plan, round, rules, domain, blobs, settings);
    };
    if (plan.lie != Lie::kOmission && !plan.withhold) return;
    options.keep = [plan](round::RecordResult record) {
        const bool lies = record.commitment.round == plan.round && record.commitment.attempt == 0;
        if (lies && plan.lie == Lie::kOmission) {
            std::erase_if(record.updates,
                          [&](const auto& update) { return is_of(update, plan.site); });
            record.absent.push_back({.site = plan.site, .refusal = round::Refusal::kNone});
        }
        if (lies && plan.withhold) {
            ++record.report.f;
            record.context.salt.bytes[0] ^= 1U;
            std::ranges::reverse(record.updates);
        }
        return record;
    };
}

}  // namespace fedstake::testing
