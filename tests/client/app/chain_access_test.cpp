// Calls to a chain node end when the command is stopped.
#include "client/app/chain_access.hpp"

#include <gtest/gtest.h>

namespace fedstake::client {
namespace {

TEST(ChainAccess, AsksNothingMoreOnceStopped) {
    Site site;
    site.config.rpc = "http://127.0.0.1:1";  // nobody listens
    std::atomic<bool> stop{false};
    const auto rpc = open_rpc(site, stop);
    ASSERT_TRUE(rpc) << rpc.error().message;
    EXPECT_EQ((*rpc)->name(), site.config.rpc);
    const auto before = (*rpc)->call("eth_chainId", evm::Json::array());
    ASSERT_FALSE(before);
    EXPECT_NE(before.error().message, "interrupted");
    stop = true;
    const auto after = (*rpc)->call("eth_chainId", evm::Json::array());
    ASSERT_FALSE(after);
    EXPECT_EQ(after.error().code, Errc::kUnavailable);
    EXPECT_EQ(after.error().message, "interrupted");
}

}  // namespace
}  // namespace fedstake::client
