// Random chains on random rows: the library's bytes against the slow version of every rule, and
// against themselves for other thread counts, memory sizes and orders of the rows.
//
// FEDSTAKE_FUZZ_CHAINS=50000 tries so many chains, FEDSTAKE_FUZZ_SEED=7 others.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <numeric>
#include <string>

#include <gtest/gtest.h>

#include "aggregation/registry.hpp"
#include "tests/aggregation/reference/draws.hpp"

namespace fedstake::aggregation::slow {
namespace {

using reference::Values;

constexpr std::uint64_t kChainsDefault = 300;
constexpr std::size_t kMemory = std::size_t{64} << 20U;
// Of all draws, that may differ where a choice hangs on the rounding of a double: 2 in 100.
constexpr std::uint64_t kExcusedShare = 50;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* const text = std::getenv(variable);
    return text == nullptr ? otherwise : std::stoull(text);
}

struct Made {
    Values aggregate;
    std::vector<Values> memory;
    std::vector<double> figures;
    bool enough_memory = true;
    friend bool operator==(const Made&, const Made&) = default;
};

// Anybody can make the aggregate again from the weights that the library reports.
void expect_reported_weights(const ChainQuestion& question, const Combination& effective,
                             const Values& aggregate) {
    if (effective.columns != ColumnRule::kWeightedMean) {
        return;
    }
    reference::Matrix rows = question.rows;
    rows.insert(rows.end(), question.memory.begin(), question.memory.end());
    ASSERT_EQ(effective.weights.size(), rows.size());
    for (std::size_t j = 0; j < aggregate.size(); ++j) {
        std::int64_t sum = 0;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            sum += std::int64_t{effective.weights[i]} * rows[i][j];
        }
        const std::int64_t mean = rounded_mean(sum, effective.denominator);
        ASSERT_EQ(aggregate[j], std::clamp<std::int64_t>(mean, -2147483647, 2147483647));
    }
}

Made library(const ChainQuestion& question, unsigned threads, std::size_t memory_bytes) {
    const reference::Sources rows(question.rows);
    const reference::Sources memory(question.memory);
    Bytes bytes;
    std::vector<Bytes> memory_bytes_made(question.memory.size());
    std::vector<ByteSink> sinks;
    for (Bytes& made : memory_bytes_made) {
        sinks.push_back(reference::collect(made));
    }
    const auto result = aggregate_matrix({.rows = rows.pointers,
                                          .unit = question.unit,
                                          .rules = question.rules,
                                          .seed = question.seed,
                                          .claims = question.claims,
                                          .memory = {.figures = question.figures},
                                          .memory_rows = memory.pointers},
                                         {.threads = threads,
                                          .memory_bytes_max = memory_bytes,
                                          .aggregate_sink = reference::collect(bytes),
                                          .memory_sinks = sinks});
    Made made;
    if (!result) {
        made.enough_memory = result.error().code != Errc::kLimitExceeded;
        EXPECT_FALSE(made.enough_memory) << result.error().message;
        return made;
    }
    made.aggregate = reference::to_values(bytes);
    for (const Bytes& row : memory_bytes_made) {
        made.memory.push_back(reference::to_values(row));
    }
    made.figures = result->memory.figures;
    expect_reported_weights(question, result->effective, made.aggregate);
    return made;
}

bool right(const Made& made, const ChainAnswer& answer) {
    bool all = within(made.aggregate, answer.aggregate) &&
               made.memory.size() == answer.memory.size() &&
               made.figures.size() == answer.figures.size();
    for (std::size_t k = 0; all && k < made.memory.size(); ++k) {
        all = within(made.memory[k], answer.memory[k]);
    }
    for (std::size_t k = 0; all && k < made.figures.size(); ++k) {
        const Real allowed = answer.figure_errors[k] + 1e-15L * answer.figures[k];
        all = made.figures[k] >= answer.figures[k] - allowed &&
              made.figures[k] <= answer.figures[k] + allowed;
    }
    return all;
}

std::string difference(const Made& made, const ChainAnswer& answer) {
    std::string text;
    for (std::size_t j = 0; j < made.aggregate.size() && j < answer.aggregate.size(); ++j) {
        const Range range = answer.aggregate[j];
        if (made.aggregate[j] < range.low || made.aggregate[j] > range.high) {
            text += " [" + std::to_string(j) + "] " + std::to_string(made.aggregate[j]) +
                    " not in " + std::to_string(range.low) + " .. " + std::to_string(range.high);
        }
        if (text.size() > 400) {
            break;
        }
    }
    return text.empty() ? " in what the rule keeps" : text;
}

// The least memory that does, found by trying.
Made with_little_memory(const ChainQuestion& question, unsigned threads) {
    for (std::size_t bytes = 1024;; bytes *= 2) {
        Made made = library(question, threads, bytes);
        if (made.enough_memory) {
            return made;
        }
    }
}

class Fuzz {
public:
    explicit Fuzz(std::uint64_t seed) : rng_(seed) {}

    void one() {
        const Draw draw = draw_chain(rng_);
        ++draws_;
        ++of_rule_[draw.question.rules.rule.name];
        const Made made = library(draw.question, 1, kMemory);
        ASSERT_TRUE(made.enough_memory) << draw.name;
        const ChainAnswer wanted = answer(draw.question);
        compare(draw.name, draw.question, made, wanted);
        ASSERT_EQ(library(draw.question, 3, kMemory), made) << draw.name << ", 3 threads";
        ASSERT_EQ(with_little_memory(draw.question, 1 + draws_ % 2), made)
            << draw.name << ", little memory";
        in_another_order(draw, wanted);
    }

    void finish() const {
        EXPECT_LE(excused_ * kExcusedShare, draws_);
        for (const RuleInfo* rule : all_rules()) {
            const auto found = of_rule_.find(std::string(rule->name));
            EXPECT_TRUE(found != of_rule_.end() && found->second >= draws_ / 200) << rule->name;
        }
        std::string by_chain;
        for (const auto& [name, count] : excused_of_) {
            by_chain += "\n  " + std::to_string(count) + " " + name;
        }
        ::testing::Test::RecordProperty("excused", std::to_string(excused_));
        if (draws_ > kChainsDefault) {
            std::printf("%llu chains, %llu excused:%s\n", static_cast<unsigned long long>(draws_),
                        static_cast<unsigned long long>(excused_), by_chain.c_str());
        }
    }

private:
    void in_another_order(const Draw& draw, const ChainAnswer& wanted) {
        std::vector<std::size_t> order(draw.question.rows.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        rng_.shuffle(std::span(order));
        const ChainQuestion other = reordered(draw.question, order);
        const Made made = library(other, 1, kMemory);
        compare(draw.name + ", reordered", other, made, answer(other));
        if (!wanted.doubtful && !wanted.tied && wanted.raw) {
            EXPECT_TRUE(within(made.aggregate, wanted.aggregate)) << draw.name << ", reordered";
        }
    }

    void compare(const std::string& name, const ChainQuestion& question, const Made& made,
                 const ChainAnswer& wanted) {
        if (right(made, wanted)) {
            return;
        }
        if (wanted.doubtful) {
            ++excused_;
            ++excused_of_[question.rules.rule.name + (question.rules.pre.empty() ? "" : " behind")];
            return;
        }
        ADD_FAILURE() << name << " (draw " << draws_ << "):" << difference(made, wanted);
    }

    Rng rng_;
    std::uint64_t draws_ = 0;
    std::uint64_t excused_ = 0;
    std::map<std::string, std::uint64_t> of_rule_;
    std::map<std::string, std::uint64_t> excused_of_;
};

TEST(ChainsFuzz, MatchTheSlowVersionOfEveryRule) {
    const std::uint64_t chains = number_from("FEDSTAKE_FUZZ_CHAINS", kChainsDefault);
    Fuzz fuzz(number_from("FEDSTAKE_FUZZ_SEED", 20260301));
    for (std::uint64_t k = 0; k < chains && !::testing::Test::HasFatalFailure(); ++k) {
        fuzz.one();
    }
    fuzz.finish();
}

}  // namespace
}  // namespace fedstake::aggregation::slow
