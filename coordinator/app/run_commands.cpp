// run and --check-config.
#include <chrono>
#include <cstdio>
#include <thread>

#include <fmt/format.h>

#include "coordinator/app/commands.hpp"
#include "coordinator/app/config.hpp"
#include "coordinator/app/initial_model.hpp"
#include "proto/manifest/endpoint.hpp"

namespace fedstake::coordinator {

namespace {

struct Loaded {
    Config config;
    manifest::Manifest manifest;
};

Result<Loaded> load(const std::filesystem::path& file) {
    FS_ASSIGN(Config config, load_config(file));
    FS_ASSIGN(manifest::Manifest manifest, manifest::load_manifest(config.manifest_file));
    FS_TRY(check_runnable(config, manifest));
    return Loaded{std::move(config), std::move(manifest)};
}

Result<Keys> load_keys(const Loaded& loaded, PassphraseSource source) {
    if (source.file.empty() && source.fd < 0) {
        source.file = loaded.config.passphrase_file;
    }
    FS_ASSIGN(const std::string passphrase, read_passphrase(source));
    FS_ASSIGN(Keys keys, read_keys(loaded.config.keys, passphrase));
    if (keys.signer.address() != loaded.manifest.coordinator) {
        return fail(Errc::kUnauthorized,
                    fmt::format("{}: coordinator.json is account {}, the manifest names {}",
                                loaded.config.keys.string(), keys.signer.address().hex(),
                                loaded.manifest.coordinator.hex()));
    }
    return keys;
}

}  // namespace

Result<ExitCode> run(const RunCommand& command, const std::atomic<bool>& stop) {
    FS_ASSIGN(Loaded loaded, load(command.config));
    FS_ASSIGN(Keys keys, load_keys(loaded, command.passphrase));
    FS_ASSIGN(const auto coordinator,
              Coordinator::open(std::move(loaded.config), std::move(loaded.manifest),
                                std::move(keys), command.run));
    // A signal handler may only set a flag: this thread carries it over.
    std::atomic<bool> done{false};
    std::thread watcher([&] {
        while (!done && !stop) {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        if (!done) {
            coordinator->stop();
        }
    });
    auto result = coordinator->run();
    done = true;
    watcher.join();
    return result;
}

Status check_config(const std::filesystem::path& file) {
    FS_ASSIGN(const Loaded loaded, load(file));
    const Config& config = loaded.config;
    std::uint64_t model_bytes = 0;
    FS_TRY(write_initial_model(loaded.manifest.rules, config.initial_model, [&](ByteView bytes) {
        model_bytes += bytes.size();
        return Status{};
    }));
    for (const char* name : {"coordinator.json", "curve.json"}) {
        if (!std::filesystem::exists(config.keys / name)) {
            return fail(Errc::kNotFound, (config.keys / name).string() +
                                             ": is missing: run `fedstake-coordinator init`");
        }
    }
    const rules::RoundRules& rules = loaded.manifest.rules;
    fmt::print("{} is fine\n", file.string());
    fmt::print("  federation  {} '{}'\n", loaded.manifest.federation.hex(), loaded.manifest.name);
    fmt::print("  sites       {}, quorum {}, auditors needed {} of {}\n",
               loaded.manifest.sites.size(), rules.schedule.quorum, rules.schedule.auditors_needed,
               loaded.manifest.auditors().size());
    fmt::print("  rule        {}, f = {}\n", rules.aggregation.rule.name, rules.aggregation.f);
    fmt::print("  model       {}, {} shared parameters ({} bytes)\n", rules.model.kind,
               rules.coordinates, model_bytes);
    fmt::print("  endpoint    {}\n", loaded.manifest.endpoint);
    fmt::print("  chain       {}\n",
               loaded.manifest.chain.enabled ? config.rpc : std::string("disabled"));
    fmt::print("  http        127.0.0.1:{}\n  data        {}\n", config.http_port,
               config.data.string());
    return {};
}

}  // namespace fedstake::coordinator
