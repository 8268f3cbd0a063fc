// The server with well-behaved and badly behaved clients of our own kind.
#include "proto/transport/router_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "proto/transport/router_io.hpp"
#include "tests/proto/transport/socket_support.hpp"

namespace fedstake::transport {
namespace {

using ::testing::HasSubstr;
using namespace testing;  // NOLINT: the support header of these tests

struct World {
    CurveKeyPair server_keys = generate_curve_keys();
    CurveKeyPair basel = generate_curve_keys();
    CurveKeyPair bern = generate_curve_keys();
    SiteId basel_site = site_number(1);
    SiteId bern_site = site_number(2);

    RouterOptions options() const {
        RouterOptions options;
        options.secret_key = server_keys.secret_key;
        options.allowed = {{basel.public_key, basel_site}, {bern.public_key, bern_site}};
        options.handshake_timeout = std::chrono::milliseconds{1'000};
        return options;
    }
    std::unique_ptr<DealerClient> client(const RouterServer& server, const CurveKeyPair& keys) {
        return start_client(client_options(server.port(), server_keys.public_key, keys.secret_key));
    }
};

TEST(RouterServer, MessagesCarryTheSiteOfTheKey) {
    World world;
    auto server = start_server(world.options());
    auto basel = world.client(*server, world.basel);
    auto bern = world.client(*server, world.bern);
    ASSERT_TRUE(basel->send({1, 1}).has_value());
    const auto first = next_of<Incoming>(*server);
    ASSERT_TRUE(first.has_value());
    EXPECT_EQ(first->peer.site, world.basel_site);
    EXPECT_EQ(first->payload, (Bytes{1, 1}));
    ASSERT_TRUE(bern->send({2}).has_value());
    const auto second = next_of<Incoming>(*server);
    ASSERT_TRUE(second.has_value());
    EXPECT_EQ(second->peer.site, world.bern_site);

    ASSERT_TRUE(server->send(first->peer, {9}).has_value());
    EXPECT_EQ(next_of<Bytes>(*basel), Bytes{9});
    EXPECT_EQ(server->stats().handshakes_accepted, 2U);
}

TEST(RouterServer, AStrangerIsRefusedAndShownToTheOperator) {
    World world;
    auto server = start_server(world.options());
    const CurveKeyPair stranger = generate_curve_keys();
    auto client = world.client(*server, stranger);
    ASSERT_TRUE(client->send({1}).has_value());
    const auto event = next_of<LinkEvent>(*client);
    ASSERT_TRUE(event.has_value());
    EXPECT_EQ(event->state, LinkState::kRefused);
    EXPECT_THAT(event->text, HasSubstr("not enrolled"));
    const auto refused = next_of<HandshakeRefused>(*server);
    ASSERT_TRUE(refused.has_value());
    EXPECT_EQ(refused->key, stranger.public_key);
    EXPECT_EQ(refused->address, "127.0.0.1");
    EXPECT_EQ(refused->reason, "not-enrolled");
    EXPECT_EQ(server->stats().messages_in, 0U);
    EXPECT_GE(server->stats().refused_not_enrolled, 1U);
}

TEST(RouterServer, ReportsOfStrangersAreRateLimited) {
    World world;
    auto server = start_server(world.options());
    auto options = client_options(server->port(), world.server_keys.public_key,
                                  generate_curve_keys().secret_key);
    options.reconnect_first = options.reconnect_last = std::chrono::milliseconds{1};
    auto client = start_client(options);
    ASSERT_TRUE(eventually([&] { return server->stats().refused_not_enrolled >= 20; }));
    std::size_t reports = 0;
    for (auto input = server->try_next(); input; input = server->try_next()) {
        ++reports;
    }
    EXPECT_LT(reports, 20U);
    EXPECT_GE(reports, 1U);
}

TEST(RouterServer, ASiteEnrolledAtRunTimeGetsInWithoutRestart) {
    World world;
    auto server = start_server(world.options());
    const CurveKeyPair late = generate_curve_keys();
    auto client = world.client(*server, late);
    ASSERT_TRUE(wait_for_state(*client, LinkState::kRefused));
    server->set_allowed({{late.public_key, site_number(3)}});
    ASSERT_TRUE(wait_for_state(*client, LinkState::kUp));
    ASSERT_TRUE(client->send({5}).has_value());
    EXPECT_EQ(next_of<Incoming>(*server)->peer.site, site_number(3));
}

TEST(RouterServer, MessagesOfARevokedKeyAreDroppedAtOnce) {
    World world;
    auto server = start_server(world.options());
    auto basel = world.client(*server, world.basel);
    auto bern = world.client(*server, world.bern);
    ASSERT_TRUE(basel->send({1}).has_value());
    ASSERT_TRUE(next_of<Incoming>(*server).has_value());
    server->set_allowed({{world.bern.public_key, world.bern_site}});
    ASSERT_TRUE(basel->send({2}).has_value());
    ASSERT_TRUE(eventually([&] { return server->stats().dropped_unverified == 1; }));
    ASSERT_TRUE(bern->send({3}).has_value());
    EXPECT_EQ(next_of<Incoming>(*server)->payload, Bytes{3});
}

TEST(RouterServer, ThePortInUseIsNamed) {
    World world;
    auto server = start_server(world.options());
    RouterOptions options = world.options();
    options.port = server->port();
    const auto second = RouterServer::start(options);
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().code, Errc::kConflict);
    EXPECT_THAT(second.error().message, HasSubstr("port " + std::to_string(server->port())));
    options.port = 0;
    options.host = "192.0.2.1";  // TEST-NET-1: nobody's
    const auto elsewhere = RouterServer::start(options);
    ASSERT_FALSE(elsewhere.has_value());
    EXPECT_THAT(elsewhere.error().message, HasSubstr("not an address of this machine"));
}

TEST(RouterServer, ASiteThatFloodsLosesItsOwnMessagesOnly) {
    World world;
    RouterOptions options = world.options();
    options.site_inbound_max = 4;
    auto server = start_server(options);
    auto basel = world.client(*server, world.basel);
    auto bern = world.client(*server, world.bern);
    ASSERT_TRUE(wait_for_state(*basel, LinkState::kUp));
    for (std::uint8_t i = 0; i < 20; ++i) {
        ASSERT_TRUE(basel->send({i}).has_value());
    }
    ASSERT_TRUE(eventually([&] { return server->stats().dropped_site_full == 16; }));
    EXPECT_EQ(server->stats().inbound_waiting, 4U);
    ASSERT_TRUE(bern->send({99}).has_value());
    for (std::uint8_t i = 0; i < 4; ++i) {
        EXPECT_EQ(next_of<Incoming>(*server)->payload, Bytes{i});
    }
    EXPECT_EQ(next_of<Incoming>(*server)->payload, Bytes{99});
    EXPECT_EQ(server->stats().inbound_waiting, 0U);
}

TEST(RouterServer, BytesThatWaitAreBoundedOverAllSites) {
    World world;
    RouterOptions options = world.options();
    options.inbound_bytes_max = 100'000;
    auto server = start_server(options);
    auto basel = world.client(*server, world.basel);
    auto bern = world.client(*server, world.bern);
    ASSERT_TRUE(basel->send(Bytes(60'000, 1)).has_value());
    ASSERT_TRUE(eventually([&] { return server->stats().messages_in == 1; }));
    ASSERT_TRUE(bern->send(Bytes(60'000, 2)).has_value());
    ASSERT_TRUE(eventually([&] { return server->stats().dropped_full == 1; }));
    ASSERT_TRUE(bern->send(Bytes(40'000, 3)).has_value());
    ASSERT_TRUE(eventually([&] { return server->stats().messages_in == 2; }));
    EXPECT_EQ(next_of<Incoming>(*server)->payload, Bytes(60'000, 1));
    EXPECT_EQ(next_of<Incoming>(*server)->payload, Bytes(40'000, 3));
    ASSERT_TRUE(bern->send(Bytes(100'000, 4)).has_value());
    EXPECT_EQ(next_of<Incoming>(*server)->payload, Bytes(100'000, 4));
}

TEST(RouterServer, SendingToAConnectionThatEndedIsCounted) {
    World world;
    auto server = start_server(world.options());
    auto basel = world.client(*server, world.basel);
    ASSERT_TRUE(basel->send({1}).has_value());
    const PeerId peer = next_of<Incoming>(*server)->peer;
    basel.reset();
    ASSERT_TRUE(eventually([&] {
        (void)server->send(peer, {2});
        return server->stats().dropped_gone > 0;
    }));
    EXPECT_TRUE(eventually([&] { return server->stats().outbound_waiting == 0; }));
}

TEST(RouterServer, RefusesPayloadsThatNoFrameHolds) {
    World world;
    auto server = start_server(world.options());
    const PeerId peer{world.basel_site, 1};
    EXPECT_FALSE(server->send(peer, {}).has_value());
    EXPECT_FALSE(server->send(peer, Bytes(limits::kFrameBytesMax + 1)).has_value());
    server->stop();
    EXPECT_EQ(server->send(peer, {1}).error().code, Errc::kUnavailable);
    EXPECT_FALSE(server->next(kPatience).has_value()) << "returns at once";
}

TEST(RouterServer, TellsItsHostWhenInputArrives) {
    World world;
    std::atomic<int> calls = 0;
    RouterOptions options = world.options();
    options.on_ready = [&calls] { ++calls; };
    auto server = start_server(options);
    auto basel = world.client(*server, world.basel);
    ASSERT_TRUE(basel->send({1}).has_value());
    EXPECT_TRUE(eventually([&] { return calls.load() == 1; }));
    EXPECT_TRUE(server->try_next().has_value());
}

// What libzmq does when the handler of a context with an enforced domain is not there.
TEST(RouterServer, WithoutItsHandlerNobodyGetsIn) {
    World world;
    zmq::context_t context;
    zmq::socket_t router =
        open_router(context, world.server_keys.secret_key,
                    {.frame_bytes_max = 1000, .handshake_timeout = std::chrono::milliseconds{500}});
    router.bind("tcp://127.0.0.1:*");
    const std::string endpoint = router.get(zmq::sockopt::last_endpoint);
    auto options = client_options(1, world.server_keys.public_key, world.basel.secret_key);
    options.endpoint = endpoint;
    auto client = start_client(options);
    // Several attempts, none of which gets through.
    ASSERT_TRUE(wait_for_state(*client, LinkState::kNotRecognised));
    EXPECT_FALSE(next_of<LinkEvent>(*client, std::chrono::milliseconds{1'000}).has_value());
    EXPECT_EQ(client->stats().connects, 0U);
}

}  // namespace
}  // namespace fedstake::transport
