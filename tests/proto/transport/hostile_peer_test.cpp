// Peers that do not use our client: raw TCP, raw ZMTP, and libzmq with an enrolled key.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>
#include <thread>

#include "proto/base/rng.hpp"
#include "proto/transport/router_io.hpp"
#include "tests/proto/transport/raw_zmtp_peer.hpp"
#include "tests/proto/transport/socket_support.hpp"

namespace fedstake::transport {
namespace {

using namespace testing;  // NOLINT: the support header of these tests

// A server, an honest site, and an enrolled one that speaks through libzmq directly.
class HostilePeer : public ::testing::Test {
protected:
    void SetUp() override {
        RouterOptions options;
        options.secret_key = server_keys_.secret_key;
        options.allowed = {{honest_keys_.public_key, site_number(1)},
                           {evil_keys_.public_key, site_number(2)}};
        options.handshake_timeout = std::chrono::milliseconds{300};
        server_ = start_server(std::move(options));
        ASSERT_NE(server_, nullptr);
    }

    // ping_every: milliseconds between ZMTP heartbeats, 0 for none.
    zmq::socket_t evil_dealer(int ping_every = 0, const std::string& routing_id = "") {
        zmq::socket_t dealer(context_, zmq::socket_type::dealer);
        dealer.set(zmq::sockopt::linger, 0);
        dealer.set(zmq::sockopt::rcvhwm, 1);
        dealer.set(zmq::sockopt::sndtimeo, static_cast<int>(kPatience.count()));
        dealer.set(zmq::sockopt::heartbeat_ivl, ping_every);
        if (!routing_id.empty()) {
            dealer.set(zmq::sockopt::routing_id, routing_id);
        }
        set_curve_client(dealer, evil_keys_.secret_key, server_keys_.public_key);
        dealer.connect(endpoint_of(server_->port()));
        return dealer;
    }

    void expect_honest_site_is_served() {
        auto client = start_client(
            client_options(server_->port(), server_keys_.public_key, honest_keys_.secret_key));
        ASSERT_TRUE(client->send({42}).has_value());
        for (;;) {
            const auto message = next_of<Incoming>(*server_);
            ASSERT_TRUE(message.has_value()) << "the honest site's message did not arrive";
            if (message->peer.site == site_number(1)) {
                EXPECT_EQ(message->payload, Bytes{42});
                return;
            }
        }
    }

    CurveKeyPair server_keys_ = generate_curve_keys();
    CurveKeyPair honest_keys_ = generate_curve_keys();
    CurveKeyPair evil_keys_ = generate_curve_keys();
    std::unique_ptr<RouterServer> server_;
    zmq::context_t context_;
};

TEST_F(HostilePeer, AHundredMegabytesOfGarbage) {
    RawPeer peer(server_->port());
    ASSERT_TRUE(peer.connected());
    Bytes garbage(std::size_t{1} << 20U);
    Rng rng(1);
    std::size_t taken = 0;
    for (int i = 0; i < 100; ++i) {
        for (auto& byte : garbage) {
            byte = static_cast<std::uint8_t>(rng.next());
        }
        const std::size_t put = peer.write(garbage);
        taken += put;
        if (put < garbage.size()) {
            break;
        }
    }
    EXPECT_LT(taken, std::size_t{100} << 20U) << "the server should have hung up";
    EXPECT_EQ(server_->stats().messages_in, 0U);
    expect_honest_site_is_served();
}

TEST_F(HostilePeer, AHandshakeThatNeverComesIsCutOff) {
    std::list<RawPeer> peers;
    for (int i = 0; i < 50; ++i) {
        ASSERT_TRUE(peers.emplace_back(server_->port()).connected());
    }
    expect_honest_site_is_served();
    for (RawPeer& peer : peers) {
        EXPECT_TRUE(peer.closed_within(kPatience));
    }
}

TEST_F(HostilePeer, AClaimedUserIdWithoutCurveIsCutOff) {
    RawPeer peer(server_->port());
    ASSERT_TRUE(peer.connected());
    peer.write(zmtp_null_handshake(site_number(1).hex()));
    peer.write(zmtp_message(Bytes{1}));
    EXPECT_TRUE(peer.closed_within(kPatience));
    EXPECT_EQ(server_->stats().messages_in, 0U);
}

// On a socket that fails open libzmq believes the peer: the tag is what still refuses it.
TEST_F(HostilePeer, AClaimedUserIdOnAnUnguardedSocketIsNotBelieved) {
    zmq::socket_t router(context_, zmq::socket_type::router);
    router.bind("tcp://127.0.0.1:*");
    const std::string endpoint = router.get(zmq::sockopt::last_endpoint);
    const auto port =
        static_cast<std::uint16_t>(std::stoul(endpoint.substr(endpoint.rfind(':') + 1)));
    PeerDirectory directory(30);
    directory.replace({{honest_keys_.public_key, site_number(1)}});
    const std::string claims = site_number(1).hex() + ":" + std::string(64, 'a');
    for (int round = 0; round < 2; ++round) {
        RawPeer peer(port);
        peer.write(zmtp_null_handshake(claims));
        ASSERT_TRUE(peer.skip(kZmtpReadyBytes, kPatience));
        peer.write(zmtp_message(Bytes{1}));
        zmq::pollitem_t item{router.handle(), 0, ZMQ_POLLIN, 0};
        ASSERT_EQ(zmq::poll(&item, 1, kPatience), 1);
        if (round == 0) {  // libzmq itself reports the claim
            zmq::message_t id;
            zmq::message_t body;
            ASSERT_TRUE(router.recv(id).has_value() && router.recv(body).has_value());
            EXPECT_STREQ(zmq_msg_gets(body.handle(), "User-Id"), claims.c_str());
        } else {
            const auto message = read_router(router, directory);
            ASSERT_TRUE(message.has_value());
            EXPECT_EQ(message->outcome, ReadOutcome::kUnverified);
        }
    }
}

TEST_F(HostilePeer, OversizedFramesEndTheConnection) {
    zmq::socket_t dealer = evil_dealer();
    dealer.send(zmq::message_t(limits::kFrameBytesMax + 1), zmq::send_flags::none);
    dealer.send(zmq::message_t(limits::kFrameBytesMax * 4), zmq::send_flags::none);
    expect_honest_site_is_served();
    EXPECT_EQ(server_->stats().messages_in, 1U);
}

TEST_F(HostilePeer, MessagesOfSeveralPartsAreDropped) {
    zmq::socket_t dealer = evil_dealer();
    for (int parts = 2; parts < 200; parts += 50) {
        for (int i = 1; i < parts; ++i) {
            dealer.send(zmq::message_t(1'000), zmq::send_flags::sndmore);
        }
        dealer.send(zmq::message_t(1'000), zmq::send_flags::none);
    }
    EXPECT_TRUE(eventually([&] { return server_->stats().dropped_shape == 4; }));
    dealer.send(zmq::message_t("x", 1), zmq::send_flags::none);
    const auto message = next_of<Incoming>(*server_);
    ASSERT_TRUE(message.has_value());
    EXPECT_EQ(message->payload, Bytes{'x'});
}

TEST_F(HostilePeer, EmptyMessagesAreDropped) {
    zmq::socket_t dealer = evil_dealer();
    for (int i = 0; i < 10'000; ++i) {
        dealer.send(zmq::message_t(), zmq::send_flags::none);
    }
    EXPECT_TRUE(eventually([&] { return server_->stats().dropped_shape == 10'000; }));
    expect_honest_site_is_served();
}

TEST_F(HostilePeer, RoutingIdsThatAPeerChoseAreNotAccepted) {
    zmq::socket_t dealer = evil_dealer(0, "hospital-07");
    dealer.send(zmq::message_t("x", 1), zmq::send_flags::none);
    EXPECT_TRUE(eventually([&] { return server_->stats().dropped_shape == 1; }));
    expect_honest_site_is_served();
}

TEST_F(HostilePeer, ASiteThatDoesNotReadCostsBoundedMemory) {
    zmq::socket_t slow = evil_dealer();
    slow.send(zmq::message_t("x", 1), zmq::send_flags::none);
    const PeerId peer = next_of<Incoming>(*server_)->peer;
    // Sockets and queues take some; then the server says no instead of growing.
    std::size_t queued = 0;
    Status status;
    ASSERT_TRUE(eventually([&] {
        status = server_->send(peer, Bytes(limits::kChunkBytes, 7));
        queued += status.has_value() ? 1U : 0U;
        return !status.has_value() || queued > 300;
    }));
    ASSERT_FALSE(status.has_value()) << "grew without bound";
    EXPECT_EQ(status.error().code, Errc::kLimitExceeded);
    EXPECT_THAT(status.error().message, ::testing::HasSubstr(peer.site.hex()));
    expect_honest_site_is_served();
    // Nothing is lost for it when it reads at last.
    slow.set(zmq::sockopt::rcvtimeo, static_cast<int>(kPatience.count()));
    for (std::size_t i = 0; i < queued; ++i) {
        zmq::message_t message;
        ASSERT_TRUE(slow.recv(message).has_value()) << i << " of " << queued;
    }
}

// With a receive high-water mark on the server this ends the process: see zmq_support.hpp.
TEST_F(HostilePeer, PeersThatPingFloodAndVanish) {
    for (int i = 0; i < 20; ++i) {
        zmq::socket_t dealer = evil_dealer(1);
        for (int n = 0; n < 100; ++n) {
            dealer.send(zmq::message_t(10'000), zmq::send_flags::none);
        }
    }
    while (server_->try_next()) {
    }
    expect_honest_site_is_served();
}

TEST_F(HostilePeer, ConnectionsOfOneKeyAreBounded) {
    std::list<zmq::socket_t> dealers;
    for (int i = 0; i < 40; ++i) {
        dealers.push_back(evil_dealer());
    }
    const auto refused = next_of<HandshakeRefused>(*server_);
    ASSERT_TRUE(refused.has_value());
    EXPECT_EQ(refused->reason, "too-many-connections");
    EXPECT_EQ(refused->key, evil_keys_.public_key);
    EXPECT_LE(server_->stats().handshakes_accepted, 31U);
    expect_honest_site_is_served();
}

}  // namespace
}  // namespace fedstake::transport
