// Questions to a coordinator that is slow, refuses, restarts, or is another one than agreed.
#include "client/app/inquiry.hpp"

#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/base/exit_code.hpp"
#include "proto/transport/router_server.hpp"
#include "proto/wire/codec.hpp"
#include "tests/support/temp_dir.hpp"

namespace fedstake::client {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

// A coordinator's port, with an answer to each message from a function.
class FakeCoordinator {
public:
    using Answer = std::function<std::optional<wire::Message>(const wire::Message&)>;

    FakeCoordinator(transport::RouterOptions options, Answer answer) : answer_(std::move(answer)) {
        auto server = transport::RouterServer::start(std::move(options));
        EXPECT_TRUE(server) << (server ? "" : server.error().message);
        if (!server) return;
        server_ = std::move(*server);
        thread_ = std::thread([this] { serve(); });
    }
    ~FakeCoordinator() {
        stop_ = true;
        if (thread_.joinable()) thread_.join();
        if (server_) server_->stop();
    }
    FakeCoordinator(const FakeCoordinator&) = delete;
    FakeCoordinator& operator=(const FakeCoordinator&) = delete;

    [[nodiscard]] std::uint16_t port() const { return server_->port(); }
    // Names of the messages that came, in order.
    [[nodiscard]] std::vector<std::string> heard() {
        const std::lock_guard lock(mutex_);
        return heard_;
    }

private:
    void serve() {
        while (!stop_) {
            const auto input = server_->next(20ms);
            if (!input) continue;
            const auto* incoming = std::get_if<transport::Incoming>(&*input);
            if (incoming == nullptr) continue;
            const wire::Message message = wire::decode(incoming->payload).value();
            {
                const std::lock_guard lock(mutex_);
                heard_.emplace_back(wire::message_name(message));
            }
            if (const auto reply = answer_(message)) {
                EXPECT_TRUE(server_->send(incoming->peer, wire::encode(*reply).value()));
            }
        }
    }

    Answer answer_;
    std::unique_ptr<transport::RouterServer> server_;
    std::atomic<bool> stop_{false};
    std::mutex mutex_;
    std::vector<std::string> heard_;
    std::thread thread_;
};

class InquiryOverSockets : public ::testing::Test {
protected:
    void SetUp() override {
        site_.config.keys = folder_ / "keys";
        site_.config.state = folder_ / "state";
        site_.passphrase = "only for tests";
        const auto keys =
            make_keys(site_.config.keys, site_.passphrase, crypto::kLightKeystoreCost);
        ASSERT_TRUE(keys) << keys.error().message;
        site_.entry.owner = keys->owner;
        site_.manifest.federation.bytes.fill(7);
        options_.secret_key = coordinator_keys_.secret_key;
        options_.allowed = {{keys->curve, keys->owner}};
        site_.manifest.coordinator_curve_key = coordinator_keys_.public_key;
    }

    [[nodiscard]] std::unique_ptr<FakeCoordinator> start(FakeCoordinator::Answer answer) {
        auto coordinator = std::make_unique<FakeCoordinator>(options_, std::move(answer));
        options_.port = coordinator->port();  // one that is started again is found there
        site_.manifest.endpoint = "tcp://127.0.0.1:" + std::to_string(options_.port);
        return coordinator;
    }
    [[nodiscard]] wire::Welcome welcome() const {
        return {.federation = site_.manifest.federation,
                .round = 4,
                .attempt = 0,
                .rules_digest = site_.manifest.rules.digest(),
                .latest_model = {},
                .coordinator_time = {}};
    }
    // Welcomes the site and gives this answer to everything else.
    [[nodiscard]] FakeCoordinator::Answer answering(std::optional<wire::Message> answer) const {
        return [hello = welcome(), answer](const wire::Message& message) {
            return std::holds_alternative<wire::Hello>(message) ? wire::Message(hello) : answer;
        };
    }
    [[nodiscard]] Result<std::unique_ptr<Inquiry>> open(std::chrono::seconds limit = 15s) {
        return Inquiry::open(site_, limit, stop_);
    }

    testing::TempDir folder_;
    Site site_;
    transport::CurveKeyPair coordinator_keys_ = transport::generate_curve_keys();
    transport::RouterOptions options_;
    std::atomic<bool> stop_{false};
};

TEST_F(InquiryOverSockets, AsksAndIsAnswered) {
    const auto coordinator = start(answering(wire::StatusReport{.json = "{}"}));
    const auto inquiry = open();
    ASSERT_TRUE(inquiry) << inquiry.error().message;
    EXPECT_EQ((*inquiry)->current_round(), 4U);
    EXPECT_EQ((*inquiry)->status_json().value(), "{}");
    EXPECT_EQ(coordinator->heard(), (std::vector<std::string>{"Hello", "StatusRequest"}));
}

TEST_F(InquiryOverSockets, GreetsAndAsksAgainAfterTheCoordinatorRestarted) {
    auto coordinator = start(answering(std::nullopt));
    const auto inquiry = open(30s);
    ASSERT_TRUE(inquiry) << inquiry.error().message;
    std::thread restart([&] {
        while (coordinator->heard().size() < 2) std::this_thread::sleep_for(10ms);
        coordinator.reset();
        coordinator = start(answering(wire::StatusReport{.json = "{}"}));
    });
    const auto status = (*inquiry)->status_json();
    restart.join();
    ASSERT_TRUE(status) << status.error().message;
    EXPECT_EQ(coordinator->heard(), (std::vector<std::string>{"Hello", "StatusRequest"}));
}

TEST_F(InquiryOverSockets, RefusesOtherRulesThanTheManifests) {
    const auto coordinator = start([hello = welcome()](const wire::Message&) {
        wire::Welcome other = hello;
        other.rules_digest.bytes[0] ^= 1;
        return wire::Message(other);
    });
    const auto inquiry = open();
    ASSERT_FALSE(inquiry);
    EXPECT_EQ(inquiry.error().code, Errc::kConflict);
    EXPECT_THAT(inquiry.error().message, HasSubstr("rules"));
}

TEST_F(InquiryOverSockets, ARefusedGreetingNamesItsReason) {
    const auto coordinator = start([](const wire::Message&) {
        return wire::Message(wire::Refusal{.code = wire::RefusalCode::kNotEnrolled,
                                           .reason = "the key is another site's",
                                           .round = 0,
                                           .update_root = {}});
    });
    const auto inquiry = open();
    ASSERT_FALSE(inquiry);
    EXPECT_EQ(inquiry.error().code, Errc::kUnauthorized);
    EXPECT_THAT(inquiry.error().message, HasSubstr("another site"));
}

TEST_F(InquiryOverSockets, ARoundThatIsNotThereIsNotFound) {
    const auto coordinator = start(answering(wire::Refusal{.code = wire::RefusalCode::kNotFound,
                                                           .reason = "no such round",
                                                           .round = 99,
                                                           .update_root = {}}));
    const auto inquiry = open();
    ASSERT_TRUE(inquiry) << inquiry.error().message;
    EXPECT_EQ((*inquiry)->round_record(99).error().code, Errc::kNotFound);
}

TEST_F(InquiryOverSockets, StopsSoonWhenTold) {
    const auto coordinator = start(answering(std::nullopt));
    const auto inquiry = open(300s);
    ASSERT_TRUE(inquiry) << inquiry.error().message;
    stop_ = true;
    EXPECT_EQ((*inquiry)->status_json().error().message, "interrupted");
}

TEST(InquiryRefusals, HaveTheExitCodeThatTheirNameSuggests) {
    const auto code = [](wire::RefusalCode refusal) {
        return exit_code_for(
            refused({.code = refusal, .reason = "x", .round = 0, .update_root = {}}).code);
    };
    using Code = wire::RefusalCode;
    EXPECT_EQ(code(Code::kNotFound), ExitCode::kNotFound);
    EXPECT_EQ(code(Code::kUnknownRound), ExitCode::kNotFound);
    EXPECT_EQ(code(Code::kBusy), ExitCode::kUnavailable);
    EXPECT_EQ(code(Code::kNotAuditor), ExitCode::kUnauthorized);
    EXPECT_EQ(code(Code::kNotEnrolled), ExitCode::kUnauthorized);
    EXPECT_EQ(code(Code::kWrongFederation), ExitCode::kConflict);
    EXPECT_EQ(code(Code::kWrongVersion), ExitCode::kConflict);
    EXPECT_EQ(code(Code::kEarly), ExitCode::kNotNow);
    EXPECT_EQ(code(Code::kUnexpected), ExitCode::kInternal);
}

}  // namespace
}  // namespace fedstake::client
