// status, rounds and show.
#include <unistd.h>
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "coordinator/app/commands.hpp"
#include "coordinator/app/config.hpp"
#include "coordinator/app/http_server.hpp"
#include "coordinator/app/round_tree.hpp"
#include "coordinator/store/data_dir.hpp"
#include "coordinator/store/round_table.hpp"

namespace fedstake::coordinator {

namespace {

using nlohmann::json;

void print_running(const json& status) {
    fmt::print("{} '{}' is running: round {} ({}), attempt {}, last attested {}, not final {}\n",
               status.value("federation", ""), status.value("name", ""), status.value("round", 0),
               status.value("phase", ""), status.value("attempt", 0) + 1,
               status.value("last_attested", 0), status.value("not_final", 0));
    for (const json& site : status.value("sites", json::array())) {
        fmt::print("  {:<16} {}  {:<9} strikes {} offences {} stake {} reward {}\n",
                   site.value("name", ""), site.value("online", false) ? "online " : "offline",
                   site.value("update", ""), site.value("strikes", 0), site.value("offences", 0),
                   site.value("stake", ""), site.value("cumulative_reward", ""));
    }
    for (const json& round : status.value("voided", json::array())) {
        fmt::print("  voided: round {} attempt {} commitment {}\n", round.value("round", 0),
                   round.value("attempt", 0) + 1, round.value("commitment", ""));
    }
    for (const json& intent : status.value("intents", json::array())) {
        if (intent.value("state", "") != "done") {
            fmt::print("  ledger: {} {} {}\n", intent.value("key", ""), intent.value("state", ""),
                       intent.value("detail", ""));
        }
    }
}

// The files of a coordinator that does not run.
struct Opened {
    Config config;
    manifest::Manifest manifest;
    store::DataDir dir;
    std::unique_ptr<store::Database> database;
};

Result<Opened> open_stopped(const std::filesystem::path& file) {
    FS_ASSIGN(Config config, load_config(file));
    FS_ASSIGN(manifest::Manifest manifest, manifest::load_manifest(config.manifest_file));
    if (!std::filesystem::exists(config.data / "coordinator.db")) {
        return fail(Errc::kNotFound,
                    config.data.string() + ": no coordinator has run with this folder yet");
    }
    FS_ASSIGN(auto dir, store::DataDir::open(config.data));
    FS_ASSIGN(auto database, store::Database::open(config.data / "coordinator.db"));
    return Opened{std::move(config), std::move(manifest), std::move(dir), std::move(database)};
}

// The port in the configuration may be "any".
std::uint16_t http_port_of(const Config& config) {
    std::ifstream in(config.data / kHttpPortFile);
    std::uint16_t port = 0;
    return in >> port ? port : config.http_port;
}

json line_json(const store::RoundLine& line) {
    return {{"round", line.round},       {"attempt", line.attempt},
            {"at_ms", line.at.ms},       {"commitment", line.commitment.hex()},
            {"model", line.model.hex()}, {"voided", line.voided.has_value()}};
}

Status print_rounds(const StatusOptions& options, bool as_status) {
    FS_ASSIGN(const Opened opened, open_stopped(options.config));
    store::RoundTable table(*opened.database);
    FS_ASSIGN(auto lines, table.list());
    const std::size_t done = lines.size();
    FS_ASSIGN(const auto voided, table.list_voided());
    lines.insert(lines.end(), voided.begin(), voided.end());
    std::ranges::sort(lines, {}, [](const store::RoundLine& line) {
        return std::pair(line.round, line.attempt);
    });
    if (options.json) {
        json all = json::array();
        for (const store::RoundLine& line : lines) {
            all.push_back(line_json(line));
        }
        fmt::print("{}\n", json{{"running", false}, {"rounds", all}}.dump());
        return {};
    }
    if (as_status) {
        fmt::print("{} '{}' is not running: {} rounds are done{}\n",
                   opened.manifest.federation.hex(), opened.manifest.name, done,
                   voided.empty() ? "" : fmt::format(", {} were voided", voided.size()));
        return {};
    }
    for (const store::RoundLine& line : lines) {
        fmt::print("round {:<5} attempt {}  model {}  commitment {}{}\n", line.round,
                   line.attempt + 1, line.model.hex(), line.commitment.hex(),
                   line.voided ? "  VOIDED" : "");
    }
    return {};
}

}  // namespace

Status status(const StatusOptions& options) {
    FS_ASSIGN(const Config config, load_config(options.config));
    const std::uint16_t port = http_port_of(config);
    const auto answer = http_get_loopback(port, "/status");
    if (!answer) {
        return print_rounds(options, /*as_status=*/true);
    }
    const json status = json::parse(*answer, nullptr, /*allow_exceptions=*/false);
    if (!status.is_object()) {
        return fail(Errc::kCorrupt,
                    fmt::format("127.0.0.1:{}: does not answer like a coordinator", port));
    }
    if (options.json) {
        fmt::print("{}\n", status.dump());
    } else {
        print_running(status);
    }
    return {};
}

Status rounds(const StatusOptions& options) {
    return print_rounds(options, /*as_status=*/false);
}

Status show(const StatusOptions& options, RoundNumber round) {
    FS_ASSIGN(const Opened opened, open_stopped(options.config));
    store::RoundTable table(*opened.database);
    FS_ASSIGN(const round::RecordResult record, table.get(round));
    const SiteNames names(opened.manifest);
    const RoundSummary summary = summarise(record, names);
    const std::uint32_t needed = opened.manifest.rules.schedule.auditors_needed;
    if (options.json) {
        fmt::print("{}\n", to_json(summary, needed).dump());
        return {};
    }
    TreeExtras extras;
    extras.close_reason = "closed";
    extras.asked = record.updates.size() + record.absent.size();
    extras.ledger = opened.manifest.chain.enabled
                        ? "see the events of the run, or ask the chain for this commitment"
                        : "no chain in this federation";
    extras.auditors_needed = needed;
    extras.name_width = names.width();
    FS_ASSIGN(const auto figures, table.metrics(round));
    for (const store::MetricsLine& line : figures) {
        const json values = json::parse(line.json, nullptr, false);
        if (values.is_object()) {
            extras.accuracy[line.site] = {values.value("test_rows", std::uint64_t{0}),
                                          values.value("test_correct", std::uint64_t{0})};
        }
    }
    fmt::print("{}", render_round(summary, extras, Style(::isatty(STDOUT_FILENO) == 1)));
    return {};
}

}  // namespace fedstake::coordinator
