// Canonical bytes of what a round leaves.
#include "aggregation/round_state.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "proto/base/rng.hpp"
#include "proto/crypto/content_tree.hpp"

namespace fedstake::aggregation {
namespace {

SiteVector vector_of(std::uint8_t site, std::uint8_t root) {
    SiteVector entry;
    entry.site.bytes[0] = site;
    entry.root.bytes[0] = root;
    return entry;
}

RoundState example() {
    RoundState state;
    state.round = 7;
    state.rule.figures = {0.5, -3.0, 1e300};
    state.vectors = {vector_of(1, 11), vector_of(2, 12)};
    state.aggregates = {Digest{}, vector_of(0, 9).root};
    state.earlier.push_back({.base_model = vector_of(0, 8).root, .updates = {vector_of(3, 13)}});
    state.earlier.push_back({.base_model = {}, .updates = {vector_of(1, 14), vector_of(2, 15)}});
    SiteId site;
    site.bytes[0] = 1;
    state.history = detect::begin_round({}, 7, std::vector<SiteId>{site});
    return state;
}

TEST(RoundState, DecodesWhatItEncodes) {
    for (const RoundState& state : {RoundState{}, example()}) {
        const auto decoded = RoundState::decode(state.encode());
        ASSERT_TRUE(decoded) << decoded.error().message;
        EXPECT_EQ(*decoded, state);
        EXPECT_EQ(decoded->root(), crypto::content_root_of(state.encode()));
    }
}

TEST(RoundState, EveryFieldIsInTheRoot) {
    const auto differs = [](auto change) {
        RoundState state = example();
        change(state);
        EXPECT_NE(state.root(), example().root());
    };
    differs([](RoundState& s) { s.round = 8; });
    differs([](RoundState& s) { s.rule.figures[1] = 3.0; });
    differs([](RoundState& s) { s.vectors[0].root.bytes[5] = 1; });
    differs([](RoundState& s) { s.vectors.pop_back(); });
    differs([](RoundState& s) { s.aggregates.pop_back(); });
    differs([](RoundState& s) { s.earlier[0].base_model.bytes[5] = 1; });
    differs([](RoundState& s) { s.earlier[1].updates[1].root.bytes[5] = 1; });
    differs([](RoundState& s) { s.history = {}; });
}

TEST(RoundState, RefusesEveryTruncationAndTrailingBytes) {
    const Bytes bytes = example().encode();
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        const auto decoded = RoundState::decode(ByteView(bytes).first(length));
        ASSERT_FALSE(decoded) << length;
        EXPECT_EQ(decoded.error().code, Errc::kCorrupt);
    }
    Bytes longer = bytes;
    longer.push_back(0);
    EXPECT_FALSE(RoundState::decode(longer));
}

TEST(RoundState, RefusesWhatEncodeCannotHaveWritten) {
    const auto refused = [](auto change) {
        RoundState state = example();
        change(state);
        EXPECT_FALSE(RoundState::decode(state.encode()));
    };
    refused([](RoundState& s) { s.rule.figures[0] = std::numeric_limits<double>::infinity(); });
    refused([](RoundState& s) { std::swap(s.vectors[0], s.vectors[1]); });
    refused([](RoundState& s) { s.vectors[1] = s.vectors[0]; });
    refused([](RoundState& s) { s.aggregates.resize(kAggregatesMax + 1); });
    refused([](RoundState& s) { s.earlier.resize(kEarlierRoundsMax + 1); });
    refused([](RoundState& s) { s.earlier[1].updates[1] = s.earlier[1].updates[0]; });
}

TEST(RoundState, ChangedBytesAreRefusedOrReadAsTheyStand) {
    const Bytes original = example().encode();
    Rng rng(3);
    for (int trial = 0; trial < 5000; ++trial) {
        Bytes bytes = original;
        for (std::uint64_t flips = 1 + rng.below(3); flips > 0; --flips) {
            bytes[rng.below(bytes.size())] = static_cast<std::uint8_t>(rng.next());
        }
        if (const auto decoded = RoundState::decode(bytes)) {
            ASSERT_EQ(decoded->encode(), bytes);
        }
    }
}

TEST(VectorsNeeded, AreTheRulesAndWhatTheLookBackReads) {
    const RoundState state = example();
    EXPECT_EQ(vectors_needed(state, false),
              (std::vector<Digest>{state.vectors[0].root, state.vectors[1].root}));
    const std::vector<Digest> all = vectors_needed(state, true);
    EXPECT_EQ(all.size(), 6U) << "two of the rule, two updates of the last round, two aggregates";
    RoundState repeated = state;
    repeated.aggregates[1] = state.vectors[0].root;
    EXPECT_EQ(vectors_needed(repeated, true).size(), 5U);
    EXPECT_TRUE(vectors_needed({}, true).empty());
}

}  // namespace
}  // namespace fedstake::aggregation
