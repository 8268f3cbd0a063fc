// URLs of chain nodes.
#include <gtest/gtest.h>

#include "contracts/cpp/evm/http_client.hpp"

namespace fedstake::evm {
namespace {

TEST(HttpUrl, SplitsHostPortAndPath) {
    const auto url = HttpUrl::parse("http://node.example:8545/v1/abc");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->host, "node.example");
    EXPECT_EQ(url->port, "8545");
    EXPECT_EQ(url->target, "/v1/abc");
    EXPECT_EQ(HttpUrl::parse("http://node.example")->port, "80");
    EXPECT_EQ(HttpUrl::parse("http://node.example")->target, "/");
}

TEST(HttpUrl, SaysWhatToDoAboutHttps) {
    const auto url = HttpUrl::parse("https://node.example");
    ASSERT_FALSE(url);
    EXPECT_NE(url.error().message.find("https is not supported"), std::string::npos);
    EXPECT_NE(url.error().message.find("http://127.0.0.1"), std::string::npos);
}

TEST(HttpUrl, RefusesWhatIsNoUrl) {
    for (const char* bad : {"", "127.0.0.1:8545", "http://", "http://:8545", "http://h:0",
                            "http://h:70000", "http://h:80x", "http://user@h:80", "http://h:80/a b",
                            "http://h:80/\r\nX: y", "ftp://h"}) {
        EXPECT_FALSE(HttpUrl::parse(bad)) << bad;
    }
}

}  // namespace
}  // namespace fedstake::evm
