// Health and metrics over loopback, and their text.
#include "coordinator/app/http_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace fedstake::coordinator {
namespace {

using ::testing::HasSubstr;

TEST(Metrics, PrometheusTextHasTypesAndLabels) {
    MetricsSnapshot values;
    values.round = 7;
    values.updates_refused = {{"late", 2}, {"not-a-number", 1}};
    const std::string text = to_prometheus(values);
    EXPECT_THAT(text, HasSubstr("# TYPE fedstake_round gauge\nfedstake_round 7\n"));
    EXPECT_THAT(text, HasSubstr("fedstake_updates_refused_total{reason=\"late\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("fedstake_updates_refused_total{reason=\"not-a-number\"} 1\n"));
    EXPECT_GT(resident_bytes(), 1'000'000U);
}

TEST(Metrics, HealthSaysDegradedWithoutTheChainAndStoppedAtTheEnd) {
    MetricsSnapshot values;
    EXPECT_EQ(nlohmann::json::parse(to_health_json(values))["status"], "ok");
    values.chain_enabled = true;
    values.chain_up = false;
    EXPECT_EQ(nlohmann::json::parse(to_health_json(values))["status"], "degraded");
    values.phase = "stopped";
    EXPECT_EQ(nlohmann::json::parse(to_health_json(values))["status"], "stopped");
}

TEST(HttpServer, AnswersOnLoopback) {
    Metrics metrics;
    metrics.change([](MetricsSnapshot& m) {
        m.round = 3;
        m.status_json = "{\"round\":3}";
    });
    const auto server = HttpServer::start(0, metrics);
    ASSERT_TRUE(server.has_value()) << server.error().message;
    const std::uint16_t port = (*server)->port();
    EXPECT_EQ(nlohmann::json::parse(http_get_loopback(port, "/healthz").value())["round"], 3);
    EXPECT_THAT(http_get_loopback(port, "/metrics").value(), HasSubstr("fedstake_round 3"));
    EXPECT_EQ(http_get_loopback(port, "/status").value(), "{\"round\":3}\n");
    EXPECT_THAT(http_get_loopback(port, "/else").value(), HasSubstr("/healthz"));
}

TEST(HttpServer, NamesAPortInUse) {
    Metrics metrics;
    const auto first = HttpServer::start(0, metrics);
    ASSERT_TRUE(first.has_value());
    const auto second = HttpServer::start((*first)->port(), metrics);
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().code, Errc::kConflict);
    EXPECT_THAT(second.error().message, HasSubstr(std::to_string((*first)->port())));
}

TEST(HttpServer, NobodyThereIsUnavailable) {
    Metrics metrics;
    std::uint16_t port = 0;
    {
        const auto server = HttpServer::start(0, metrics);
        port = (*server)->port();
    }
    EXPECT_EQ(http_get_loopback(port, "/healthz").error().code, Errc::kUnavailable);
}

}  // namespace
}  // namespace fedstake::coordinator
