// A federation in one process on the heart data: four hospitals, an attacker, a reference
// aggregation in double that shares no code with aggregation/.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "client/data/split.hpp"
#include "client/training/trainer.hpp"
#include "proto/base/result.hpp"
#include "proto/rules/round_rules.hpp"

namespace fedstake::testing {

inline constexpr std::size_t kHospitals = 4;
inline constexpr std::array<const char*, kHospitals> kHospitalNames = {"cleveland", "hungarian",
                                                                       "switzerland", "va"};

enum class HeartRule { kMean, kMedian, kTrimmedMean, kMultiKrum };
[[nodiscard]] const char* heart_rule_name(HeartRule rule);

struct HeartPlan {
    rules::RoundRules rules;
    HeartRule rule = HeartRule::kTrimmedMean;
    bool attack = false;
    std::size_t victim = 0;       // the hospital whose training rows the attacker bootstraps
    double attack_factor = -4.0;  // what it multiplies its own update by
    std::uint64_t split_seed = 1;
    RoundNumber rounds = 15;
};

// Anomaly figures of one row in one round, to the coordinate median of all rows.
struct HeartFigures {
    RoundNumber round = 0;
    std::size_t row = 0;  // kHospitals is the attacker
    double norm = 0.0;
    double cosine = 0.0;
    double distance = 0.0;
};

struct HeartOutcome {
    std::array<training::Evaluation, kHospitals> federated;  // on each hospital's test split
    std::array<training::Evaluation, kHospitals> alone;
    std::vector<HeartFigures> figures;

    [[nodiscard]] double pooled() const;
    [[nodiscard]] double pooled_alone() const;
};

// The rules that configs/rules/heart.toml gives training: logistic, intercept at the site.
[[nodiscard]] rules::RoundRules heart_rules();

[[nodiscard]] Result<std::vector<data::Dataset>> load_hospitals(
    const std::filesystem::path& folder);
[[nodiscard]] Result<HeartOutcome> run_heart(const std::vector<data::Dataset>& hospitals,
                                             const HeartPlan& plan);

}  // namespace fedstake::testing
