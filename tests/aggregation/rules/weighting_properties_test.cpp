// What every rule of the two tables must hold, on ordinary and on hostile rows.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "aggregation/rules/column_table.hpp"
#include "aggregation/rules/weighting_table.hpp"
#include "tests/aggregation/rules/weighting_support.hpp"

namespace fedstake::aggregation::weighting {
namespace {

std::vector<const RuleInfo*> all_entries() {
    std::vector<const RuleInfo*> entries;
    for (const auto table : {weighting_rules(), column_rules()}) {
        for (const RuleInfo& info : table) {
            entries.push_back(&info);
        }
    }
    return entries;
}

// Required parameters get a value that the rule can work with for any n.
std::vector<std::optional<double>> parameters_for(const RuleInfo& info, std::size_t n,
                                                  std::uint32_t f) {
    std::vector<std::optional<double>> parameters;
    for (const ParameterInfo& parameter : info.parameters) {
        std::optional<double> value;
        if (parameter.name == "tau" || parameter.name == "norm") {
            value = 256.0;
        } else if (parameter.name == "alpha") {
            value = 1.0;
        } else if (parameter.name == "beta") {
            value = static_cast<double>(f) / static_cast<double>(n);
        } else if (parameter.required) {
            value = parameter.minimum;
        }
        parameters.push_back(value);
    }
    return parameters;
}

Question question_for(const RuleInfo& info, const Matrix& rows) {
    const auto f = static_cast<std::uint32_t>((rows.size() - 1) / 2);
    return {.rule = info.name,
            .rows = rows,
            .f = f,
            .parameters = parameters_for(info, rows.size(), f)};
}

void expect_sound(const RuleInfo& info, const Question& question) {
    const RuleAnswer answer = ask(question);
    const auto sound = [&](const Combination& combination) {
        EXPECT_EQ(combination.weights.size(), all_rows(question).size()) << info.name;
        EXPECT_GE(combination.denominator, 1U) << info.name;
        EXPECT_LE(combination.denominator, kWeightOne) << info.name;
        EXPECT_LE(std::accumulate(combination.weights.begin(), combination.weights.end(),
                                  std::uint64_t{0}),
                  std::uint64_t{1} << 31U)
            << info.name;
        for (const double value : combined(combination, all_rows(question))) {
            EXPECT_TRUE(std::isfinite(value)) << info.name;
        }
    };
    sound(answer.combination);
    for (const Combination& combination : answer.memory_rows) {
        EXPECT_EQ(combination.columns, ColumnRule::kWeightedMean) << info.name;
        sound(combination);
    }
    const std::size_t remembered = info.needs.memory == MemoryRows::kNone  ? 0
                                   : info.needs.memory == MemoryRows::kOne ? 1
                                                                           : question.rows.size();
    EXPECT_EQ(answer.memory_rows.size(), remembered) << info.name;
    for (const double figure : answer.memory.figures) {
        EXPECT_TRUE(std::isfinite(figure)) << info.name;
    }
}

TEST(RuleTables, EntriesAreComplete) {
    std::set<std::uint16_t> ids;
    std::set<std::string_view> names;
    for (const RuleInfo* info : all_entries()) {
        EXPECT_TRUE(ids.insert(info->id).second) << info->name;
        EXPECT_TRUE(names.insert(info->name).second) << info->name;
        for (const std::string_view text :
             {info->summary, info->breaks, info->cost, info->requirement, info->source}) {
            EXPECT_FALSE(text.empty()) << info->name;
        }
        EXPECT_NE(info->supports, nullptr) << info->name;
        EXPECT_NE(info->combine, nullptr) << info->name;
        for (const ParameterInfo& parameter : info->parameters) {
            EXPECT_LT(parameter.minimum, parameter.maximum) << info->name;
            EXPECT_TRUE(parameter.required ||
                        parameter.meaning.find("default") != std::string_view::npos)
                << info->name << ": " << parameter.name;
        }
    }
    EXPECT_EQ(ids.size(), 20U);
}

TEST(RuleTables, IdsOfEarlierReleasesStay) {
    EXPECT_EQ(rule_named("mean").id, 1);
    EXPECT_EQ(rule_named("median").id, 2);
    EXPECT_EQ(rule_named("trimmed-mean").id, 3);
    EXPECT_EQ(rule_named("trimmed-mean-fraction").id, 4);
}

TEST(EveryRule, AnswersAnyRowsSoundly) {
    Rng rng(41);
    for (int trial = 0; trial < 40; ++trial) {
        const std::size_t n = 1 + rng.below(12);
        const Matrix rows = random_rows(rng, n, 1 + rng.below(40));
        for (const RuleInfo* info : all_entries()) {
            expect_sound(*info, question_for(*info, rows));
        }
    }
}

TEST(EveryRule, TakesRowsAtTheEndOfTheRange) {
    // Norms of 2^31 sqrt(d) with d = 10^9, as far as distances tell.
    const double huge = 7e13;
    const Matrix rows{{huge, 0}, {-huge, huge}, {0, 0}, {1, 1}, {huge, -huge}, {2, 1}, {1, 2}};
    for (const RuleInfo* info : all_entries()) {
        if (!info->needs.columns) {
            expect_sound(*info, question_for(*info, rows));
        }
    }
}

TEST(EveryRule, OfOneRowIsThatRow) {
    const Matrix rows{{30, -40, 7}};
    for (const RuleInfo* info : all_entries()) {
        expect_near(aggregate(question_for(*info, rows)), rows[0], 1e-6);
    }
}

TEST(EveryRule, OfEqualRowsIsThatRow) {
    for (const std::size_t n : {2U, 3U, 6U, 9U}) {
        const Matrix rows(n, Values{30, -40, 7, 0});
        for (const RuleInfo* info : all_entries()) {
            SCOPED_TRACE(info->name);
            expect_near(aggregate(question_for(*info, rows)), rows[0], 1e-6);
        }
    }
}

TEST(EveryRule, OfZeroRowsIsZero) {
    const Matrix rows(5, Values(12, 0.0));
    for (const RuleInfo* info : all_entries()) {
        EXPECT_EQ(aggregate(question_for(*info, rows)), rows[0]) << info->name;
    }
}

TEST(EveryRule, TakesAMajorityOfZeroRows) {
    Matrix rows(7, Values(12, 0.0));
    rows[1][3] = 100.0;
    rows[5][3] = -90.0;
    for (const RuleInfo* info : all_entries()) {
        expect_sound(*info, question_for(*info, rows));
    }
}

// Rows in another order give the same aggregate, up to the last bits of doubles; a rule that keeps
// rows may keep others where two are equally good, which these rows avoid.
TEST(EveryRule, DoesNotCareForTheOrderOfRows) {
    Rng rng(42);
    for (int trial = 0; trial < 25; ++trial) {
        Matrix rows;
        for (std::size_t i = 0; i < 9; ++i) {
            Values row;
            for (std::size_t k = 0; k < 30; ++k) {
                row.push_back(std::floor(300.0 * rng.uniform() - (i < 6 ? 30.0 : 250.0)));
            }
            rows.push_back(row);
        }
        std::vector<std::size_t> order{0, 1, 2, 3, 4, 5, 6, 7, 8};
        rng.shuffle(std::span(order).subspan(1));  // a trusted row keeps its place
        Matrix shuffled;
        for (const std::size_t i : order) {
            shuffled.push_back(rows[i]);
        }
        for (const RuleInfo* info : all_entries()) {
            SCOPED_TRACE(info->name);
            expect_near(aggregate(question_for(*info, shuffled)),
                        aggregate(question_for(*info, rows)), 1e-3);
        }
    }
}

// Twice the rows give twice the aggregate, where no parameter is a length.
TEST(EveryRule, ScalesWithTheRows) {
    Rng rng(43);
    for (int trial = 0; trial < 25; ++trial) {
        const Matrix rows = random_rows(rng, 9, 20);
        Matrix twice;
        for (const Values& row : rows) {
            twice.push_back(scaled(row, 0.5));
        }
        for (const RuleInfo* info : all_entries()) {
            if (info->needs.columns) {
                continue;  // reads integers
            }
            SCOPED_TRACE(info->name);
            Question question = question_for(*info, rows);
            Question other = question_for(*info, twice);
            other.unit = 2.0;  // lengths in model units stay
            EXPECT_EQ(aggregate(other), scaled(aggregate(question), 0.5));
        }
    }
}

TEST(EveryRule, AnswersTheSameTwice) {
    Rng rng(44);
    const Matrix rows = random_rows(rng, 11, 25);
    for (const RuleInfo* info : all_entries()) {
        const RuleAnswer once = ask(question_for(*info, rows));
        const RuleAnswer again = ask(question_for(*info, rows));
        EXPECT_EQ(once.combination.weights, again.combination.weights) << info->name;
        EXPECT_EQ(once.memory.figures, again.memory.figures) << info->name;
    }
}

// (f, kappa)-robustness of the geometric median with the paper's constant 4 (1 + r)^2,
// r = f / (n - 2f): for every subset S of n - f rows, the squared distance to its mean is at most
// kappa times the mean square of S about it.
TEST(GeometricMedian, KeepsItsRobustnessBound) {
    Rng rng(45);
    constexpr std::size_t kN = 7;
    constexpr std::uint32_t kF = 2;
    const double r = static_cast<double>(kF) / (kN - 2.0 * kF);
    const double kappa = 4.0 * (1.0 + r) * (1.0 + r);
    for (int trial = 0; trial < 60; ++trial) {
        const Matrix rows = random_rows(rng, kN, 3);
        const Values z = aggregate({.rule = "geometric-median", .rows = rows, .f = kF});
        for (std::size_t a = 0; a < kN; ++a) {
            for (std::size_t b = a + 1; b < kN; ++b) {
                Values mean(3, 0.0);
                for (std::size_t i = 0; i < kN; ++i) {
                    mean = i == a || i == b ? mean : sum_of(mean, scaled(rows[i], 0.2));
                }
                double spread = 0.0;
                for (std::size_t i = 0; i < kN; ++i) {
                    const double apart = distance(rows[i], mean);
                    spread += i == a || i == b ? 0.0 : 0.2 * apart * apart;
                }
                // What integer weights can add at most.
                const double slack = 0x1p-27 * length(rows[a]) + 0x1p-27 * length(rows[b]) + 1e-5;
                EXPECT_LE(distance(z, mean), std::sqrt(kappa * spread) + slack);
            }
        }
    }
}

}  // namespace
}  // namespace fedstake::aggregation::weighting
