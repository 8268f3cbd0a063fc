// Question and answer over a DealerClient.
#include "client/app/inquiry.hpp"

#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

#include "proto/wire/codec.hpp"

namespace fedstake::client {

namespace {

constexpr std::chrono::milliseconds kPollEvery{20};

}  // namespace

Inquiry::Inquiry(const Site& site, std::filesystem::path folder, StateStore store,
                 std::chrono::steady_clock::time_point deadline, const std::atomic<bool>& stop)
    : site_(site),
      folder_(std::move(folder)),
      store_(std::move(store)),
      deadline_(deadline),
      stop_(stop) {
    transfers_.emplace(*store_, site.manifest.rules.coordinates * 4);
}

Inquiry::~Inquiry() {
    if (link_) link_->stop();
    transfers_.reset();
    store_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

Result<std::unique_ptr<Inquiry>> Inquiry::open(const Site& site, std::chrono::seconds limit,
                                               const std::atomic<bool>& stop) {
    std::filesystem::path folder =
        site.config.state.string() + ".inquiry-" + std::to_string(::getpid());
    FS_ASSIGN(StateStore store, StateStore::open(folder));
    std::unique_ptr<Inquiry> inquiry(new Inquiry(site, std::move(folder), std::move(store),
                                                 std::chrono::steady_clock::now() + limit, stop));
    FS_TRY(inquiry->connect());
    return inquiry;
}

Status Inquiry::connect() {
    FS_ASSIGN(const transport::CurveSecretKey curve,
              read_curve_key(site_.config.keys, site_.passphrase));
    transport::DealerOptions options;
    options.endpoint = site_.manifest.endpoint;
    options.server_key = site_.manifest.coordinator_curve_key;
    options.secret_key = curve;
    FS_ASSIGN(link_, transport::DealerClient::start(std::move(options)));
    FS_ASSIGN(const auto welcome,
              ask<wire::Welcome>(wire::Hello{.federation = site_.manifest.federation,
                                             .site = site_.entry.owner,
                                             .protocol_version = wire::kProtocolVersion,
                                             .software = kSoftware}));
    if (welcome.federation != site_.manifest.federation) {
        return fail(Errc::kConflict,
                    "the coordinator runs another federation than the manifest names");
    }
    current_round_ = welcome.round;
    return {};
}

Status Inquiry::send(const wire::Message& message) {
    FS_ASSIGN(Bytes bytes, wire::encode(message));
    return link_->send(std::move(bytes));
}

Result<wire::Message> Inquiry::next_message() {
    std::string trouble = "no answer";
    while (std::chrono::steady_clock::now() < deadline_ && !stop_) {
        while (auto out = transfers_->next()) FS_TRY(send(*out));
        const auto input = link_->next(kPollEvery);
        if (!input) {
            if (auto done = transfers_->next_result()) {
                if (done->failure) return tl::unexpected(*done->failure);
                return wire::Message(wire::Bye{});  // a transfer ended: see fetch()
            }
            transfers_->retry();
            continue;
        }
        if (const auto* event = std::get_if<transport::LinkEvent>(&*input)) {
            if (event->state == transport::LinkState::kRefused) {
                return fail(Errc::kUnauthorized, event->text);
            }
            if (event->state == transport::LinkState::kUp) {
                transfers_->on_link_up();
            } else {
                trouble = event->text;
                transfers_->on_link_down();
            }
            continue;
        }
        FS_ASSIGN(wire::Message message, wire::decode(std::get<Bytes>(*input)));
        if (!transfers_->on_message(message)) return message;
    }
    if (stop_) return fail(Errc::kUnavailable, "interrupted");
    return fail(Errc::kUnavailable, "the coordinator at " + site_.manifest.endpoint +
                                        " did not answer in time: " + trouble);
}

template <class Answer>
Result<Answer> Inquiry::ask(const wire::Message& question) {
    FS_TRY(send(question));
    while (true) {
        FS_ASSIGN(wire::Message message, next_message());
        if (auto* answer = std::get_if<Answer>(&message)) return std::move(*answer);
        if (const auto* refusal = std::get_if<wire::Refusal>(&message)) {
            return fail(Errc::kUnauthorized, "the coordinator refused (" +
                                                 std::string(wire::refusal_name(refusal->code)) +
                                                 "): " + refusal->reason);
        }
    }
}

Result<wire::RoundRecord> Inquiry::round_record(RoundNumber round) {
    FS_ASSIGN(wire::RoundRecord record,
              ask<wire::RoundRecord>(wire::RoundRecordRequest{.round = round}));
    if (record.round != round)
        return fail(Errc::kCorrupt, "the coordinator answered with another round");
    return record;
}

Result<std::string> Inquiry::status_json() {
    FS_ASSIGN(wire::StatusReport report, ask<wire::StatusReport>(wire::StatusRequest{}));
    return std::move(report.json);
}

Status Inquiry::fetch(std::span<const Digest> roots) {
    for (const Digest& root : roots) transfers_->want(root);
    const auto missing = [this, &roots] {
        return std::any_of(roots.begin(), roots.end(),
                           [this](const Digest& root) { return !store_->has_blob(root); });
    };
    while (missing()) FS_TRY(next_message());
    return {};
}

}  // namespace fedstake::client
