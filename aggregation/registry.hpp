// The table of aggregation rules and pre-aggregations: what exists, what it takes, what it needs.
//
// One explicit table (registry.cpp), so that documentation, command lines and checks read the same
// facts. A rule turns n-space facts into a Combination; nothing here touches coordinates.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "aggregation/distances.hpp"
#include "proto/rules/round_rules.hpp"

namespace fedstake::aggregation {

struct ParameterInfo {
    std::string_view name;
    std::string_view meaning;
    double minimum = 0.0;
    double maximum = 0.0;
    bool integer = false;
    bool required = false;  // otherwise the meaning states the default
};

// What a rule is asked with. parameters: in the order of its ParameterInfo, checked.
struct Arguments {
    std::size_t n = 0;
    std::uint32_t f = 0;
    std::vector<std::optional<double>> parameters;
};

enum class RuleKind : std::uint8_t { kColumnwise, kWeighted };

// How the aggregate is made of the rows. Columnwise: per coordinate, the rounded mean of the sorted
// values [first, last), weights 1. Weighted: the rounded weighted mean; weights sum below 2^31.
struct Combination {
    RuleKind kind = RuleKind::kWeighted;
    std::size_t first = 0;
    std::size_t last = 0;
    std::vector<std::uint32_t> weights;
};

struct RuleInfo {
    std::string_view name;
    std::uint16_t id = 0;  // never reused
    RuleKind kind = RuleKind::kWeighted;
    std::string_view summary;
    std::string_view requirement;  // on n and f, for people
    std::string_view source;
    std::span<const ParameterInfo> parameters{};
    bool needs_distances = false;
    bool (*supports)(const Arguments& arguments) = nullptr;
    // Largest value of parameter "m", for rules that select m rows; null for others.
    std::size_t (*selectable)(const Arguments& arguments) = nullptr;
    // distances: of the rows after pre-aggregation, null unless needs_distances.
    Combination (*combine)(const Arguments& arguments, const Distances* distances) = nullptr;
};

struct PreInfo {
    std::string_view name;
    std::uint16_t id = 0;
    std::string_view summary;
    std::string_view source;
    std::span<const ParameterInfo> parameters{};
    // Changes the rows' ratios. distances: of the rows as they are now.
    void (*apply)(const Arguments& arguments, unsigned scale_bits, const Distances& distances,
                  std::span<Row> rows) = nullptr;
};

[[nodiscard]] std::span<const RuleInfo> all_rules() noexcept;
[[nodiscard]] std::span<const PreInfo> all_pre_aggregations() noexcept;

// RETURNS kInvalidInput with the nearest known name.
[[nodiscard]] Result<const RuleInfo*> find_rule(std::string_view name);
[[nodiscard]] Result<const PreInfo*> find_pre_aggregation(std::string_view name);

// The step's parameters in table order. RETURNS kInvalidInput for an unknown, repeated, missing,
// fractional or out-of-range parameter, naming it, its meaning and its range.
[[nodiscard]] Result<std::vector<std::optional<double>>> read_parameters(
    const rules::Step& step, std::span<const ParameterInfo> known);

// RETURNS kInvalidInput with the requirement spelled out.
[[nodiscard]] Status check_support(const RuleInfo& rule, const Arguments& arguments);

}  // namespace fedstake::aggregation
