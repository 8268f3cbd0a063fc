// Every rule by columns, on every instruction set, against its definition.
#include "aggregation/column_program.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "aggregation/integer_math.hpp"
#include "aggregation/kernels/targets.hpp"
#include "tests/aggregation/columns/column_reference.hpp"

namespace fedstake::aggregation::columns {
namespace {

constexpr std::int32_t kLow = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t kHigh = std::numeric_limits<std::int32_t>::max();
constexpr ColumnRule kRules[] = {ColumnRule::kWindowMean, ColumnRule::kWinsorizedMean,
                                 ColumnRule::kNearestMedian, ColumnRule::kNearestRow,
                                 ColumnRule::kSignVote};

std::vector<const std::int32_t*> pointers(const Matrix& rows) {
    std::vector<const std::int32_t*> result;
    for (const Values& row : rows) {
        result.push_back(row.data());
    }
    return result;
}

Values run(const Combination& combination, const Matrix& rows, const Values& reference) {
    const ColumnProgram program(combination);
    Values scratch(program.scratch_values());
    Values out(rows.front().size());
    program.run(pointers(rows), reference.data(), out.size(), scratch, out.data());
    return out;
}

// The result of every instruction set is what the definition says.
void expect_definition(const Combination& combination, const Matrix& rows,
                       const Values& reference) {
    const Values expected = by_definition(combination, rows, reference);
    for (const kernels::Target& target : kernels::targets()) {
        const kernels::ForcedTarget forced(target);
        ASSERT_EQ(run(combination, rows, reference), expected)
            << target.name << ", rule " << static_cast<int>(combination.columns) << ", n "
            << rows.size() << ", window " << combination.first << " to " << combination.last
            << ", count " << combination.count << ", threshold " << combination.threshold;
    }
}

void expect_all_rules(Rng& rng, Kind kind, std::size_t n, std::size_t columns) {
    const Matrix rows = make_rows(rng, kind, n, columns);
    const Values reference = make_values(rng, kind, columns);
    for (const ColumnRule rule : kRules) {
        expect_definition(make_combination(rng, rule, n), rows, reference);
    }
    expect_definition(median_of(n), rows, reference);
}

Combination window(std::size_t n, std::size_t first, std::size_t last) {
    Combination result;
    result.columns = ColumnRule::kWindowMean;
    result.weights.assign(n, 1);
    result.first = first;
    result.last = last;
    return result;
}

Combination nearest_median(std::size_t n, std::size_t count) {
    Combination result = window(n, 0, 0);
    result.columns = ColumnRule::kNearestMedian;
    result.count = count;
    return result;
}

Combination sign_vote(std::size_t n, std::size_t threshold) {
    Combination result = window(n, 0, 0);
    result.columns = ColumnRule::kSignVote;
    result.threshold = threshold;
    return result;
}

// One column.
std::int32_t run_column(const Combination& combination, const Values& column) {
    Matrix rows;
    for (const std::int32_t value : column) {
        rows.push_back({value});
    }
    return run(combination, rows, {0}).front();
}

TEST(ColumnProgram, MatchesTheDefinitionForEachNumberOfRows) {
    Rng rng(1);
    for (std::size_t n = 1; n <= 70; ++n) {
        expect_all_rules(rng, kKinds[n % std::size(kKinds)], n, 1 + rng.below(40));
    }
}

TEST(ColumnProgram, MatchesTheDefinitionForManyRows) {
    Rng rng(2);
    for (const std::size_t n : {96U, 100U, 129U, 200U, 255U, 297U, 512U}) {
        expect_all_rules(rng, Kind::kModel, n, 17);
    }
    expect_all_rules(rng, Kind::kTies, 100, 33);
    expect_all_rules(rng, Kind::kAll, 255, 16);
    expect_all_rules(rng, Kind::kExtreme, 512, 8);
}

TEST(ColumnProgram, TakesAsManyRowsAsItSays) {
    Rng rng(3);
    expect_all_rules(rng, Kind::kModel, kernels::kColumnRowsMax, 5);
    expect_all_rules(rng, Kind::kExtreme, kernels::kColumnRowsMax - 3, 16);
}

TEST(ColumnProgram, EveryKindOfValueIsExact) {
    Rng rng(4);
    for (const Kind kind : kKinds) {
        for (const std::size_t n : {2U, 3U, 16U, 21U, 32U, 33U, 45U}) {
            expect_all_rules(rng, kind, n, 50);
        }
    }
}

TEST(ColumnProgram, EveryNumberOfColumnsIsHandled) {
    Rng rng(5);
    for (std::size_t columns = 1; columns <= 150; ++columns) {
        const ColumnRule rule = kRules[columns % std::size(kRules)];
        const std::size_t n = columns % 3 == 0 ? 35 : 5;
        const Matrix rows = make_rows(rng, Kind::kRare, n, columns);
        expect_definition(make_combination(rng, rule, n), rows,
                          make_values(rng, Kind::kRare, columns));
    }
}

TEST(ColumnProgram, EveryWindowOfFewRowsIsRight) {
    Rng rng(6);
    for (std::size_t n = 1; n <= 9; ++n) {
        const Matrix rows = make_rows(rng, Kind::kRare, n, 18);
        const Values reference = make_values(rng, Kind::kRare, 18);
        for (const ColumnRule rule : kRules) {
            for (std::size_t first = 0; first < n; ++first) {
                for (std::size_t last = first + 1; last <= n; ++last) {
                    Combination combination = window(n, first, last);
                    combination.columns = rule;
                    combination.count = last - first;
                    combination.threshold = last - first;
                    expect_definition(combination, rows, reference);
                }
            }
        }
    }
}

TEST(ColumnProgram, EveryWindowOfMergedRowsIsRight) {
    Rng rng(7);
    const std::size_t n = 41;
    const Matrix rows = make_rows(rng, Kind::kModel, n, 4);
    const Values reference = make_values(rng, Kind::kModel, 4);
    for (std::size_t first = 0; first < n; first += 3) {
        for (std::size_t last = first + 1; last <= n; last += 2) {
            expect_definition(window(n, first, last), rows, reference);
        }
    }
    for (std::size_t count = 1; count <= n; ++count) {
        expect_definition(nearest_median(n, count), rows, reference);
    }
}

// The first value beyond the short forms' range changes the path in the middle of a block.
TEST(ColumnProgram, OneLargeValueChangesOnlyItsColumn) {
    Rng rng(8);
    for (const std::int32_t large :
         {1 << 28, (1 << 28) - 1, -(1 << 28), -(1 << 28) - 1, 1 << 29, 1 << 30, kLow, kHigh}) {
        Matrix rows = make_rows(rng, Kind::kModel, 37, 100);
        rows[11][70] = large;
        const Values reference = make_values(rng, Kind::kModel, 100);
        for (const ColumnRule rule : kRules) {
            expect_definition(make_combination(rng, rule, rows.size()), rows, reference);
        }
    }
}

TEST(ColumnProgram, ALargeReferenceIsExact) {
    Rng rng(9);
    const Matrix rows = make_rows(rng, Kind::kModel, 20, 64);
    Values reference = make_values(rng, Kind::kModel, 64);
    reference[40] = kLow;
    reference[41] = kHigh;
    expect_definition(make_combination(rng, ColumnRule::kNearestRow, 20), rows, reference);
}

TEST(ColumnProgram, OrderOfRowsChangesNothing) {
    Rng rng(10);
    for (const std::size_t n : {7U, 20U, 33U, 70U}) {
        Matrix rows = make_rows(rng, Kind::kTies, n, 40);
        const Values reference = make_values(rng, Kind::kTies, 40);
        for (const ColumnRule rule : kRules) {
            const Combination combination = make_combination(rng, rule, n);
            const Values before = run(combination, rows, reference);
            rng.shuffle(std::span(rows));
            EXPECT_EQ(run(combination, rows, reference), before);
        }
    }
}

TEST(ColumnProgram, NothingDroppedIsTheMean) {
    Rng rng(11);
    for (const std::size_t n : {1U, 6U, 33U}) {
        const Matrix rows = make_rows(rng, Kind::kAll, n, 30);
        Values mean;
        for (std::size_t j = 0; j < 30; ++j) {
            std::int64_t sum = 0;
            for (const Values& row : rows) {
                sum += row[j];
            }
            mean.push_back(
                static_cast<std::int32_t>(rounded_div(sum, static_cast<std::int64_t>(n))));
        }
        for (const ColumnRule rule : kRules) {
            Combination combination = window(n, 0, n);
            combination.columns = rule;
            combination.count = n;
            EXPECT_EQ(run(combination, rows, rows.front()), mean);
        }
    }
}

TEST(ColumnProgram, MedianOfAnEvenNumberRoundsHalvesUpwards) {
    EXPECT_EQ(run_column(median_of(2), {2, 1}), 2);
    EXPECT_EQ(run_column(median_of(2), {-2, -1}), -1);
    EXPECT_EQ(run_column(median_of(4), {9, -9, 0, -1}), 0);
    EXPECT_EQ(run_column(median_of(2), {kLow, kHigh}), 0);
    EXPECT_EQ(run_column(median_of(2), {kHigh, kHigh}), kHigh);
    EXPECT_EQ(run_column(median_of(3), {kLow, kHigh, 7}), 7);
}

TEST(ColumnProgram, OfTwoNearestValuesTheSmallerStays) {
    EXPECT_EQ(run_column(nearest_median(3, 2), {4, 2, 0}), 1);
    EXPECT_EQ(run_column(nearest_median(3, 2), {4, 1, 0}), 1);  // (0 + 1) / 2, upwards
    EXPECT_EQ(run_column(nearest_median(3, 2), {4, 3, 0}), 4);  // (3 + 4) / 2, upwards
    EXPECT_EQ(run_column(nearest_median(5, 3), {kLow, -1, 0, 1, kHigh}), 0);
}

TEST(ColumnProgram, TrimmedMeanIgnoresTheLargestAndSmallest) {
    EXPECT_EQ(run_column(window(5, 1, 4), {kHigh, 1, 2, 3, kLow}), 2);
    EXPECT_EQ(run_column(window(5, 1, 4), {kLow, kHigh, 1, 2, 4}), 2);
}

TEST(ColumnProgram, SignVoteNegatesAMeanWithoutAgreement) {
    EXPECT_EQ(run_column(sign_vote(3, 2), {3, 3, -3}), -1);
    EXPECT_EQ(run_column(sign_vote(3, 1), {3, 3, -3}), 1);
    EXPECT_EQ(run_column(sign_vote(3, 1), {3, 0, -3}), 0);
    EXPECT_EQ(run_column(sign_vote(2, 9), {kLow, kLow}), kHigh);
    EXPECT_EQ(run_column(sign_vote(2, 9), {kHigh, kHigh}), -kHigh);
    EXPECT_EQ(run_column(sign_vote(2, kHigh), {5, 5}), -5);
}

TEST(ColumnProgram, TakesTheRowsWithAWeight) {
    Combination combination = window(5, 0, 1);
    combination.weights = {0, 1, 1, 0, 1};
    const ColumnProgram program(combination);
    EXPECT_EQ(std::vector(program.rows().begin(), program.rows().end()),
              (std::vector<std::size_t>{1, 2, 4}));
    EXPECT_FALSE(program.needs_reference());
    combination.columns = ColumnRule::kNearestRow;
    combination.count = 2;
    EXPECT_TRUE(ColumnProgram(combination).needs_reference());
}

TEST(ColumnProgram, WritesNothingBehindItsBuffers) {
    Rng rng(12);
    constexpr std::int32_t kMark = 0x5a5a5a5a;
    for (const std::size_t n : {5U, 32U, 61U}) {
        for (const std::size_t columns : {1U, 15U, 16U, 33U}) {
            const Matrix rows = make_rows(rng, Kind::kModel, n, columns);
            const ColumnProgram program(median_of(n));
            for (std::size_t shift = 0; shift < 16; ++shift) {
                Values scratch(program.scratch_values() + 32, kMark);
                Values out(columns + 1, kMark);
                program.run(pointers(rows), nullptr, columns,
                            std::span(scratch).subspan(shift, program.scratch_values()),
                            out.data());
                ASSERT_EQ(out.back(), kMark);
                for (std::size_t i = 0; i < shift; ++i) {
                    ASSERT_EQ(scratch[i], kMark);
                }
                for (std::size_t i = shift + program.scratch_values(); i < scratch.size(); ++i) {
                    ASSERT_EQ(scratch[i], kMark);
                }
            }
        }
    }
}

TEST(ColumnProgram, NoColumnsAreNoWork) {
    const ColumnProgram program(median_of(3));
    Values scratch(program.scratch_values());
    const std::vector<const std::int32_t*> rows(3);
    program.run(rows, nullptr, 0, scratch, nullptr);
}

TEST(ColumnProgramDeathTest, ChecksItsArguments) {
    EXPECT_DEATH(ColumnProgram(window(3, 2, 2)), "first < plan.last");
    EXPECT_DEATH(ColumnProgram(window(3, 0, 4)), "plan.last <= rows");
    EXPECT_DEATH(ColumnProgram(nearest_median(3, 4)), "plan.count <= rows");
    EXPECT_DEATH(ColumnProgram(window(0, 0, 1)), "rows >= 1");
    Combination weighted = window(3, 0, 3);
    weighted.weights[1] = 2;
    EXPECT_DEATH(ColumnProgram{weighted}, "weights");
}

}  // namespace
}  // namespace fedstake::aggregation::columns
