// Laws that hold for every rule of the registry, on random rounds: unanimity, order of the sites,
// translation, scale. A rule that is added has to keep them or be named here.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <set>

#include <gtest/gtest.h>

#include "tests/aggregation/every_chain.hpp"
#include "tests/aggregation/reference.hpp"

namespace fedstake::aggregation {
namespace {

using reference::Matrix;
using reference::NamedChain;
using reference::Values;
using Names = std::set<std::string>;

constexpr std::uint32_t kHostile = 2;
constexpr std::uint8_t kScaleBits = 24;

// Random choices are tied to places, and so is a trusted row.
// Bulyan: its last picks have one neighbour, and two rows that are each other's nearest always tie.
const Names kTiedToPlaces{"bulyan",         "dnc",          "signguard", "fltrust", "monna",
                          "n-closest-mean", "weighted-mean"};
// What looks at the zero vector, at norms or at signs does not follow a translation.
const Names kTiedToZero{"centered-clipping",
                        "clipped-clustering",
                        "flame",
                        "fltrust",
                        "foolsgold",
                        "signguard",
                        "norm-difference-clipping",
                        "weiszfeld-steps",
                        "robust-learning-rate",
                        "slsgd"};
// Limits in model units do not grow with the rows.
const Names kTiedToUnits{"centered-clipping", "norm-difference-clipping", "weiszfeld-steps"};

// Rows of norms below one model unit, a few of them far from the others.
Matrix random_round(Rng& rng, std::size_t n) {
    Matrix rows(n, Values(9));
    for (std::size_t i = 0; i < n; ++i) {
        for (std::int32_t& value : rows[i]) {
            value = static_cast<std::int32_t>(rng.below(1U << 20U)) - (1 << 19) +
                    (i % 5 == 4 ? 1 << 21 : 1 << 18);
        }
    }
    return rows;
}

Values result_of(const NamedChain& chain, const Matrix& rows) {
    reference::RuleRun run{.rules = chain.rules};
    run.rules.scale_bits = kScaleBits;
    run.claims.assign(rows.size(), 1.0);
    return reference::library_result(rows, run);
}

void over_rounds(std::uint64_t seed, const Names& without,
                 const std::function<void(Rng&, const Matrix&, const NamedChain&)>& check) {
    Rng rng(seed);
    for (int trial = 0; trial < 60; ++trial) {
        const Matrix rows = random_round(rng, 11 + rng.below(4));
        for (const NamedChain& chain : reference::every_rule(kHostile)) {
            SCOPED_TRACE(chain.name + " trial " + std::to_string(trial));
            if (without.count(chain.name) == 0) {
                check(rng, rows, chain);
            }
            if (::testing::Test::HasFatalFailure()) {
                return;
            }
        }
    }
}

void expect_close(const Values& got, const Values& wanted, std::int32_t steps) {
    ASSERT_EQ(got.size(), wanted.size());
    for (std::size_t j = 0; j < got.size(); ++j) {
        ASSERT_LE(std::abs(got[j] - wanted[j]), steps) << "coordinate " << j;
    }
}

TEST(EveryRule, ReturnsWhatAllSitesSent) {
    over_rounds(1, {"slsgd"}, [](Rng&, const Matrix& rows, const NamedChain& chain) {
        const Matrix same(rows.size(), rows.front());
        ASSERT_EQ(result_of(chain, same), rows.front());
    });
}

TEST(EveryRule, DoesNotDependOnTheOrderOfSites) {
    over_rounds(2, kTiedToPlaces, [](Rng& rng, Matrix rows, const NamedChain& chain) {
        const Values before = result_of(chain, rows);
        rng.shuffle(std::span(rows));
        expect_close(result_of(chain, rows), before, 2);
    });
}

TEST(EveryRule, FollowsATranslation) {
    over_rounds(3, kTiedToZero, [](Rng& rng, Matrix rows, const NamedChain& chain) {
        Values wanted = result_of(chain, rows);
        for (std::size_t j = 0; j < wanted.size(); ++j) {
            const auto shift = static_cast<std::int32_t>(rng.below(1U << 23U)) - (1 << 22);
            wanted[j] += shift;
            for (Values& row : rows) {
                row[j] += shift;
            }
        }
        expect_close(result_of(chain, rows), wanted, 2);
    });
}

TEST(EveryRule, FollowsAScale) {
    over_rounds(4, kTiedToUnits, [](Rng&, Matrix rows, const NamedChain& chain) {
        Values wanted = result_of(chain, rows);
        for (std::int32_t& value : wanted) {
            value *= 4;
        }
        for (Values& row : rows) {
            for (std::int32_t& value : row) {
                value *= 4;
            }
        }
        expect_close(result_of(chain, rows), wanted, 6);
    });
}

TEST(EveryRule, ZeroRowsGiveZero) {
    const Matrix zeros(11, Values(5, 0));
    for (const NamedChain& chain : reference::every_rule(kHostile)) {
        EXPECT_EQ(result_of(chain, zeros), Values(5, 0)) << chain.name;
    }
    for (const NamedChain& chain : reference::every_pre(kHostile)) {
        EXPECT_EQ(result_of(chain, zeros), Values(5, 0)) << chain.name;
    }
}

// One step of the fixed point is more than the limit allows.
TEST(EveryRule, RowsThatAreClippedToNothingGiveZero) {
    const Matrix far(11, Values(3, 2147483647));
    for (NamedChain chain : reference::every_rule(kHostile)) {
        if (chain.name == "foolsgold" || chain.name == "clipped-clustering") {
            continue;
        }
        chain.rules.pre = {
            {.name = "norm-clip", .parameters = {{.name = "norm", .value = 0x1p-16}}}};
        reference::RuleRun run{.rules = chain.rules};
        run.rules.scale_bits = 17;
        run.claims.assign(far.size(), 1.0);
        EXPECT_EQ(reference::library_result(far, run), Values(3, 0)) << chain.name;
    }
}

TEST(NormClip, ALimitBeyondEveryRowChangesNothing) {
    const Matrix rows{{1 << 20, 5}, {7, -9}, {3, 3}};
    for (const double unit_bits : {24.0, 60.0, 200.0}) {
        const reference::Sources sources(rows);
        auto rules = reference::rule("mean", 0);
        rules.pre = {{.name = "norm-clip", .parameters = {{.name = "norm", .value = 65536.0}}}};
        Bytes bytes;
        ASSERT_TRUE(aggregate_matrix({.rows = sources.pointers,
                                      .unit = std::ldexp(1.0, -static_cast<int>(unit_bits)),
                                      .rules = rules,
                                      .seed = {}},
                                     {.aggregate_sink = reference::collect(bytes)}));
        EXPECT_EQ(reference::to_values(bytes), reference::mean(rows));
    }
}

// No overflow, no value that is not a number, at the ends of the range.
TEST(EveryRule, StaysInsideTheRangeOfExtremeRows) {
    constexpr std::int32_t kMost = 2147483647;
    Rng rng(5);
    for (int trial = 0; trial < 20; ++trial) {
        Matrix rows(12, Values(6));
        for (Values& row : rows) {
            for (std::int32_t& value : row) {
                value = rng.below(2) == 0 ? kMost : -kMost;
            }
        }
        std::vector<NamedChain> chains = reference::every_rule(kHostile);
        for (NamedChain& chain : reference::every_pre(kHostile)) {
            chains.push_back(std::move(chain));
        }
        for (const NamedChain& chain : chains) {
            for (const std::int32_t value : result_of(chain, rows)) {
                ASSERT_GE(value, -kMost) << chain.name;
            }
        }
    }
}

}  // namespace
}  // namespace fedstake::aggregation
