// Small fixed values that the tests of the rules share.
#pragma once

#include <cstdint>
#include <vector>

#include "proto/rules/round_context.hpp"
#include "proto/rules/round_rules.hpp"
#include "proto/rules/settlement.hpp"

namespace fedstake::rules::testing {

// A value whose every byte is `fill`: ids and digests that can be told apart in messages.
template <class Fixed>
Fixed filled(std::uint8_t fill) {
    Fixed value;
    value.bytes.fill(fill);
    return value;
}

inline SiteId site_id(std::uint8_t fill) {
    return filled<SiteId>(fill);
}

// Sets every field: the golden digests must not follow a change of a default.
inline RoundRules valid_rules() {
    RoundRules rules;
    rules.coordinates = 13;
    rules.aggregation.rule = {.name = "trimmed-mean", .parameters = {}};
    rules.aggregation.pre = {{.name = "norm-clip", .parameters = {{"norm", 1.5}}}};
    rules.model = {.kind = "logistic",
                   .inputs = 13,
                   .outputs = 1,
                   .hidden = {},
                   .site_local = {"bias"},
                   .script_digest = {},
                   .init_seed = 1};
    rules.anomaly = {.policy = AnomalyPolicy::kImmediate,
                     .look_back = true,
                     .norm_limit = 6.0,
                     .cosine_limit = -0.25,
                     .distance_limit = 6.0,
                     .signals_to_strike = 2};
    rules.training = {.algorithm = "fedavg",
                      .optimizer = "sgd",
                      .learning_rate = 0.05,
                      .momentum = 0.0,
                      .weight_decay = 0.0,
                      .proximal_mu = 0.0,
                      .local_steps = 100,
                      .batch_size = 16,
                      .seed = 1};
    rules.schedule = {.quorum = 3,
                      .collect_deadline = {60'000},
                      .auditors_needed = 1,
                      .attest_deadline = {60'000},
                      .attempts_max = 3};
    rules.settlement = {.round_budget = 1'000'000,
                        .min_stake = 100,
                        .stake_per_score = 10,
                        .strikes_to_accuse = 3,
                        .slash_bps = 200,
                        .slash_bps_max = 2000};
    return rules;
}

inline CohortMember member(std::uint8_t fill, Amount stake = 1'000'000'000) {
    return {.site = site_id(fill), .signer = filled<Address>(0xf0), .stake = stake};
}

inline RoundContext context_of(std::vector<CohortMember> cohort) {
    return {.federation = filled<FederationId>(0xfe),
            .round = 7,
            .attempt = 1,
            .rules_digest = filled<Digest>(0x01),
            .base_model = filled<Digest>(0x02),
            .previous_aggregate = filled<Digest>(0x03),
            .previous_rewards_root = filled<Digest>(0x04),
            .previous_state = filled<Digest>(0x06),
            .salt = filled<Digest>(0x05),
            .cohort = std::move(cohort)};
}

inline SiteScore accepted(std::uint8_t fill, std::uint64_t score) {
    return {.site = site_id(fill), .score = score, .standing = Standing::kAccepted};
}

inline SiteScore struck(std::uint8_t fill) {
    return {.site = site_id(fill), .score = 0, .standing = Standing::kStrike};
}

}  // namespace fedstake::rules::testing
