// Rounds as evaluate_round() commits them, in the file that the contracts' provers are tested with
// (contracts/test/Committed.t.sol): whoever changes an encoding or a formula sees both sides.
//
// FEDSTAKE_WRITE_GOLDEN=1 writes the file anew.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "proto/base/bytes.hpp"
#include "proto/crypto/keccak256.hpp"
#include "tests/aggregation/hospitals.hpp"
#include "tests/aggregation/round_builder.hpp"

namespace fedstake::aggregation {
namespace {

using testing::RoundBuilder;

constexpr std::size_t kCoordinates = 300;

// u32 length and bytes, one after another.
void put(ByteWriter& out, ByteView bytes) {
    out.u32(static_cast<std::uint32_t>(bytes.size())).raw(bytes);
}

template <class Value>
void put_values(ByteWriter& out, const std::vector<Value>& values) {
    put(out, {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(Value)});
}

// The fields in the order of the EIP-712 type, each in one word.
Bytes words_of(const crypto::RoundCommitment& c) {
    ByteWriter out;
    const auto number = [&](Amount value) { out.u128(0).u128(value); };
    out.raw(c.federation.view());
    number(c.round);
    number(c.attempt);
    number(c.sites);
    number(c.coordinates);
    number(c.reward_total);
    number(c.score_sum);
    for (const Digest* digest :
         {&c.context_digest, &c.parent_model, &c.model, &c.updates_root, &c.aggregate_root,
          &c.report_digest, &c.scores_root, &c.rewards_root}) {
        out.raw(digest->view());
    }
    return out.take();
}

// One round of `round`, whose values are set, and then the next one's context.
void put_round(ByteWriter& out, RoundBuilder& round) {
    round.sign();
    const std::vector<float> base = round.base;
    const rules::RoundContext before = round.context;
    const auto outcome = round.evaluate_and_go_on();
    ASSERT_TRUE(outcome) << outcome.error().message;
    put(out, words_of(outcome->commitment));
    put(out, outcome->report.encode());
    put(out, before.encode());
    put(out, round.rules.encode());
    put_values(out, base);
    put_values(out, round.kept.at(outcome->report.aggregate_root));
    put_values(out, round.base);
    out.u32(static_cast<std::uint32_t>(round.values.size()));
    for (const auto& values : round.values) put_values(out, values);
    round.context.cohort = rules::next_cohort(before, outcome->settlement, {});
    round.context.previous_rewards_root = outcome->commitment.rewards_root;
    round.context.salt.bytes[7] ^= 1;
}

RoundBuilder federation(std::size_t sites, const rules::Step& rule,
                        const std::vector<rules::Step>& pre) {
    RoundBuilder round(sites, kCoordinates);
    round.rules.aggregation.rule = rule;
    round.rules.aggregation.pre = pre;
    round.rules.settlement.stake_per_score = 30;
    round.context.federation = FederationId{crypto::keccak256(as_bytes("test federation")).bytes};
    round.context.round = 1;
    return round;
}

// Two rounds, the second on top of the first.
void put_rounds(ByteWriter& out, const rules::Step& rule, const std::vector<rules::Step>& pre) {
    RoundBuilder round = federation(5, rule, pre);
    out.u32(2);
    for (std::uint64_t seed = 1; seed <= 2; ++seed) {
        const auto rows = testing::hospitals_and_attacker(seed, kCoordinates, 9.0);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            round.values[i] = testing::fixed_point(rows[i]);
        }
        put_round(out, round);
    }
}

// Rounds until two identities of one owner share a weight.
void put_shared_rounds(ByteWriter& out, const rules::Step& rule) {
    RoundBuilder round = federation(7, rule, {});
    round.rules.aggregation.f = 0;
    round.rules.anomaly.policy = rules::AnomalyPolicy::kCautious;
    testing::Hospitals hospitals(7, kCoordinates);
    out.u32(4);
    for (int k = 0; k < 4; ++k) {
        for (std::size_t i = 0; i < 5; ++i) {
            round.values[i] = testing::fixed_point(hospitals.update(i));
        }
        const auto rows = hospitals.updates_of_one_owner(5, 2);
        round.values[5] = testing::fixed_point(rows[0]);
        round.values[6] = testing::fixed_point(rows[1]);
        put_round(out, round);
    }
}

Bytes all_rounds() {
    ByteWriter out;
    put_rounds(out, {"mean", {}}, {});
    put_rounds(out, {"median", {}}, {});
    put_rounds(out, {"trimmed-mean", {}}, {});
    put_rounds(out, {"multi-krum", {}}, {});
    put_rounds(out, {"geometric-median", {}}, {});
    put_rounds(out, {"weighted-mean", {}}, {});
    put_rounds(out, {"mean", {}}, {{"norm-clip", {{"norm", 1.0}}}});
    put_shared_rounds(out, {"mean", {}});
    put_shared_rounds(out, {"median", {}});
    put_rounds(out, {"median", {}}, {{"nnm", {}}});
    return out.take();
}

TEST(CommittedRounds, AreThoseThatTheProversAreTestedWith) {
    const std::string hex = to_hex(all_rounds());
    ASSERT_FALSE(HasFailure());
    if (std::getenv("FEDSTAKE_WRITE_GOLDEN") != nullptr) {
        std::ofstream(FEDSTAKE_COMMITTED_ROUNDS) << hex;
    }
    std::ifstream file(FEDSTAKE_COMMITTED_ROUNDS);
    std::stringstream stored;
    stored << file.rdbuf();
    EXPECT_TRUE(stored.str() == hex)
        << "report, context, rules or a formula changed: change contracts/src/libraries "
           "with it, then write " FEDSTAKE_COMMITTED_ROUNDS " anew with FEDSTAKE_WRITE_GOLDEN=1";
}

}  // namespace
}  // namespace fedstake::aggregation
