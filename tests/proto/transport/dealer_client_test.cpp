// What the client says when there is no link, and how it gets one back.
#include "proto/transport/dealer_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/proto/transport/socket_support.hpp"

namespace fedstake::transport {
namespace {

using ::testing::HasSubstr;
using namespace testing;  // NOLINT: the support header of these tests

struct Keys {
    CurveKeyPair server = generate_curve_keys();
    CurveKeyPair site = generate_curve_keys();

    RouterOptions router(std::uint16_t port = 0) const {
        RouterOptions options;
        options.port = port;
        options.secret_key = server.secret_key;
        options.allowed = {{site.public_key, site_number(1)}};
        return options;
    }
};

TEST(DealerClient, NamesAnAddressWhereNobodyAnswers) {
    const Keys keys;
    auto server = start_server(keys.router());
    const std::uint16_t port = server->port();
    server.reset();
    auto client = start_client(client_options(port, keys.server.public_key, keys.site.secret_key));
    const auto event = next_of<LinkEvent>(*client);
    ASSERT_TRUE(event.has_value());
    EXPECT_EQ(event->state, LinkState::kUnreachable);
    EXPECT_THAT(event->text, HasSubstr("127.0.0.1:" + std::to_string(port)));
    EXPECT_EQ(client->state(), LinkState::kUnreachable);
}

TEST(DealerClient, NamesAnAddressThatCannotBe) {
    const Keys keys;
    auto options = client_options(1, keys.server.public_key, keys.site.secret_key);
    options.endpoint = "tcp://no such host:7700";
    auto client = start_client(options);
    const auto event = next_of<LinkEvent>(*client);
    ASSERT_TRUE(event.has_value());
    EXPECT_EQ(event->state, LinkState::kUnreachable);
    EXPECT_THAT(event->text, HasSubstr("no such host"));
}

TEST(DealerClient, NamesACoordinatorWithAnotherKey) {
    const Keys keys;
    auto server = start_server(keys.router());
    auto client = start_client(
        client_options(server->port(), generate_curve_keys().public_key, keys.site.secret_key));
    const auto event = next_of<LinkEvent>(*client);
    ASSERT_TRUE(event.has_value());
    EXPECT_EQ(event->state, LinkState::kNotRecognised);
    EXPECT_THAT(event->text, HasSubstr("public key"));
    EXPECT_TRUE(eventually([&] { return server->stats().handshakes_failed > 0; }));
}

TEST(DealerClient, ReconnectsToARestartedCoordinator) {
    const Keys keys;
    auto server = start_server(keys.router());
    const std::uint16_t port = server->port();
    auto client = start_client(client_options(port, keys.server.public_key, keys.site.secret_key));
    ASSERT_TRUE(wait_for_state(*client, LinkState::kUp));
    server.reset();
    ASSERT_TRUE(wait_for_state(*client, LinkState::kDown));
    server = start_server(keys.router(port));
    ASSERT_TRUE(wait_for_state(*client, LinkState::kUp));
    ASSERT_TRUE(client->send({7}).has_value());
    EXPECT_EQ(next_of<Incoming>(*server)->payload, Bytes{7});
    EXPECT_EQ(client->stats().connects, 2U);
}

TEST(DealerClient, WhatWaitedForALostLinkIsNotSentOverTheNextOne) {
    const Keys keys;
    auto server = start_server(keys.router());
    const std::uint16_t port = server->port();
    auto client = start_client(client_options(port, keys.server.public_key, keys.site.secret_key));
    ASSERT_TRUE(wait_for_state(*client, LinkState::kUp));
    server.reset();
    ASSERT_TRUE(wait_for_state(*client, LinkState::kDown));
    ASSERT_TRUE(client->send({8}).has_value()) << "waits for the next link";
    server = start_server(keys.router(port));
    EXPECT_EQ(next_of<Incoming>(*server)->payload, Bytes{8});
}

TEST(DealerClient, QueueIsBoundedWhileThereIsNoLink) {
    const Keys keys;
    auto options = client_options(1, keys.server.public_key, keys.site.secret_key);
    options.outbound_max = 3;
    auto client = start_client(options);
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(client->send({1}).has_value());
    }
    EXPECT_EQ(client->send({1}).error().code, Errc::kLimitExceeded);
    EXPECT_EQ(client->send({}).error().code, Errc::kLimitExceeded);
    client->stop();
    EXPECT_EQ(client->send({1}).error().code, Errc::kUnavailable);
}

TEST(DealerClient, ACoordinatorThatSendsUnaskedIsCutOff) {
    const Keys keys;
    auto server = start_server(keys.router());
    auto options = client_options(server->port(), keys.server.public_key, keys.site.secret_key);
    options.inbound_max = 3;
    auto client = start_client(options);
    ASSERT_TRUE(client->send({1}).has_value());
    const PeerId peer = next_of<Incoming>(*server)->peer;
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(server->send(peer, {9}).has_value());
    }
    ASSERT_TRUE(eventually([&] { return client->state() == LinkState::kDown; }));
    EXPECT_EQ(client->stats().messages_in, 3U);
    ASSERT_TRUE(wait_for_state(*client, LinkState::kDown));  // reads what came before it
    EXPECT_TRUE(wait_for_state(*client, LinkState::kUp)) << "tries again";
}

TEST(DealerClient, StopDeliversWhatWasSent) {
    const Keys keys;
    auto server = start_server(keys.router());
    auto client =
        start_client(client_options(server->port(), keys.server.public_key, keys.site.secret_key));
    ASSERT_TRUE(wait_for_state(*client, LinkState::kUp));
    for (std::uint8_t i = 0; i < 12; ++i) {
        ASSERT_TRUE(client->send(Bytes(100'000, i)).has_value());
    }
    client->stop();
    for (std::uint8_t i = 0; i < 12; ++i) {
        const auto message = next_of<Incoming>(*server);
        ASSERT_TRUE(message.has_value()) << int{i};
        EXPECT_EQ(message->payload.front(), i);
    }
}

TEST(DealerClient, RefusesAddressesThatAreNone) {
    for (const char* bad : {"", "tcp://", "tcp://host", "tcp://host:", "tcp://:7700",
                            "tcp://host:port", "tcp://host:0", "tcp://host:70000",
                            "tcp://host:999999999999", "ipc:///tmp/x", "coordinator:7700"}) {
        DealerOptions options;
        options.endpoint = bad;
        const auto client = DealerClient::start(options);
        ASSERT_FALSE(client.has_value()) << bad;
        EXPECT_THAT(client.error().message, HasSubstr("tcp://host:port"));
    }
}

}  // namespace
}  // namespace fedstake::transport
