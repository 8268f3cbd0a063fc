// Reading and checking coordinator.toml.
#include "coordinator/app/config.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "aggregation/pipeline.hpp"
#include "proto/manifest/toml_table.hpp"

namespace fedstake::coordinator {

using manifest::TomlTable;

namespace {

Status read_chain(TomlTable& root, Config& config) {
    FS_ASSIGN(TomlTable chain, root.table("chain", false));
    FS_ASSIGN(config.rpc, chain.text("rpc", "http://127.0.0.1:8545"));
    FS_ASSIGN(const auto confirmations,
              chain.integer("confirmations", {.min = 1, .max = 1000, .fallback = 0}));
    FS_ASSIGN(const auto poll_ms,
              chain.integer("poll_ms", {.min = 20, .max = 60'000, .fallback = 500}));
    config.confirmations = static_cast<std::uint64_t>(confirmations);
    config.poll = Duration{poll_ms};
    return chain.finish();
}

Status read_tuning(TomlTable& root, Config& config) {
    FS_ASSIGN(TomlTable tuning, root.table("tuning", false));
    FS_ASSIGN(const auto threads,
              tuning.integer("aggregation_threads", {.min = 1, .max = 256, .fallback = 1}));
    FS_ASSIGN(const auto memory, tuning.integer("aggregation_memory_mib",
                                                {.min = 24, .max = 1 << 20, .fallback = 64}));
    config.aggregation_threads = static_cast<unsigned>(threads);
    config.aggregation_memory_bytes = static_cast<std::size_t>(memory) << 20U;
    return tuning.finish();
}

}  // namespace

Result<Config> load_config(const std::filesystem::path& file) {
    FS_ASSIGN(TomlTable root, TomlTable::load(file));
    Config config;
    config.file = file;
    FS_ASSIGN(config.manifest_file, root.path("manifest", std::nullopt));
    FS_ASSIGN(config.data, root.path("data", std::nullopt));
    FS_ASSIGN(config.keys, root.path("keys", std::nullopt));
    FS_ASSIGN(config.passphrase_file, root.path("passphrase_file", std::filesystem::path()));
    FS_ASSIGN(config.listen, root.text("listen", ""));
    FS_ASSIGN(const auto http_port,
              root.integer("http_port", {.min = 0, .max = 65535, .fallback = 9464}));
    config.http_port = static_cast<std::uint16_t>(http_port);
    FS_ASSIGN(config.initial_model, root.path("initial_model", std::filesystem::path()));
    FS_TRY(read_chain(root, config));
    FS_TRY(read_tuning(root, config));
    FS_TRY(root.finish());
    return config;
}

std::string to_toml(const Config& config) {
    std::string text =
        "# Configuration of fedstake-coordinator. What all parties agree on is in the manifest.\n";
    const auto path = [&](const char* key, const std::filesystem::path& value) {
        if (!value.empty()) {
            text += fmt::format("{} = \"{}\"\n", key, value.generic_string());
        }
    };
    path("manifest", config.manifest_file);
    path("data", config.data);
    path("keys", config.keys);
    path("passphrase_file", config.passphrase_file);
    path("initial_model", config.initial_model);
    if (!config.listen.empty()) {
        text += fmt::format("listen = \"{}\"\n", config.listen);
    }
    text += fmt::format("http_port = {}\n\n", config.http_port);
    text += fmt::format("[chain]\nrpc = \"{}\"\n", config.rpc);
    if (config.confirmations > 0) {
        text += fmt::format("confirmations = {}\n", config.confirmations);
    }
    text += fmt::format("poll_ms = {}\n\n", config.poll.ms);
    text += fmt::format("[tuning]\naggregation_threads = {}\naggregation_memory_mib = {}\n",
                        config.aggregation_threads, config.aggregation_memory_bytes >> 20U);
    return text;
}

std::uint64_t confirmations_of(const Config& config, std::uint64_t chain_id) noexcept {
    if (config.confirmations > 0) {
        return config.confirmations;
    }
    const bool development = chain_id == 1337 || chain_id == 31337;
    return development ? 1 : 12;
}

Status check_runnable(const Config& config, const manifest::Manifest& manifest) {
    const std::string file = config.manifest_file.string();
    const auto& schedule = manifest.rules.schedule;
    const auto count = [&](bool manifest::SiteEntry::*role) {
        return static_cast<std::size_t>(std::ranges::count(manifest.sites, true, role));
    };
    const std::size_t trains = count(&manifest::SiteEntry::trains);
    const std::size_t audits = count(&manifest::SiteEntry::audits);
    if (trains < schedule.quorum) {
        return fail(Errc::kInvalidInput,
                    fmt::format("{}: {} sites train, the quorum is {}: admit more sites "
                                "(`fedstake-coordinator admit`) or lower rules.schedule.quorum",
                                file, trains, schedule.quorum));
    }
    if (audits < schedule.auditors_needed) {
        return fail(Errc::kInvalidInput,
                    fmt::format("{}: {} sites audit, {} signatures are needed: admit auditors "
                                "(`fedstake-coordinator admit --auditor`)",
                                file, audits, schedule.auditors_needed));
    }
    if (Status ok = aggregation::check_aggregation(manifest.rules.aggregation,
                                                   {.updates_least = schedule.quorum,
                                                    .updates_most = trains,
                                                    .cohort = manifest.sites.size()});
        !ok) {
        return with_context(ok.error(),
                            fmt::format("{}: with {} updates (rules.schedule.quorum) to {} (sites "
                                        "that train)",
                                        file, schedule.quorum, trains));
    }
    if (manifest.chain.enabled && manifest.chain.round_manager.is_zero()) {
        return fail(Errc::kInvalidInput,
                    file +
                        ": chain.enabled is true but no contracts are deployed: run "
                        "`fedstake-coordinator deploy`, or set chain.enabled = false");
    }
    return {};
}

}  // namespace fedstake::coordinator
