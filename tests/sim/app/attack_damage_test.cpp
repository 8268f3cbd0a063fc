// The rules that an attack is listed to break are those that it breaks.
#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aggregation/aggregate.hpp"
#include "proto/base/rng.hpp"
#include "sim/attacks.hpp"
#include "tests/aggregation/every_chain.hpp"

namespace fedstake::sim {
namespace {

using Row = std::vector<std::int32_t>;
namespace reference = aggregation::reference;

constexpr std::size_t kSites = 15;
constexpr std::uint32_t kHostile = 3;
constexpr std::size_t kCoordinates = 400;
constexpr double kUnit = 0x1p-20;

// A common direction of length 1 and noise of length 1/2 of each site's own.
std::vector<Row> honest_rows(Rng& rng) {
    std::vector<double> common;
    for (std::size_t j = 0; j < kCoordinates; ++j) {
        common.push_back(rng.normal());
    }
    std::vector<Row> rows(kSites);
    for (Row& row : rows) {
        for (const double value : common) {
            const double real = (value + 0.5 * rng.normal()) / std::sqrt(double{kCoordinates});
            row.push_back(static_cast<std::int32_t>(std::lround(real / kUnit)));
        }
    }
    return rows;
}

Row aggregate(const std::vector<Row>& rows, const rules::AggregationRules& rules) {
    std::vector<std::unique_ptr<aggregation::VectorSource>> sources;
    std::vector<const aggregation::VectorSource*> pointers;
    for (const Row& row : rows) {
        sources.push_back(aggregation::memory_source(std::span<const std::int32_t>(row)));
        pointers.push_back(sources.back().get());
    }
    std::vector<double> claims(rows.size(), 1.0);
    Row out;
    const aggregation::MatrixOptions options{.aggregate_sink = [&](ByteView bytes) {
        const std::size_t before = out.size();
        out.resize(before + bytes.size() / 4);
        std::memcpy(out.data() + before, bytes.data(), bytes.size());
        return Status{};
    }};
    const auto result = aggregation::aggregate_matrix(
        {.rows = pointers, .unit = kUnit, .rules = rules, .seed = {}, .claims = claims}, options);
    EXPECT_TRUE(result) << rules.rule.name << ": " << result.error().message;
    return out;
}

double length_between(const Row& a, const Row& b) {
    double sum = 0.0;
    for (std::size_t j = 0; j < a.size(); ++j) {
        const double difference = static_cast<double>(a[j]) - b[j];
        sum += difference * difference;
    }
    return std::sqrt(sum);
}

// How far the attack moves the rule's result, over the length of the result without it. The last
// three sites attack at the default strength, in the second round of a steady training.
double damage(const Attack& attack, const rules::AggregationRules& rules) {
    Rng rng(5);
    const std::vector<Row> before = honest_rows(rng);
    std::vector<Row> rows = before;
    const Row wanted = aggregate(rows, rules);
    for (std::size_t i = kSites - kHostile; i < kSites; ++i) {
        rows[i] = attack.apply({.honest = before[i], .previous = before[i]}, rng);
    }
    return length_between(aggregate(rows, rules), wanted) /
           length_between(wanted, Row(kCoordinates, 0));
}

TEST(AttackDamage, IsListedWhereItIsAboveAThird) {
    for (const Attack& attack : attacks()) {
        std::vector<std::string_view> broken;
        std::string measured;
        const std::vector<reference::NamedChain> chains = reference::every_rule(kHostile);
        for (const reference::NamedChain& chain : chains) {
            const double moved = damage(attack, chain.rules);
            measured += fmt::format("{} {:.3f}, ", chain.name, moved);
            if (moved > 1.0 / 3.0) {
                broken.push_back(chain.name);
            }
        }
        EXPECT_THAT(broken, ::testing::ElementsAreArray(attack.breaks))
            << attack.name << ": " << measured;
    }
}

}  // namespace
}  // namespace fedstake::sim
