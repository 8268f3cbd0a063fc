// The JSON-RPC client against a server that answers garbage.
#include "contracts/cpp/evm/json_rpc.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <vector>

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

// ---- Batches -----------------------------------------------------------------------------------

std::vector<RpcCall> numbered(std::size_t count) {
    std::vector<RpcCall> calls;
    for (std::size_t i = 0; i < count; ++i) calls.push_back({"eth_call", Json::array({i})});
    return calls;
}

// Answers each call with its own parameters.
Json echoes(const std::string& body) {
    Json list = Json::array();
    for (const Json& request : Json::parse(body)) {
        list.push_back(
            Json{{"jsonrpc", "2.0"}, {"id", request.at("id")}, {"result", request.at("params")}});
    }
    return list;
}

Result<std::vector<RpcReply>> batch_once(const std::function<Json(Json)>& change,
                                         std::size_t calls = 3) {
    FakeHttpServer server(
        [&](const std::string& body) { return FakeReply::json(change(echoes(body)).dump()); });
    FS_ASSIGN(const auto rpc, JsonRpc::open(server.url(), kFast));
    return rpc->call_all(numbered(calls));
}

TEST(JsonRpcBatch, IsOneRequestWhoseRepliesMayComeInAnyOrder) {
    int requests = 0;
    FakeHttpServer server([&](const std::string& body) {
        ++requests;
        Json list = echoes(body);
        std::reverse(list.begin(), list.end());
        return FakeReply::json(list.dump());
    });
    const auto rpc = *JsonRpc::open(server.url(), kFast);
    const auto replies = rpc->call_all(numbered(5));
    ASSERT_TRUE(replies) << replies.error().message;
    ASSERT_EQ(replies->size(), 5U);
    for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(replies->at(i).result, Json::array({i}));
    EXPECT_EQ(requests, 1);
    EXPECT_TRUE(rpc->call_all({})->empty());
    EXPECT_EQ(requests, 1) << "nothing is asked for nothing";
}

TEST(JsonRpcBatch, IsCutIntoRequestsOfBoundedLength) {
    std::vector<std::size_t> sizes;
    FakeHttpServer server([&](const std::string& body) {
        sizes.push_back(Json::parse(body).size());
        return FakeReply::json(echoes(body).dump());
    });
    JsonRpcOptions options = kFast;
    options.batch_max = 4;
    const auto rpc = *JsonRpc::open(server.url(), options);
    const auto replies = rpc->call_all(numbered(10));
    ASSERT_TRUE(replies) << replies.error().message;
    EXPECT_EQ(replies->back().result, Json::array({9}));
    EXPECT_EQ(sizes, (std::vector<std::size_t>{4, 4, 2}));
}

TEST(JsonRpcBatch, ARefusalOfOneCallIsItsOwn) {
    const auto replies = batch_once([](Json list) {
        list[1].erase("result");
        list[1]["error"] = {{"code", 3}, {"message", "reverted"}, {"data", "0xdead"}};
        return list;
    });
    ASSERT_TRUE(replies) << replies.error().message;
    EXPECT_FALSE(replies->at(0).fault);
    ASSERT_TRUE(replies->at(1).fault);
    EXPECT_EQ(to_hex(replies->at(1).fault->data), "dead");
    EXPECT_EQ(replies->at(2).result, Json::array({2}));
}

// Every answer that is no answer to these calls.
TEST(JsonRpcBatch, RefusesRepliesThatAreMissingTwiceOrOfOthers) {
    const std::vector<std::function<Json(Json)>> changes = {
        [](Json list) {
            list.erase(1);
            return list;
        },
        [](Json list) {
            list[1]["id"] = list[0]["id"];
            return list;
        },
        [](Json list) {
            list[2]["id"] = 77;
            return list;
        },
        [](Json list) {
            list[2]["id"] = nullptr;
            return list;
        },
        [](Json list) {
            list[0].erase("result");
            return list;
        },
        [](Json list) {
            list[0] = "0x1";
            return list;
        },
        [](Json list) {
            list.push_back(list[0]);
            return list;
        },
        [](const Json&) { return Json::array(); },
        [](const Json&) { return Json("busy"); },
    };
    for (std::size_t i = 0; i < changes.size(); ++i) {
        const auto replies = batch_once(changes[i]);
        ASSERT_FALSE(replies) << i;
        EXPECT_EQ(replies.error().code, Errc::kCorrupt) << i;
        EXPECT_NE(replies.error().message.find("batch of 3 calls"), std::string::npos)
            << replies.error().message;
    }
}

TEST(JsonRpcBatch, ANodeThatTakesNoneIsAskedOneByOneFromThenOn) {
    int batches = 0;
    FakeHttpServer server([&](const std::string& body) {
        const Json request = Json::parse(body);
        if (!request.is_array()) return answer(body, request.at("params"));
        ++batches;
        return FakeReply::json(
            R"({"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"no batches"}})");
    });
    const auto rpc = *JsonRpc::open(server.url(), kFast);
    for (int i = 0; i < 2; ++i) {
        const auto replies = rpc->call_all(numbered(3));
        ASSERT_TRUE(replies) << replies.error().message;
        EXPECT_EQ(replies->at(2).result, Json::array({2}));
    }
    EXPECT_EQ(batches, 1);
}

TEST(JsonRpcBatch, ABusyNodeIsUnavailable) {
    FakeHttpServer server([](const std::string&) { return FakeReply::json("{}", 503); });
    const auto rpc = *JsonRpc::open(server.url(), kFast);
    const auto replies = rpc->call_all(numbered(3));
    ASSERT_FALSE(replies);
    EXPECT_EQ(replies.error().code, Errc::kUnavailable);
}

}  // namespace
}  // namespace fedstake::evm
