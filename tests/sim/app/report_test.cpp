// The printed forms of an aggregation.
#include "sim/app/aggregate_report.hpp"

#include <bit>
#include <cstdlib>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aggregation/detect/judge.hpp"
#include "proto/base/rng.hpp"

namespace fedstake::sim {
namespace {

using ::testing::HasSubstr;

TEST(Shortest, ReadsBackAsTheSameDouble) {
    EXPECT_EQ(shortest(0.1), "0.1");
    EXPECT_EQ(shortest(3.0), "3");
    EXPECT_EQ(shortest(-0x1p-27), "-7.450580596923828e-09");
    EXPECT_EQ(shortest(1e22), "1e+22");
    Rng rng(1);
    for (int i = 0; i < 1000; ++i) {
        const double value = std::bit_cast<double>(rng.next() & ~(std::uint64_t{1} << 62U));
        EXPECT_EQ(std::strtod(shortest(value).c_str(), nullptr), value);
    }
    EXPECT_EQ(std::strtod(shortest(std::numeric_limits<double>::max()).c_str(), nullptr),
              std::numeric_limits<double>::max());
}

class RenderTable : public ::testing::Test {
protected:
    RenderTable() {
        for (std::int32_t k = 0; k < 20; ++k) {
            const auto* bytes = reinterpret_cast<const std::uint8_t*>(&k);
            EXPECT_TRUE(steps_.append({bytes, 4}));
        }
        report_.rule = "median";
        report_.aggregate = {.steps = &steps_, .exponent = -1};
        report_.rows.resize(2);
        using aggregation::detect::Signal;
        report_.limits = aggregation::detect::limits_for(2);
        report_.rows[1].signals[static_cast<std::size_t>(Signal::kNorm)] = 5.0;
        report_.rows[1].signals[static_cast<std::size_t>(Signal::kDistance)] = 1e6;
        report_.rows[1].fired = bit(Signal::kNorm) | bit(Signal::kDistance);
    }
    std::string table(bool colour) {
        const auto text = render_table(report_, colour);
        EXPECT_TRUE(text);
        return text.value_or("");
    }
    Spool steps_;
    AggregateReport report_;
};

TEST_F(RenderTable, CutsTheAggregateAndSaysSo) {
    EXPECT_THAT(table(false), HasSubstr("aggregate: 0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5 and 12 more"));
}

TEST_F(RenderTable, NamesTheChain) {
    EXPECT_THAT(table(false), HasSubstr("median: 2 rows of 20 values, f = 0, in steps of 2^-1\n"));
    report_.pre = {"arc", "nnm"};
    EXPECT_THAT(table(false), HasSubstr("median behind arc, nnm: 2 rows"));
}

TEST_F(RenderTable, ColoursOnlyForATerminal) {
    EXPECT_EQ(table(false).find('\x1b'), std::string::npos);
    EXPECT_THAT(table(true), HasSubstr("\x1b[31m  1"));
    EXPECT_THAT(table(true), HasSubstr("norm, distance\x1b[0m"));
}

}  // namespace
}  // namespace fedstake::sim
