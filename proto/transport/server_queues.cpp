// Bounds and counters of the server's queues.
#include "proto/transport/server_queues.hpp"

#include <utility>

namespace fedstake::transport {

namespace {

constexpr std::uint32_t kRefusalReportsPerSecond = 4;
constexpr std::size_t kRefusalReportsWaiting = 64;

}  // namespace

void ServerQueues::accept(ReadResult message) {
    const std::size_t size = message.body.size();
    {
        const std::lock_guard lock(mutex_);
        if (message.outcome != ReadOutcome::kMessage) {
            ++(message.outcome == ReadOutcome::kUnverified ? stats_.dropped_unverified
                                                           : stats_.dropped_shape);
            return;
        }
        const auto found = inbound_messages_.find(message.peer.site);
        const std::size_t waiting = found == inbound_messages_.end() ? 0 : found->second;
        if (waiting >= options_.site_inbound_max) {
            ++stats_.dropped_site_full;
            return;
        }
        if (inbound_bytes_ + size > options_.inbound_bytes_max) {
            ++stats_.dropped_full;
            return;
        }
        inbound_messages_[message.peer.site] = waiting + 1;
        inbound_bytes_ += size;
        ++stats_.messages_in;
        stats_.bytes_in += size;
    }
    const auto* data = message.body.data<std::uint8_t>();
    deliver(Incoming{message.peer, Bytes(data, data + size)});
}

void ServerQueues::deliver(ServerInput input) {
    if (inbox_.push(std::move(input)) && options_.on_ready) {
        options_.on_ready();
    }
}

void ServerQueues::note(const ZapDecision& decision, std::chrono::milliseconds now) {
    HandshakeRefused report;
    {
        const std::lock_guard lock(mutex_);
        if (decision.malformed) {
            ++stats_.refused_malformed;
            return;
        }
        switch (decision.admission) {
            case Admission::kAccepted: ++stats_.handshakes_accepted; return;
            case Admission::kNotEnrolled: ++stats_.refused_not_enrolled; break;
            case Admission::kTooManyConnections: ++stats_.refused_too_many; break;
        }
        if (!may_report(now)) {
            ++reports_suppressed_;
            return;
        }
        report = {decision.key, decision.address, std::string(admission_name(decision.admission)),
                  std::exchange(reports_suppressed_, 0)};
    }
    deliver(std::move(report));
}

// REQUIRES the mutex.
bool ServerQueues::may_report(std::chrono::milliseconds now) {
    if (now - report_window_ >= std::chrono::seconds{1}) {
        report_window_ = now;
        reports_in_window_ = 0;
    }
    if (reports_in_window_ >= kRefusalReportsPerSecond ||
        refusals_waiting_ >= kRefusalReportsWaiting) {
        return false;
    }
    ++reports_in_window_;
    ++refusals_waiting_;
    return true;
}

void ServerQueues::note_failed_handshake() {
    const std::lock_guard lock(mutex_);
    ++stats_.handshakes_failed;
}

std::vector<ServerQueues::Outgoing> ServerQueues::take_outgoing() {
    const std::lock_guard lock(mutex_);
    return std::exchange(outgoing_, {});
}

void ServerQueues::sent(const SiteId& site, std::size_t bytes, SendOutcome outcome) {
    const std::lock_guard lock(mutex_);
    const auto waiting = outbound_.find(site);
    waiting->second.bytes -= bytes;
    if (--waiting->second.messages == 0) {
        outbound_.erase(waiting);
    }
    if (outcome == SendOutcome::kGone) {
        ++stats_.dropped_gone;
    } else {
        ++stats_.messages_out;
        stats_.bytes_out += bytes;
    }
}

void ServerQueues::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    inbox_.close();
}

Status ServerQueues::push_outgoing(const PeerId& peer, Bytes payload) {
    if (payload.empty() || payload.size() > options_.frame_bytes_max) {
        return fail(Errc::kLimitExceeded,
                    "a message of " + std::to_string(payload.size()) + " bytes, 1 to " +
                        std::to_string(options_.frame_bytes_max) + " can be sent");
    }
    const std::lock_guard lock(mutex_);
    if (closed_) {
        return fail(Errc::kUnavailable, "the server has stopped");
    }
    const auto found = outbound_.find(peer.site);
    const Waiting waiting = found == outbound_.end() ? Waiting{} : found->second;
    if (waiting.messages >= options_.site_outbound_max ||
        waiting.bytes + payload.size() > options_.site_outbound_bytes_max) {
        return fail(Errc::kLimitExceeded, "site " + peer.site.hex() + " does not read: " +
                                              std::to_string(waiting.messages) +
                                              " messages wait for it");
    }
    outbound_[peer.site] = {waiting.messages + 1, waiting.bytes + payload.size()};
    outgoing_.push_back({peer, std::move(payload)});
    return {};
}

std::optional<ServerInput> ServerQueues::next(std::chrono::milliseconds timeout) {
    auto input = inbox_.pop(timeout);
    if (!input) {
        return input;
    }
    const std::lock_guard lock(mutex_);
    if (const auto* message = std::get_if<Incoming>(&*input)) {
        inbound_bytes_ -= message->payload.size();
        if (const auto site = inbound_messages_.find(message->peer.site); --site->second == 0) {
            inbound_messages_.erase(site);
        }
    } else {
        --refusals_waiting_;
    }
    return input;
}

RouterStats ServerQueues::stats() const {
    const std::lock_guard lock(mutex_);
    RouterStats stats = stats_;
    for (const auto& [site, waiting] : outbound_) {
        stats.outbound_waiting += waiting.messages;
    }
    for (const auto& [site, messages] : inbound_messages_) {
        stats.inbound_waiting += messages;
    }
    return stats;
}

}  // namespace fedstake::transport
