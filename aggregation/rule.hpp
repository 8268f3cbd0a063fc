// What a rule of the registry is asked with and what it answers.
//
// A rule is a pure function of the geometry of the rows, of n, f and its parameters, and, where it
// says so, of the state that it left in the round before, of a seed that belongs to the round, and
// of some coordinates of the rows. It never sees threads, files or sites' names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "aggregation/combination.hpp"
#include "aggregation/geometry.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"

namespace fedstake::aggregation {

struct ParameterInfo {
    std::string_view name;
    std::string_view meaning;
    double minimum = 0.0;
    double maximum = 0.0;
    bool integer = false;
    bool required = false;  // otherwise the meaning states the default
};

// n rows, of which f may be hostile. parameters: in the order of the rule's ParameterInfo, checked
// against it; std::nullopt where none was given.
struct Arguments {
    std::size_t n = 0;
    std::uint32_t f = 0;
    std::vector<std::optional<double>> parameters;

    [[nodiscard]] double parameter(std::size_t index, double otherwise) const {
        return parameters[index].value_or(otherwise);
    }
    [[nodiscard]] std::size_t count(std::size_t index, std::size_t otherwise) const {
        return parameters[index] ? static_cast<std::size_t>(*parameters[index]) : otherwise;
    }
};

// Some coordinates of the rows, after pre-aggregation.
class RowColumns {
public:
    virtual ~RowColumns() = default;
    [[nodiscard]] virtual std::uint64_t coordinates() const noexcept = 0;
    // out[i * count + k] = coordinate first + k of row i, for all rows.
    [[nodiscard]] virtual Result<std::vector<std::int32_t>> read(std::uint64_t first,
                                                                 std::size_t count) const = 0;
    // Memory that read() takes, its result included.
    [[nodiscard]] virtual std::size_t bytes(std::size_t count) const noexcept = 0;
};

// What a rule keeps from one round to the next, besides vectors: figures of its own making, in an
// order of its own. Part of the transcript: their digest stands in the round's report.
struct RuleMemory {
    std::vector<double> figures;
    friend bool operator==(const RuleMemory&, const RuleMemory&) = default;
};

// Vectors that a rule keeps. They are rows of the geometry too, behind the n rows of the round, and
// a combination may give them weights.
enum class MemoryRows : std::uint8_t {
    kNone,
    kOne,     // one vector, zero before the first round
    kPerRow,  // one for each row, of the same site; zero where the site is new
};

struct RuleInput {
    Arguments arguments;
    const Geometry* geometry = nullptr;   // n rows in canonical order, then the memory rows
    double unit = 1.0;                    // model units of one fixed-point step
    Digest seed;                          // of the round; known to nobody before its updates are in
    const RuleMemory* memory = nullptr;   // of the round before; never null
    const RowColumns* columns = nullptr;  // null unless the rule needs it
    std::span<const double> claims{};     // n weights that sites claim; empty unless needed
    // For what the rule reads of the columns. A rule that cannot do with it returns kLimitExceeded.
    std::size_t memory_bytes = std::numeric_limits<std::size_t>::max();
};

struct RuleAnswer {
    Combination combination;  // of the n rows and the memory rows
    RuleMemory memory;        // for the next round
    // For the next round: one combination for each memory row, in their order.
    std::vector<Combination> memory_rows;
};

struct RuleNeeds {
    bool geometry = false;
    bool centre = false;   // the geometry's centre anchor
    bool columns = false;  // coordinates of the rows
    bool claims = false;   // weights that the sites claim for themselves
    bool figures = false;  // figures of the round before
    MemoryRows memory = MemoryRows::kNone;
};

// One entry of the registry. Texts are one or two plain sentences for docs/aggregation.md.
struct RuleInfo {
    std::string_view name;
    std::uint16_t id = 0;          // never reused
    std::string_view summary;      // what it does
    std::string_view breaks;       // when it breaks or costs accuracy
    std::string_view cost;         // "O(n^2 d)" and passes
    std::string_view requirement;  // on n and f, for people: "n > 2f"
    std::string_view source;       // paper, with section, and what differs from it
    std::span<const ParameterInfo> parameters{};
    RuleNeeds needs{};
    bool (*supports)(const Arguments& arguments) = nullptr;
    // Largest value of parameter "m", for rules that select m rows; null for others.
    std::size_t (*selectable)(const Arguments& arguments) = nullptr;
    // REQUIRES supports(arguments). An Error is for what cannot be computed, never for bad rows.
    Result<RuleAnswer> (*combine)(const RuleInput& input) = nullptr;
};

struct PreInput {
    Arguments arguments;                 // n rows, of which f may be hostile
    const Geometry* geometry = nullptr;  // of the rows as they are now
    double unit = 1.0;
    Digest seed;
};

struct PreInfo {
    std::string_view name;
    std::uint16_t id = 0;
    std::string_view summary;
    std::string_view breaks;
    std::string_view cost;
    std::string_view requirement;
    std::string_view source;
    std::span<const ParameterInfo> parameters{};
    bool (*supports)(const Arguments& arguments) = nullptr;
    // How many rows are behind the step; null: n.
    std::size_t (*rows_after)(const Arguments& arguments) = nullptr;
    // A row behind it is no longer one site's alone: rules that look at one site's row, or keep a
    // memory of each, cannot follow it.
    bool mixes = false;
    Result<RowMap> (*apply)(const PreInput& input) = nullptr;
};

}  // namespace fedstake::aggregation
