#include "proto/manifest/endpoint.hpp"

#include <gtest/gtest.h>

namespace fedstake::manifest {
namespace {

std::string refusal(std::string_view text) {
    const auto endpoint = parse_endpoint(text);
    if (endpoint) return "accepted";
    EXPECT_EQ(endpoint.error().code, Errc::kInvalidInput);
    return endpoint.error().message;
}

TEST(Endpoint, SplitsHostAndPort) {
    EXPECT_EQ(*parse_endpoint("tcp://127.0.0.1:7443"), (Endpoint{"127.0.0.1", 7443}));
    EXPECT_EQ(*parse_endpoint("tcp://fed.st-anna.example:1"), (Endpoint{"fed.st-anna.example", 1}));
    EXPECT_EQ(*parse_endpoint("tcp://[::1]:65535"), (Endpoint{"::1", 65535}));
}

TEST(Endpoint, SaysWhatIsWrong) {
    EXPECT_EQ(refusal("http://a:1"),
              "\"http://a:1\" is not tcp://HOST:PORT, e.g. \"tcp://127.0.0.1:7443\": it does not "
              "start with tcp://");
    EXPECT_EQ(refusal("tcp://a"),
              "\"tcp://a\" is not tcp://HOST:PORT, e.g. \"tcp://127.0.0.1:7443\": it has no port");
    EXPECT_EQ(refusal("tcp://a:70000"),
              "\"tcp://a:70000\" is not tcp://HOST:PORT, e.g. \"tcp://127.0.0.1:7443\": port "
              "\"70000\" is not 1 to 65535");
}

TEST(Endpoint, RefusesWhatIsNotAHostAndAPort) {
    for (const std::string_view text :
         {"", "tcp://", "tcp://:7443", "tcp://a:", "tcp://a:0", "tcp://a:-1", "tcp://a:1x",
          "tcp://*:7443", "tcp://a b:1", "tcp://-a:1", "tcp://::1:7443", "tcp://[::1]",
          "tcp://[]:1", "tcp://[a]:1", "tcp://a:1/path", "ipc:///tmp/x", " tcp://a:1",
          "tcp://a\n:1"}) {
        EXPECT_NE(refusal(text), "accepted") << text;
    }
}

}  // namespace
}  // namespace fedstake::manifest
