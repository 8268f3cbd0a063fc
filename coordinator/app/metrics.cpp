// Figures about the running coordinator as text.
#include "coordinator/app/metrics.hpp"

#include <unistd.h>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace fedstake::coordinator {

namespace {

class Exposition {
public:
    void gauge(const char* name, const char* help, std::uint64_t value) {
        head(name, help, "gauge");
        text_ += fmt::format("fedstake_{} {}\n", name, value);
    }
    void counter(const char* name, const char* help, std::uint64_t value) {
        head(name, help, "counter");
        text_ += fmt::format("fedstake_{} {}\n", name, value);
    }
    void family(const char* name, const char* help, const char* type, const char* label,
                const std::map<std::string, std::uint64_t>& values) {
        head(name, help, type);
        for (const auto& [key, value] : values) {
            text_ += fmt::format("fedstake_{}{{{}=\"{}\"}} {}\n", name, label, key, value);
        }
    }
    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    void head(const char* name, const char* help, const char* type) {
        text_ +=
            fmt::format("# HELP fedstake_{} {}\n# TYPE fedstake_{} {}\n", name, help, name, type);
    }
    std::string text_;
};

}  // namespace

std::uint64_t resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    std::uint64_t size = 0;
    std::uint64_t resident = 0;
    statm >> size >> resident;
    return statm ? resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

std::string to_prometheus(const MetricsSnapshot& v) {
    Exposition out;
    out.gauge("resident_bytes", "Resident memory of the coordinator.", resident_bytes());
    out.gauge("disk_free_bytes", "Free space where updates are stored.", v.disk_free_bytes);
    out.gauge("round", "Number of the current round.", v.round);
    out.gauge("attempt", "Attempt of the current round, from 0.", v.attempt);
    out.gauge("updates_received", "Updates stored in the current attempt.", v.received);
    out.gauge("updates_expected", "Sites asked in the current attempt.", v.expected);
    out.gauge("sites_online", "Sites that said hello and not good-bye.", v.sites_online);
    out.counter("rounds_attested_total", "Rounds that auditors signed.", v.rounds_attested);
    out.counter("rounds_aborted_total", "Attempts that were given up.", v.rounds_aborted);
    out.counter("rounds_voided_total", "Attested rounds that the chain voided.", v.rounds_voided);
    out.counter("demands_total", "Demands for the data of rounds, seen on the chain.", v.demands);
    out.gauge("demands_open", "Demands that nobody has met yet.", v.demands_open);
    out.counter("updates_accepted_total", "Updates that got a receipt.", v.updates_accepted);
    out.family("updates_refused_total", "Updates refused, by reason.", "counter", "reason",
               v.updates_refused);
    out.family("requests_refused_total", "Other requests refused, by reason.", "counter", "reason",
               v.requests_refused);
    out.family("handshakes_refused_total", "Connections refused, by reason.", "counter", "reason",
               v.handshakes_refused);
    out.counter("equivocations_total", "Sites caught signing two updates.", v.equivocations);
    out.counter("messages_in_total", "Messages from sites.", v.messages_in);
    out.counter("messages_out_total", "Messages to sites.", v.messages_out);
    out.counter("bytes_in_total", "Bytes from sites.", v.bytes_in);
    out.counter("bytes_out_total", "Bytes to sites.", v.bytes_out);
    out.counter("messages_dropped_total", "Messages dropped before decoding.", v.messages_dropped);
    out.gauge("chain_enabled", "Whether rounds are posted to a chain.", v.chain_enabled ? 1 : 0);
    out.gauge("chain_up", "Whether the chain node answers.", v.chain_up ? 1 : 0);
    out.gauge("outbox_depth", "Intents and slashes that are not settled.", v.outbox_depth);
    out.family("intents", "Ledger intents, by state.", "gauge", "state", v.intents);
    out.gauge("last_aggregation_ms", "Time the last aggregation took.",
              static_cast<std::uint64_t>(v.last_aggregation_ms));
    return out.take();
}

std::string to_health_json(const MetricsSnapshot& v) {
    const char* status = "ok";
    if (v.phase == "stopped") {
        status = "stopped";
    } else if (v.chain_enabled && !v.chain_up) {
        status = "degraded";
    }
    nlohmann::ordered_json json;
    json["status"] = status;
    json["phase"] = v.phase;
    json["round"] = v.round;
    json["attempt"] = v.attempt;
    json["received"] = v.received;
    json["expected"] = v.expected;
    json["sites_online"] = v.sites_online;
    json["chain"] = !v.chain_enabled ? "disabled" : v.chain_up ? "up" : "down";
    json["outbox_depth"] = v.outbox_depth;
    return json.dump() + "\n";
}

}  // namespace fedstake::coordinator
