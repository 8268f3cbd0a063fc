// The development chain as a child process.
#include <csignal>
#include <cstdlib>
#include <fstream>

#include "tests/contracts/cpp/evm/chain_fixture.hpp"
#include "tests/support/temp_dir.hpp"

namespace fedstake::evm {
namespace {

using namespace fedstake::testing;

std::uint64_t head_of(const AnvilProcess& anvil) {
    const auto rpc = *JsonRpc::open(anvil.url());
    return EthNode(*rpc).latest_block()->number;
}

TEST(AnvilProcess, StartsOnAFreePortAndStops) {
    FEDSTAKE_NEED_ANVIL();
    auto first = *AnvilProcess::start();
    auto second = *AnvilProcess::start();
    EXPECT_NE(first.port(), second.port());
    EXPECT_EQ(head_of(first), 0U);
    const pid_t pid = first.pid();
    first.stop();
    first.stop();
    EXPECT_NE(kill(pid, 0), 0) << "the child is gone";
    EXPECT_EQ(head_of(second), 0U);
}

TEST(AnvilProcess, SaysThatThePortIsInUse) {
    FEDSTAKE_NEED_ANVIL();
    auto first = *AnvilProcess::start();
    AnvilOptions options;
    options.port = first.port();
    const auto second = AnvilProcess::start(options);
    ASSERT_FALSE(second);
    EXPECT_NE(second.error().message.find(std::to_string(first.port())), std::string::npos)
        << second.error().message;
}

TEST(AnvilProcess, KeepsItsStateInAFile) {
    FEDSTAKE_NEED_ANVIL();
    const TempDir folder;
    AnvilOptions options;
    options.state_file = folder / "chain.json";
    {
        auto anvil = *AnvilProcess::start(options);
        const auto rpc = *JsonRpc::open(anvil.url());
        ASSERT_TRUE(EthNode(*rpc).raw("anvil_mine", Json::array({"0x5"})));
    }
    ASSERT_TRUE(std::filesystem::exists(*options.state_file));
    auto again = *AnvilProcess::start(options);
    EXPECT_EQ(head_of(again), 5U);
}

TEST(AnvilProcess, UsesTheChainIdThatWasAskedFor) {
    FEDSTAKE_NEED_ANVIL();
    AnvilOptions options;
    options.chain_id = 1234;
    auto anvil = *AnvilProcess::start(options);
    const auto rpc = *JsonRpc::open(anvil.url());
    EXPECT_EQ(*EthNode(*rpc).chain_id(), 1234U);
}

TEST(AnvilProcess, NamesABadConfiguredProgram) {
    const char* before = std::getenv("FEDSTAKE_ANVIL");
    const std::string saved = before == nullptr ? "" : before;
    setenv("FEDSTAKE_ANVIL", "/does/not/exist", 1);
    const auto found = find_anvil();
    if (before == nullptr) {
        unsetenv("FEDSTAKE_ANVIL");
    } else {
        setenv("FEDSTAKE_ANVIL", saved.c_str(), 1);
    }
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Errc::kNotFound);
    EXPECT_NE(found.error().message.find("/does/not/exist"), std::string::npos);
}

}  // namespace
}  // namespace fedstake::evm
