// The JSON-RPC client against a server that answers garbage.
#include "contracts/cpp/evm/json_rpc.hpp"

#include <chrono>

#include <gtest/gtest.h>

#include "tests/contracts/cpp/evm/fake_http_server.hpp"

namespace fedstake::evm {
namespace {

using testing::FakeHttpServer;
using testing::FakeReply;

constexpr JsonRpcOptions kFast{.deadline = Duration{20'000}};

// A correct answer carrying `result`, for the id in the request.
FakeReply answer(const std::string& request, const Json& result) {
    const Json id = Json::parse(request).at("id");
    return FakeReply::json(Json{{"jsonrpc", "2.0"}, {"id", id}, {"result", result}}.dump());
}

Result<RpcReply> call_once(FakeHttpServer::Handler handler, JsonRpcOptions options = kFast) {
    FakeHttpServer server(std::move(handler));
    FS_ASSIGN(const auto rpc, JsonRpc::open(server.url(), options));
    return rpc->call("eth_chainId", Json::array());
}

Result<RpcReply> call_once(const std::string& body, int status = 200) {
    return call_once([&](const std::string&) { return FakeReply::json(body, status); });
}

TEST(JsonRpc, ReturnsTheResultAndKeepsTheConnection) {
    FakeHttpServer server([](const std::string& body) {
        const Json request = Json::parse(body);
        EXPECT_EQ(request.at("method"), "eth_chainId");
        return answer(body, request.at("params"));
    });
    const auto rpc = *JsonRpc::open(server.url(), kFast);
    for (int i = 0; i < 5; ++i) {
        const auto reply = rpc->call("eth_chainId", Json::array({i}));
        ASSERT_TRUE(reply) << reply.error().message;
        EXPECT_EQ(reply->result, Json::array({i}));
    }
    EXPECT_EQ(server.connections(), 1);
}

TEST(JsonRpc, ReconnectsWhenTheNodeClosedTheKeptConnection) {
    FakeHttpServer server([](const std::string& body) {
        FakeReply reply = answer(body, "0x1");
        reply.close = true;  // without saying so in a header
        return reply;
    });
    const auto rpc = *JsonRpc::open(server.url(), kFast);
    for (int i = 0; i < 3; ++i) {
        const auto reply = rpc->call("eth_chainId", Json::array());
        ASSERT_TRUE(reply) << reply.error().message;
    }
    EXPECT_EQ(server.connections(), 3);
}

TEST(JsonRpc, HandsOverTheNodesFaultWithRevertData) {
    const auto reply = call_once([](const std::string& body) {
        const Json id = Json::parse(body).at("id");
        const Json error{{"code", 3}, {"message", "execution\nreverted"}, {"data", "0xdeadbeef"}};
        return FakeReply::json(Json{{"jsonrpc", "2.0"}, {"id", id}, {"error", error}}.dump());
    });
    ASSERT_TRUE(reply);
    ASSERT_TRUE(reply->fault);
    EXPECT_EQ(reply->fault->code, 3);
    EXPECT_EQ(reply->fault->message, "execution?reverted");
    EXPECT_EQ(to_hex(reply->fault->data), "deadbeef");
}

TEST(JsonRpc, RefusesGarbage) {
    EXPECT_EQ(call_once("<html>busy</html>").error().code, Errc::kCorrupt);
    EXPECT_EQ(call_once("").error().code, Errc::kCorrupt);
    EXPECT_EQ(call_once("[]").error().code, Errc::kCorrupt);
    EXPECT_EQ(call_once("{}").error().code, Errc::kCorrupt);
    EXPECT_EQ(call_once(R"({"jsonrpc":"1.0","id":1,"result":"0x1"})").error().code, Errc::kCorrupt);
    EXPECT_EQ(call_once(R"({"jsonrpc":"2.0","id":1})").error().code, Errc::kCorrupt);
    EXPECT_EQ(call_once("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"\xff\xfe\"}").error().code,
              Errc::kCorrupt);
}

TEST(JsonRpc, RefusesAnAnswerToAnotherCall) {
    const auto reply = call_once(R"({"jsonrpc":"2.0","id":77,"result":"0x1"})");
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, Errc::kCorrupt);
    EXPECT_NE(reply.error().message.find("another call"), std::string::npos);
    EXPECT_FALSE(call_once(R"({"jsonrpc":"2.0","id":"1","result":"0x1"})"));
    EXPECT_FALSE(call_once(R"({"jsonrpc":"2.0","id":77,"error":{"code":1,"message":"x"}})"));
}

TEST(JsonRpc, BoundsTheBody) {
    const std::string big(2U << 20U, ' ');
    EXPECT_EQ(call_once(big).error().code, Errc::kLimitExceeded);
    // Without a length, too: the reader stops at the bound.
    const auto endless = call_once([&](const std::string&) {
        return FakeReply{"HTTP/1.1 200 OK\r\n\r\n" + big, true};
    });
    EXPECT_EQ(endless.error().code, Errc::kLimitExceeded);
    // A length that lies costs no memory.
    const auto lying = call_once([&](const std::string&) {
        return FakeReply{"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n{}", false};
    });
    EXPECT_EQ(lying.error().code, Errc::kLimitExceeded);
}

TEST(JsonRpc, LogsMayBeBigger) {
    FakeHttpServer server(
        [](const std::string& body) { return answer(body, std::string(2U << 20U, 'x')); });
    const auto rpc = *JsonRpc::open(server.url(), kFast);
    EXPECT_TRUE(rpc->call("eth_getLogs", Json::array()));
    EXPECT_FALSE(rpc->call("eth_call", Json::array()));
}

TEST(JsonRpc, BoundsTheNesting) {
    const std::string deep(100'000, '[');
    EXPECT_EQ(call_once(deep).error().code, Errc::kLimitExceeded);
    EXPECT_EQ(parse_bounded_json(std::string(64, '[') + std::string(64, ']'))->size(), 1U);
    EXPECT_EQ(parse_bounded_json(std::string(65, '[') + std::string(65, ']')).error().code,
              Errc::kLimitExceeded);
    // Brackets in strings do not nest.
    EXPECT_TRUE(parse_bounded_json("\"" + std::string(1000, '[') + "\\\"[\""));
}

TEST(JsonRpc, ReportsHttpErrorsAndTellsWhichAreWorthARetry) {
    EXPECT_EQ(call_once("slow down", 429).error().code, Errc::kUnavailable);
    EXPECT_EQ(call_once("bad gateway", 502).error().code, Errc::kUnavailable);
    EXPECT_EQ(call_once("who are you", 401).error().code, Errc::kCorrupt);
}

TEST(JsonRpc, GivesUpOnASilentServerInTime) {
    const auto begin = std::chrono::steady_clock::now();
    const auto reply =
        call_once([](const std::string&) { return FakeReply{}; }, {.deadline = Duration{150}});
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, Errc::kUnavailable);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
}

TEST(JsonRpc, WorksAgainAfterATimeout) {
    int calls = 0;
    FakeHttpServer server(
        [&](const std::string& body) { return ++calls == 1 ? FakeReply{} : answer(body, "0x1"); });
    const auto rpc = *JsonRpc::open(server.url(), {.deadline = Duration{150}});
    EXPECT_FALSE(rpc->call("eth_chainId", Json::array()));
    EXPECT_TRUE(rpc->call("eth_chainId", Json::array()));
}

TEST(JsonRpc, SaysThatNoNodeAnswers) {
    std::string url;
    {
        FakeHttpServer server([](const std::string&) { return FakeReply{}; });
        url = server.url();
    }
    const auto reply = (*JsonRpc::open(url, kFast))->call("eth_chainId", Json::array());
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, Errc::kUnavailable);
    EXPECT_NE(reply.error().message.find("no chain node answers at " + url), std::string::npos);
}

}  // namespace
}  // namespace fedstake::evm
