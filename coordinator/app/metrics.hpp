// Figures about the running coordinator, for Prometheus and /healthz. Written by the round thread
// and the chain poster, read by the HTTP thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "proto/base/ids.hpp"

namespace fedstake::coordinator {

// A copy of everything at one moment.
struct MetricsSnapshot {
    std::string phase = "starting";
    RoundNumber round = 0;
    std::uint32_t attempt = 0;
    std::size_t received = 0;  // updates of the open attempt
    std::size_t expected = 0;
    std::size_t sites_online = 0;
    std::uint64_t rounds_attested = 0;
    std::uint64_t rounds_aborted = 0;
    std::uint64_t rounds_voided = 0;
    std::uint64_t demands = 0;  // for rounds' data, seen on the chain since the start
    std::uint64_t demands_open = 0;
    std::uint64_t updates_accepted = 0;
    std::map<std::string, std::uint64_t> updates_refused;     // by reason
    std::map<std::string, std::uint64_t> requests_refused;    // by reason
    std::map<std::string, std::uint64_t> handshakes_refused;  // by reason
    std::uint64_t equivocations = 0;
    std::uint64_t messages_in = 0;
    std::uint64_t messages_out = 0;
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    std::uint64_t messages_dropped = 0;
    std::map<std::string, std::uint64_t> intents;  // by state
    std::uint64_t outbox_depth = 0;
    bool chain_enabled = false;
    bool chain_up = true;
    std::uint64_t disk_free_bytes = 0;
    std::int64_t last_aggregation_ms = 0;
    std::string status_json;  // what /status answers
};

class Metrics {
public:
    template <class Change>
    void change(Change&& apply) {
        const std::lock_guard lock(mutex_);
        apply(values_);
    }
    [[nodiscard]] MetricsSnapshot snapshot() const {
        const std::lock_guard lock(mutex_);
        return values_;
    }

private:
    mutable std::mutex mutex_;
    MetricsSnapshot values_;
};

// Resident set size of this process; 0 where /proc does not say.
[[nodiscard]] std::uint64_t resident_bytes();

// Prometheus text exposition format 0.0.4.
[[nodiscard]] std::string to_prometheus(const MetricsSnapshot& values);
// {"status":"ok"|"degraded"|"stopped", ...}: degraded means that nothing can be posted on
// the chain now: no answer, no gas, or other contracts than the manifest's.
[[nodiscard]] std::string to_health_json(const MetricsSnapshot& values);

}  // namespace fedstake::coordinator
