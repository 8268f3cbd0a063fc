// Slash events of a long chain: where reading begins, what a failure keeps, and nodes that answer
// only short ranges.
#include "contracts/cpp/evm/slash_log.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "contracts/cpp/evm/quantity.hpp"
#include "proto/crypto/keccak256.hpp"

namespace fedstake::evm {
namespace {

constexpr std::string_view kVaultAbi = R"([
  {"type":"event","name":"SlashProposed","inputs":[
     {"name":"caseId","type":"bytes32","indexed":true},
     {"name":"account","type":"address","indexed":true},
     {"name":"bps","type":"uint16"},{"name":"kind","type":"uint16"},
     {"name":"executeAfter","type":"uint40"}]},
  {"type":"event","name":"SlashPostponed","inputs":[
     {"name":"caseId","type":"bytes32","indexed":true},
     {"name":"executeAfter","type":"uint40"}]},
  {"type":"event","name":"SlashDropped","inputs":[
     {"name":"caseId","type":"bytes32","indexed":true},
     {"name":"account","type":"address","indexed":true}]}])";

const Address kVault = *Address::parse("0x70997970C51812dc3A010C7d01b50e0d17dc79C8");

// A node with one slash case in some blocks.
class LogNode final : public Rpc {
public:
    explicit LogNode(const ContractAbi& vault) : topic_(vault.event("SlashProposed")->topic()) {}

    std::uint64_t head = 0;
    std::uint64_t range_max = 1'000'000;  // a longer range is refused
    std::size_t fail_at = 0;              // the number of the request for logs that gets no answer
    std::vector<std::uint64_t> cases;     // blocks
    Json appeals = Json::array();         // logs of what came of cases, in any block
    std::size_t requests = 0;             // for logs
    std::uint64_t first_block = UINT64_MAX;
    std::uint64_t searched = 0;  // blocks, in answered requests

    Result<RpcReply> call(std::string_view method, const Json& params) override {
        if (method == "eth_getBlockByNumber") {
            return RpcReply{
                Json{{"number", to_quantity(head)}, {"hash", Digest{}.hex()}, {"timestamp", "0x1"}},
                {}};
        }
        if (++requests == fail_at) return fail(Errc::kUnavailable, "connection reset");
        const std::uint64_t from = *parse_quantity_u64(params[0]["fromBlock"], "from");
        const std::uint64_t to = *parse_quantity_u64(params[0]["toBlock"], "to");
        first_block = std::min(first_block, from);
        if (to - from + 1 > range_max) {
            return RpcReply{Json(), RpcFault{-32005, "block range is too wide", {}}};
        }
        searched += to - from + 1;
        Json logs = Json::array();
        for (const std::uint64_t block : cases) {
            if (block >= from && block <= to) logs.push_back(log(block));
        }
        for (const Json& appeal : appeals) logs.push_back(appeal);
        return RpcReply{std::move(logs), {}};
    }
    std::string name() const override { return "http://logs"; }

    // The case of a block was postponed, or dropped.
    void postpone(const ContractAbi& vault, std::uint64_t block, std::uint64_t until) {
        appeals.push_back(
            {{"address", kVault.hex()},
             {"topics", {vault.event("SlashPostponed")->topic().hex(), case_id(block).hex()}},
             {"data", fmt::format("0x{:064x}", until)},
             {"blockNumber", to_quantity(head)}});
    }
    void drop(const ContractAbi& vault, std::uint64_t block) {
        appeals.push_back({{"address", kVault.hex()},
                           {"topics",
                            {vault.event("SlashDropped")->topic().hex(), case_id(block).hex(),
                             "0x" + std::string(63, '0') + "1"}},
                           {"data", "0x"},
                           {"blockNumber", to_quantity(head)}});
    }

private:
    static Digest case_id(std::uint64_t block) {
        return crypto::keccak256(as_bytes(fmt::format("case {}", block)));
    }
    Json log(std::uint64_t block) const {
        const Digest id = case_id(block);
        return {{"address", kVault.hex()},
                {"topics", {topic_.hex(), id.hex(), "0x" + std::string(63, '0') + "1"}},
                {"data", fmt::format("0x{:064x}{:064x}{:064x}", 200, 1, 99)},
                {"blockNumber", to_quantity(block)}};
    }
    Digest topic_;
};

class SlashLogTest : public ::testing::Test {
protected:
    void open(std::uint64_t deployed_block) {
        ContractAddresses addresses;
        addresses.stake_vault = kVault;
        addresses.deployed_block = deployed_block;
        log.emplace(addresses, vault);
    }
    // Reads until the history is through.
    Result<std::vector<chain::SlashCase>> read_all() {
        for (;;) {
            auto cases = log->read(node);
            if (cases || cases.error().code != Errc::kNotNow) return cases;
            ++pauses;
        }
    }

    ContractAbi vault = *ContractAbi::parse(kVaultAbi);
    LogNode rpc{vault};
    EthNode node{rpc};
    std::optional<SlashLog> log;
    std::size_t pauses = 0;
};

TEST_F(SlashLogTest, ReadsFromTheBlockOfDeploymentOn) {
    rpc.head = 8'000'000;
    rpc.cases = {7'999'100, 7'999'990};
    open(7'999'000);
    const auto cases = log->read(node);
    ASSERT_TRUE(cases) << cases.error().message;
    EXPECT_EQ(cases->size(), 2U);
    EXPECT_EQ(rpc.first_block, 7'999'000U);
    EXPECT_LE(rpc.requests, 2U);
}

TEST_F(SlashLogTest, KeepsWhatWasReadWhenARequestFails) {
    rpc.head = 40'000;
    rpc.cases = {100, 39'000};
    rpc.fail_at = 15;
    open(0);
    EXPECT_EQ(log->read(node).error().code, Errc::kUnavailable);
    const auto cases = log->read(node);
    ASSERT_TRUE(cases) << cases.error().message;
    EXPECT_EQ(cases->size(), 2U);
    EXPECT_EQ(rpc.searched, 40'001U) << "no block was searched twice";
}

TEST_F(SlashLogTest, ReadsALongHistoryInPiecesSoThatOthersAreNotHeldUp) {
    rpc.head = 300'000;
    rpc.cases = {1, 150'000, 299'999};
    open(0);
    EXPECT_EQ(log->read(node).error().code, Errc::kNotNow);
    EXPECT_LE(rpc.requests, 32U);
    const auto cases = read_all();
    ASSERT_TRUE(cases) << cases.error().message;
    EXPECT_EQ(cases->size(), 3U);
    EXPECT_GE(pauses, 3U);
    EXPECT_EQ(rpc.searched, 300'001U);
}

TEST_F(SlashLogTest, AsksForFewerBlocksWhereTheNodeRefusesManyAndForMoreAgainLater) {
    rpc.head = 20'000;
    rpc.cases = {100, 19'990};
    rpc.range_max = 300;
    open(0);
    auto cases = read_all();
    ASSERT_TRUE(cases) << cases.error().message;
    EXPECT_EQ(cases->size(), 2U);
    EXPECT_LT(rpc.requests, 120U) << "the shorter range is remembered";

    rpc.range_max = 1'000'000;
    rpc.head = 200'000;
    rpc.requests = 0;
    ASSERT_TRUE(read_all());
    EXPECT_LT(rpc.requests, 180U) << "180 000 blocks, most of them 2000 at once";
}

TEST_F(SlashLogTest, FollowsWhatTheCourtDoes) {
    rpc.head = 10;
    rpc.cases = {3, 4};
    rpc.postpone(vault, 3, 777);
    rpc.drop(vault, 4);
    open(0);
    const auto cases = log->read(node);
    ASSERT_TRUE(cases) << cases.error().message;
    ASSERT_EQ(cases->size(), 2U);
    EXPECT_EQ(cases->at(0).execute_after, 777U);
    EXPECT_EQ(cases->at(0).state, chain::SlashState::kPending);
    EXPECT_EQ(cases->at(1).state, chain::SlashState::kDropped);
}

TEST_F(SlashLogTest, ACaseThatWasNeverProposedIsCorrupt) {
    rpc.head = 10;
    rpc.drop(vault, 4);
    open(0);
    const auto cases = log->read(node);
    ASSERT_FALSE(cases);
    EXPECT_EQ(cases.error().code, Errc::kCorrupt);
}

TEST_F(SlashLogTest, RefusalOfASingleBlockIsAnError) {
    rpc.head = 5'000;
    rpc.range_max = 0;
    open(0);
    const auto cases = log->read(node);
    ASSERT_FALSE(cases);
    EXPECT_EQ(cases.error().code, Errc::kInvalidInput);
    EXPECT_NE(cases.error().message.find("block range is too wide"), std::string::npos);
}

}  // namespace
}  // namespace fedstake::evm
