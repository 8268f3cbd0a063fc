// Every rule at the ends of what it takes: one site, the largest federation, many hostile sites.
#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "proto/base/limits.hpp"
#include "tests/aggregation/every_chain.hpp"
#include "tests/aggregation/reference.hpp"

namespace fedstake::aggregation {
namespace {

using reference::Matrix;
using reference::NamedChain;
using reference::Values;
using Names = std::set<std::string>;

// What hostile rows move by their length, by definition or because they are trusted or not counted.
const Names kNotBounded{
    "mean",  "weighted-mean",        "foolsgold",       "norm-difference-clipping",
    "slsgd", "robust-learning-rate", "weiszfeld-steps", "centered-clipping"};

bool supported(const NamedChain& chain, std::size_t n) {
    const auto found = find_chain(chain.rules);
    return found && check_support(*found, n, chain.rules.f).has_value();
}

Values result_of(const NamedChain& chain, const Matrix& rows) {
    reference::RuleRun run{.rules = chain.rules, .memory_bytes = std::size_t{64} << 20U};
    run.claims.assign(rows.size(), 1.0);
    return reference::library_result(rows, run);
}

std::vector<NamedChain> every_chain(std::uint32_t f) {
    std::vector<NamedChain> chains = reference::every_rule(f);
    for (NamedChain& chain : reference::every_pre(f)) {
        chains.push_back(std::move(chain));
    }
    return chains;
}

TEST(EverySize, OneSiteAloneIsTheAggregate) {
    const Matrix rows{{-70'000, 1, 0, 65'537, 12}};
    int checked = 0;
    for (NamedChain chain : every_chain(0)) {
        chain.rules.f = 0;
        if (chain.name != "slsgd" && supported(chain, 1)) {
            EXPECT_EQ(result_of(chain, rows), rows.front()) << chain.name;
            ++checked;
        }
    }
    EXPECT_GE(checked, 40);
}

TEST(EverySize, OneSiteBesideNobodySlsgdTakesItsShare) {
    for (const NamedChain& chain : reference::every_rule(0)) {
        if (chain.name == "slsgd") {  // alpha is 1/2; halves are rounded upwards
            EXPECT_EQ(result_of(chain, {{-7, 7, 100}}), (Values{-3, 4, 50}));
        }
    }
}

// Honest rows within 1000 steps of (5000, -9000, 0), the last f far away on one side.
Matrix attacked(Rng& rng, std::size_t n, std::uint32_t f) {
    const Values centre{5'000, -9'000, 0};
    Matrix rows(n, centre);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::int32_t& value : rows[i]) {
            value = i + f < n ? value + static_cast<std::int32_t>(rng.below(2001)) - 1000
                              : 2147483647 - static_cast<std::int32_t>(rng.below(1000));
        }
    }
    return rows;
}

void expect_bounded(const NamedChain& chain, const Matrix& rows, std::uint32_t f) {
    const Values result = result_of(chain, rows);
    const Matrix honest(rows.begin(), rows.end() - f);
    for (std::size_t j = 0; j < result.size(); ++j) {
        const auto [low, high] =
            std::minmax_element(honest.begin(), honest.end(),
                                [j](const Values& a, const Values& b) { return a[j] < b[j]; });
        ASSERT_GE(result[j], (*low)[j] - 1) << chain.name << " coordinate " << j;
        ASSERT_LE(result[j], (*high)[j] + 1) << chain.name << " coordinate " << j;
    }
}

TEST(EverySize, ManyHostileSitesDoNotLeadOutOfTheHonestHull) {
    Rng rng(11);
    for (const std::uint32_t f : {3U, 5U}) {
        const Matrix rows = attacked(rng, 4 * f + 3, f);
        int checked = 0;
        for (const NamedChain& chain : reference::every_rule(f)) {
            if (kNotBounded.count(chain.name) == 0 && supported(chain, rows.size())) {
                expect_bounded(chain, rows, f);
                ++checked;
            }
        }
        EXPECT_GE(checked, 18) << f;
    }
}

TEST(EverySize, TheLargestFederationKeepsTheBoundsOfSmallOnes) {
    constexpr std::uint32_t kHostile = 3;
    Rng rng(12);
    const Matrix rows = attacked(rng, limits::kSitesMax, kHostile);
    int checked = 0;
    for (const NamedChain& chain : reference::every_rule(kHostile)) {
        // O(n^3): left to the rules' own tests.
        const bool slow = chain.name == "caf" || chain.name == "clipped-clustering";
        if (kNotBounded.count(chain.name) == 0 && !slow && supported(chain, rows.size())) {
            expect_bounded(chain, rows, kHostile);
            ++checked;
        }
    }
    EXPECT_GE(checked, 16);
}

TEST(EverySize, OneSiteMoreThanTheLargestFederationIsRefused) {
    const Matrix rows(limits::kSitesMax + 1, Values(1, 5));
    const reference::Sources sources(rows);
    const auto result = aggregate_matrix(
        {.rows = sources.pointers, .rules = reference::rule("median", 1), .seed = {}}, {});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::kInvalidInput);
}

}  // namespace
}  // namespace fedstake::aggregation
