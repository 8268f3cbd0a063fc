// Forwards each request as it is.
#include "tests/integration/rpc_proxy.hpp"

#include <csignal>
#include <utility>

#include <nlohmann/json.hpp>

namespace fedstake::testing {

namespace {

constexpr Duration kNodeDeadline{10'000};
constexpr std::size_t kAnswerMax = std::size_t{64} << 20U;

// The transaction in a request, or nothing.
std::string sent_transaction(const std::string& body) {
    const auto request = nlohmann::json::parse(body, nullptr, false);
    if (!request.is_object() || request.value("method", "") != "eth_sendRawTransaction") return {};
    const auto& parameters = request.at("params");
    return parameters.is_array() && !parameters.empty() ? parameters.at(0).get<std::string>() : "";
}

}  // namespace

RpcProxy::RpcProxy(evm::HttpUrl node, Plan plan) : plan_(std::move(plan)), node_(std::move(node)) {}

Result<std::unique_ptr<RpcProxy>> RpcProxy::start(const std::string& node, Plan plan) {
    FS_ASSIGN(auto url, evm::HttpUrl::parse(node));
    std::unique_ptr<RpcProxy> proxy(new RpcProxy(std::move(url), std::move(plan)));
    proxy->server_ = std::make_unique<FakeHttpServer>(
        [self = proxy.get()](const std::string& body) { return self->answer(body); });
    return proxy;
}

std::vector<RpcProxy::Kill> RpcProxy::kills() const {
    const std::lock_guard lock(mutex_);
    return kills_;
}

FakeReply RpcProxy::answer(const std::string& body) {
    const std::string raw = sent_transaction(body);
    if (raw.empty()) return forward(body);
    const AtSend when = take(raw);
    if (when == AtSend::kKillBefore) return end_program();
    FakeReply reply = forward(body);
    return when == AtSend::kKillAfter ? end_program() : std::move(reply);
}

RpcProxy::AtSend RpcProxy::take(const std::string& raw) {
    const std::lock_guard lock(mutex_);
    for (Kill& kill : kills_) kill.sent_again = kill.sent_again || kill.raw == raw;
    const std::uint64_t number = ++sends_;
    if (program_ == 0) return AtSend::kPass;
    const AtSend when = plan_(number);
    if (when != AtSend::kPass) kills_.push_back({.when = when, .raw = raw});
    return when;
}

FakeReply RpcProxy::forward(const std::string& body) {
    const auto reply = node_.post(body, kNodeDeadline, kAnswerMax);
    if (!reply) return {.raw = {}, .close = true};
    return FakeReply::json(reply->body, static_cast<int>(reply->status));
}

// The program has stored what it signed before it said so here.
FakeReply RpcProxy::end_program() {
    ::kill(program_.exchange(0), SIGKILL);
    return {.raw = {}, .close = true};
}

}  // namespace fedstake::testing
