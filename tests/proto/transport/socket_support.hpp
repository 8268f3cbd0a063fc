// Servers and clients on loopback, and waiting for what they report, with a deadline.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <variant>

#include "proto/transport/dealer_client.hpp"
#include "proto/transport/router_server.hpp"

namespace fedstake::transport::testing {

inline constexpr std::chrono::milliseconds kPatience{10'000};

inline SiteId site_number(std::uint8_t number) {
    SiteId site;
    site.bytes.fill(number);
    return site;
}

inline std::string endpoint_of(std::uint16_t port) {
    return "tcp://127.0.0.1:" + std::to_string(port);
}

inline std::unique_ptr<RouterServer> start_server(RouterOptions options) {
    auto server = RouterServer::start(std::move(options));
    EXPECT_TRUE(server.has_value()) << (server ? "" : server.error().message);
    return server ? *std::move(server) : nullptr;
}

// Fast pauses so that tests of reconnects do not wait for half a second.
inline DealerOptions client_options(std::uint16_t port, const CurvePublicKey& server_key,
                                    const CurveSecretKey& secret) {
    DealerOptions options;
    options.endpoint = endpoint_of(port);
    options.server_key = server_key;
    options.secret_key = secret;
    options.reconnect_first = std::chrono::milliseconds{20};
    options.reconnect_last = std::chrono::milliseconds{100};
    options.handshake_timeout = std::chrono::milliseconds{1'000};
    return options;
}

inline std::unique_ptr<DealerClient> start_client(DealerOptions options) {
    auto client = DealerClient::start(std::move(options));
    EXPECT_TRUE(client.has_value()) << (client ? "" : client.error().message);
    return client ? *std::move(client) : nullptr;
}

// The next input of kind T, skipping others.
template <class T, class End>
std::optional<T> next_of(End& end, std::chrono::milliseconds patience = kPatience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        if (left.count() <= 0) {
            return std::nullopt;
        }
        auto input = end.next(left);
        if (input && std::holds_alternative<T>(*input)) {
            return std::get<T>(*std::move(input));
        }
        if (!input) {
            return std::nullopt;
        }
    }
}

inline bool wait_for_state(DealerClient& client, LinkState state) {
    for (;;) {
        const auto event = next_of<LinkEvent>(client);
        if (!event) {
            return false;
        }
        if (event->state == state) {
            return true;
        }
    }
}

// Waits until a figure of stats() fulfils the condition; polling, because statistics are no events.
template <class Condition>
bool eventually(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        std::this_thread::yield();
    }
    return true;
}

}  // namespace fedstake::transport::testing
