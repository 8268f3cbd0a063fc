// Journal bytes: every event comes back as it was, and nothing else is accepted.
#include "coordinator/round/event_codec.hpp"

#include <gtest/gtest.h>

#include "tests/coordinator/round/federation_fixture.hpp"

namespace fedstake::round::testing {
namespace {

std::vector<Event> one_of_each() {
    MachineTest test;
    test.start_collecting();
    const auto update = test.federation.update(test.state(), 0);
    test.send_all();
    const auto outcome = test.federation.outcome(test.machine, {test.federation.site(1)});
    test.step(outcome);
    return {
        test.federation.started(),
        test.federation.stakes(),
        SiteSeen{test.federation.site(2)},
        UpdateSigned{update},
        UpdateStored{.round = 3,
                     .attempt = 1,
                     .site = test.federation.site(1),
                     .update_root = update.statement.update_root,
                     .verdict = Refusal::kAllZero},
        DeadlinePassed{},
        outcome,
        AggregationFailed{.round = 1, .attempt = 2, .reason = "too few"},
        test.federation.attestation(test.state(), 0),
        AuditorRefused{.round = 1,
                       .attempt = 0,
                       .auditor = test.federation.site(0),
                       .reason = "model differs"},
        RoundPosted{7},
        RoundFinal{8},
        UpdateLost{.round = 1, .attempt = 0, .site = test.federation.site(3), .reason = "missing"},
        RoundVoided{.round = 2,
                    .commitment = outcome.commitment.struct_hash(),
                    .before = Standing{.context = test.state().context,
                                       .settlement = outcome.settlement,
                                       .commitment = outcome.commitment,
                                       .state = outcome.commitment.model}}};
}

TEST(EventCodec, TheFirstRoundIsVoidedWithoutAPredecessor) {
    const Event event = RoundVoided{.round = 1, .commitment = {}, .before = {}};
    const auto decoded = decode_event(encode_event(event));
    ASSERT_TRUE(decoded.has_value());
    EXPECT_TRUE(*decoded == event);
}

TEST(EventCodec, BringsEveryEventBack) {
    const auto events = one_of_each();
    ASSERT_EQ(events.size(), std::variant_size_v<Event>);
    for (const Event& event : events) {
        const Bytes bytes = encode_event(event);
        const auto decoded = decode_event(bytes);
        ASSERT_TRUE(decoded.has_value()) << event_name(event) << ": " << decoded.error().message;
        EXPECT_TRUE(*decoded == event) << event_name(event);
        EXPECT_EQ(encode_event(*decoded), bytes) << event_name(event);
    }
}

TEST(EventCodec, RefusesEveryShorterAndLongerForm) {
    for (const Event& event : one_of_each()) {
        Bytes bytes = encode_event(event);
        for (std::size_t length = 0; length < bytes.size(); ++length) {
            EXPECT_FALSE(decode_event(ByteView(bytes).first(length)).has_value())
                << event_name(event) << " cut to " << length;
        }
        bytes.push_back(0);
        EXPECT_FALSE(decode_event(bytes).has_value()) << event_name(event);
    }
}

TEST(EventCodec, NamesAJournalOfAnotherRelease) {
    Bytes bytes = encode_event(DeadlinePassed{});
    bytes[0] = 9;
    const auto decoded = decode_event(bytes);
    ASSERT_FALSE(decoded.has_value());
    EXPECT_EQ(decoded.error().code, Errc::kConflict);
}

TEST(EventCodec, RefusesUnknownKindsAndEnumValues) {
    EXPECT_FALSE(decode_event(Bytes{kEventFormat, 99}).has_value());
    Bytes stored = encode_event(UpdateStored{});
    stored.back() = 200;
    EXPECT_FALSE(decode_event(stored).has_value());
}

}  // namespace
}  // namespace fedstake::round::testing
