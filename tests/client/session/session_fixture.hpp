// A site's session with real keys, driven by hand.
#pragma once

#include <cstdint>
#include <string_view>

#include <gtest/gtest.h>

#include "client/session/session_machine.hpp"
#include "proto/crypto/sha256.hpp"

namespace fedstake::session::testing {

using rules::RoundContext;

inline Digest digest_of(std::string_view text) {
    return crypto::sha256(as_bytes(text));
}

inline Address address_of(std::uint8_t last) {
    Address address;
    address.bytes.back() = last;
    return address;
}

class KeySigner final : public Signer {
public:
    explicit KeySigner(const crypto::SigningKey& key) : key_(key) {}
    [[nodiscard]] crypto::Signature sign(const Digest& digest) const override {
        return key_.sign(digest);
    }

private:
    const crypto::SigningKey& key_;
};

// The first action of a kind, or nullptr.
template <class Kind>
const Kind* find(const Actions& actions) {
    for (const Action& action : actions) {
        if (const auto* found = std::get_if<Kind>(&action)) return found;
    }
    return nullptr;
}

class SessionTest : public ::testing::Test {
protected:
    SessionConfig config() const {
        SessionConfig made;
        made.federation = digest_of("federation");
        made.site = address_of(2);
        made.domain = {.chain_id = 31337, .verifying_contract = address_of(99)};
        made.coordinator = coordinator_key_.address();
        made.rules_digest = digest_of("rules");
        made.coordinates = 4;
        made.audits = true;
        made.software = "test";
        return made;
    }

    RoundContext context(RoundNumber round = 1, std::uint32_t attempt = 0) const {
        RoundContext made;
        made.federation = digest_of("federation");
        made.round = round;
        made.attempt = attempt;
        made.rules_digest = digest_of("rules");
        made.base_model = digest_of("base");
        made.salt = digest_of("salt");
        for (std::uint8_t i = 1; i <= 3; ++i) {
            rules::CohortMember member;
            member.site = address_of(i);
            member.signer =
                i == 2 ? signer_key_.address() : address_of(static_cast<std::uint8_t>(50 + i));
            member.stake = 100;
            made.cohort.push_back(member);
        }
        return made;
    }

    static Received open(const RoundContext& context) {
        return Received{wire::RoundOpen{.context = context.encode(), .remaining = {1000}}};
    }

    // A machine in the middle of round 1, up to the signed update.
    rules::SignedUpdate train(SessionMachine& machine, const RoundContext& round) const {
        (void)machine.step(LinkUp{});
        (void)machine.step(open(round));
        (void)machine.step(BlobReady{round.base_model});
        const Actions actions = machine.step(Trained{.round = round.round,
                                                     .attempt = round.attempt,
                                                     .update_root = digest_of("update"),
                                                     .coordinates = 4,
                                                     .details = {1, 2, 3}});
        const auto* upload = find<Upload>(actions);
        EXPECT_NE(upload, nullptr);
        return upload == nullptr ? rules::SignedUpdate{} : upload->update;
    }

    crypto::SigningKey signer_key_ = *crypto::SigningKey::from_hex(
        "0x1111111111111111111111111111111111111111111111111111111111111111");
    crypto::SigningKey coordinator_key_ = *crypto::SigningKey::from_hex(
        "0x2222222222222222222222222222222222222222222222222222222222222222");
    KeySigner signer_{signer_key_};
};

}  // namespace fedstake::session::testing
