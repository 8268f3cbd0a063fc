// The rules that every party agrees on for a round: aggregation, gate, anomaly limits, training
// plan, model, quorum and settlement. Their digest is in every round's context, so nobody can
// change one silently. Tuning that does not change results (threads, paths) is not here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"
#include "proto/base/time.hpp"

namespace fedstake::rules {

// A named number, e.g. {"m", 3}. Hashed by its IEEE-754 bits.
struct Parameter {
    std::string name;
    double value = 0.0;
    friend bool operator==(const Parameter&, const Parameter&) = default;
};

// A pre-aggregation or the rule itself, by registry name ("norm-clip", "trimmed-mean").
struct Step {
    std::string name;
    std::vector<Parameter> parameters;
    friend bool operator==(const Step&, const Step&) = default;
};

struct AggregationRules {
    Step rule{.name = "trimmed-mean", .parameters = {}};
    std::vector<Step> pre;                  // applied in order, in front of the rule
    std::uint32_t f = 1;                    // tolerated Byzantine sites
    std::uint8_t scale_bits = 24;           // update = int32 * 2^-scale_bits, 8..30
    std::int32_t coordinate_max = 1 << 29;  // gate: |update_j| at most this, in fixed-point units
    friend bool operator==(const AggregationRules&, const AggregationRules&) = default;
};

// How signals become a verdict (aggregation/detect/judge.hpp).
enum class AnomalyPolicy : std::uint8_t {
    // Enough of norm, cosine and distance at once are a strike.
    kImmediate = 0,
    // The same, but a strike must be confirmed by a signal that looks at something else than size;
    // without one the update is only left out. Coalitions share one site's weight.
    kCautious = 1,
};
// "immediate", "cautious".
[[nodiscard]] std::string_view anomaly_policy_name(AnomalyPolicy policy) noexcept;

// When a figure counts as an anomaly. A verdict needs `signals_to_strike` of them at once; 0 turns
// verdicts off (figures are still reported). Deviations compare a site with the others:
// (value - median) / (1.4826 MAD + 25 % of the median), median and MAD without the site itself.
struct AnomalyRules {
    AnomalyPolicy policy = AnomalyPolicy::kCautious;
    // Whether updates are compared with those of the round before: one more pass over both.
    bool look_back = true;
    double norm_limit = 0.0;      // deviation of the norm above this; 0: follows from n
    double cosine_limit = -0.5;   // cosine to the robust centre below this
    double distance_limit = 0.0;  // the same for the distance to the robust centre; 0: from n
    std::uint32_t signals_to_strike = 2;
    friend bool operator==(const AnomalyRules&, const AnomalyRules&) = default;
};

// "logistic", "mlp" or "torchscript". For torchscript, script_digest pins the operator's local
// file.
struct ModelRules {
    std::string kind = "logistic";
    std::uint32_t inputs = 0;
    std::uint32_t outputs = 1;
    std::vector<std::uint32_t> hidden;    // mlp only
    std::vector<std::string> site_local;  // parameter names that stay at the site, "*.bias"
    Digest script_digest;
    std::uint64_t init_seed = 1;
    friend bool operator==(const ModelRules&, const ModelRules&) = default;
};

struct TrainingRules {
    std::string algorithm = "fedavg";  // or "fedprox"
    std::string optimizer = "sgd";     // or "adam"
    double learning_rate = 0.05;
    double momentum = 0.0;
    double weight_decay = 0.0;
    double proximal_mu = 0.0;  // fedprox
    std::uint32_t local_steps = 100;
    std::uint32_t batch_size = 16;
    std::uint64_t seed = 1;  // mixed with site and round
    friend bool operator==(const TrainingRules&, const TrainingRules&) = default;
};

struct ScheduleRules {
    std::uint32_t quorum = 3;  // updates needed to close at the deadline
    Duration collect_deadline{60'000};
    std::uint32_t auditors_needed = 1;  // M of N signatures on a commitment
    Duration attest_deadline{60'000};
    std::uint32_t attempts_max = 3;
    friend bool operator==(const ScheduleRules&, const ScheduleRules&) = default;
};

// Largest budget, minimum stake and stake per score: 2^96 - 1 of the token's smallest unit, so that
// budget * score fits 128 bits.
inline constexpr Amount kAmountMax = (Amount{1} << 96U) - 1;

struct SettlementRules {
    Amount round_budget = 0;     // tokens shared by the round's contributors
    Amount min_stake = 0;        // below this a site is not in the cohort
    Amount stake_per_score = 1;  // score counted is at most stake / stake_per_score
    std::uint32_t strikes_to_accuse = 3;
    std::uint16_t slash_bps = 200;       // first offence; doubles with each further one
    std::uint16_t slash_bps_max = 2000;  // the contracts take no more than 2000
    friend bool operator==(const SettlementRules&, const SettlementRules&) = default;
};

struct RoundRules {
    std::uint32_t version = 1;
    std::uint64_t coordinates = 0;  // shared trainable parameters of the model
    AggregationRules aggregation;
    AnomalyRules anomaly;
    ModelRules model;
    TrainingRules training;
    ScheduleRules schedule;
    SettlementRules settlement;

    // Canonical bytes: ByteWriter, fields in this order, integers at their declared width; a list
    // is a u32 count and its items; parameters ascend by name; zero is +0.0.
    [[nodiscard]] Bytes encode() const;
    // SHA-256 of encode().
    [[nodiscard]] Digest digest() const;
    // Ranges of every field by itself; what needs n or the rule registry is checked in aggregation.
    // RETURNS kInvalidInput naming the field and the allowed range.
    [[nodiscard]] Status validate() const;
    // Whether `coordinates` can be what `model` shares: all parameters of a built-in model, or
    // fewer where some stay at the site. A TorchScript file is counted where it is loaded.
    [[nodiscard]] Status check_coordinates() const;
    friend bool operator==(const RoundRules&, const RoundRules&) = default;
};

}  // namespace fedstake::rules
