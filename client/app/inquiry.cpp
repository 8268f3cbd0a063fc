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

Errc code_of(wire::RefusalCode code) noexcept {
    using Code = wire::RefusalCode;
    switch (code) {
        case Code::kNotFound:
        case Code::kUnknownRound: return Errc::kNotFound;
        case Code::kBusy:
        case Code::kNoSpace:
        case Code::kTooSlow: return Errc::kUnavailable;
        case Code::kTooMany: return Errc::kLimitExceeded;
        case Code::kEarly:
        case Code::kLate: return Errc::kNotNow;
        case Code::kNotEnrolled:
        case Code::kNotAuditor:
        case Code::kBarred:
        case Code::kUnstaked:
        case Code::kBadSignature: return Errc::kUnauthorized;
        case Code::kWrongFederation:
        case Code::kWrongVersion:
        case Code::kReplayed:
        case Code::kWrongBaseModel:
        case Code::kEquivocation: return Errc::kConflict;
        // About updates, which an inquiry never sends, or about a message that it should not send.
        case Code::kWrongSize:
        case Code::kNotANumber:
        case Code::kOutOfRange:
        case Code::kAllZero:
        case Code::kCopy:
        case Code::kWrongContent:
        case Code::kMalformed:
        case Code::kUnexpected: return Errc::kInternal;
    }
    return Errc::kInternal;
}

}  // namespace

Error refused(const wire::Refusal& refusal) {
    return {code_of(refusal.code), "the coordinator refused (" +
                                       std::string(wire::refusal_name(refusal.code)) +
                                       "): " + refusal.reason};
}

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
    while (!welcomed_) {
        FS_ASSIGN(const wire::Message message, next_message());
        const auto* refusal = std::get_if<wire::Refusal>(&message);
        if (refusal != nullptr) return tl::unexpected(refused(*refusal));
    }
    return {};
}

Status Inquiry::send(const wire::Message& message) {
    FS_ASSIGN(Bytes bytes, wire::encode(message));
    return link_->send(std::move(bytes));
}

Status Inquiry::on_link(const transport::LinkEvent& event) {
    if (event.state == transport::LinkState::kRefused) {
        return fail(Errc::kUnauthorized, event.text);
    }
    welcomed_ = false;
    if (event.state == transport::LinkState::kUp) {
        trouble_ = "no answer";
        return send(wire::Hello{.federation = site_.manifest.federation,
                                .site = site_.entry.owner,
                                .protocol_version = wire::kProtocolVersion,
                                .software = kSoftware});
    }
    trouble_ = event.text;
    transfers_->on_link_down();
    return {};
}

Status Inquiry::on_welcome(const wire::Welcome& welcome) {
    if (welcome.federation != site_.manifest.federation) {
        return fail(Errc::kConflict,
                    "the coordinator runs another federation than the manifest names");
    }
    const Digest rules = site_.manifest.rules.digest();
    if (welcome.rules_digest != rules) {
        return fail(Errc::kConflict, "the coordinator runs rules " +
                                         welcome.rules_digest.short_hex() +
                                         ", this site agreed to " + rules.short_hex() +
                                         "; get the current manifest from the consortium");
    }
    welcomed_ = true;
    current_round_ = welcome.round;
    transfers_->on_link_up();
    return question_ ? send(*question_) : Status{};
}

Result<wire::Message> Inquiry::next_message() {
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
            FS_TRY(on_link(*event));
            continue;
        }
        auto message = wire::decode(std::get<Bytes>(*input));
        if (!message) {
            return fail(Errc::kCorrupt,
                        "the coordinator's message cannot be read: " + message.error().message);
        }
        if (const auto* welcome = std::get_if<wire::Welcome>(&*message)) {
            FS_TRY(on_welcome(*welcome));
        }
        if (!transfers_->on_message(*message)) return message;
    }
    if (stop_) return fail(Errc::kUnavailable, "interrupted");
    return fail(Errc::kUnavailable, "the coordinator at " + site_.manifest.endpoint +
                                        " did not answer in time: " + trouble_);
}

template <class Answer>
Result<Answer> Inquiry::ask(wire::Message question) {
    question_ = std::move(question);
    if (welcomed_) FS_TRY(send(*question_));
    while (true) {
        FS_ASSIGN(wire::Message message, next_message());
        if (auto* answer = std::get_if<Answer>(&message)) {
            question_.reset();
            return std::move(*answer);
        }
        const auto* refusal = std::get_if<wire::Refusal>(&message);
        if (refusal == nullptr) continue;
        // What still waited when the link came back went out ahead of Hello; it is asked again.
        if (!welcomed_ && refusal->code == wire::RefusalCode::kUnexpected) continue;
        return tl::unexpected(refused(*refusal));
    }
}

Result<wire::RoundRecord> Inquiry::round_record(RoundNumber round, std::uint32_t attempt) {
    FS_ASSIGN(wire::RoundRecord record,
              ask<wire::RoundRecord>(wire::RoundRecordRequest{.round = round, .attempt = attempt}));
    if (record.round != round || (attempt != 0 && record.attempt + 1 != attempt))
        return fail(Errc::kCorrupt, "the coordinator answered with another round");
    return record;
}

Result<std::string> Inquiry::status_json() {
    FS_ASSIGN(wire::StatusReport report, ask<wire::StatusReport>(wire::StatusRequest{}));
    return std::move(report.json);
}

Status Inquiry::fetch(std::span<const Digest> roots, std::optional<std::uint64_t> bytes_max) {
    for (const Digest& root : roots) transfers_->want(root, bytes_max);
    const auto missing = [this, &roots] {
        return std::any_of(roots.begin(), roots.end(),
                           [this](const Digest& root) { return !store_->has_blob(root); });
    };
    while (missing()) FS_TRY(next_message());
    return {};
}

}  // namespace fedstake::client
