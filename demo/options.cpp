// CLI11 description of the demo's options.
#include "demo/options.hpp"

#include <CLI/CLI.hpp>

namespace fedstake::demo {

namespace {

constexpr std::uint32_t kRoundsMax = 1000;
constexpr std::uint32_t kSitesMax = 32;
constexpr std::uint64_t kSeedMax = INT64_MAX;  // rules and configurations are TOML

void describe(CLI::App& app, Options& options, std::string& data) {
    app.add_option("--rounds", options.rounds, "rounds to train")
        ->check(CLI::Range(1U, kRoundsMax))
        ->capture_default_str();
    app.add_option("--sites", options.sites,
                   "honest hospitals (heart data has exactly 4); the attacker comes on top")
        ->check(CLI::Range(3U, kSitesMax))
        ->capture_default_str();
    app.add_option("--attack", options.attack, "what the attacking site sends")
        ->check(CLI::IsMember({"none", "sign_flip", "scaling", "noise", "zero", "free_ride"}))
        ->capture_default_str();
    app.add_option("--rule", options.rule,
                   "aggregation rule, NAME or NAME:PARAMETER=VALUE,...; `fedstake-sim list rules` "
                   "shows them")
        ->capture_default_str();
    app.add_option("--data", data, "synthetic, or heart:DIR with the four processed.*.data files")
        ->capture_default_str();
    app.add_option("--seed", options.seed, "seed of cohort, split and training")
        ->check(CLI::Range(std::uint64_t{0}, kSeedMax))
        ->capture_default_str();
    app.add_option("--json", options.json, "write the whole result to this file");
    app.add_option("--keep", options.keep, "keep keys, logs, stores and models in this folder");
    app.add_option("--port-base", options.port_base,
                   "use ports N, N+1 and N+2 instead of free ones");
    app.add_flag("!--no-exclusion", options.exclude_anomalies,
                 "report anomaly verdicts, but exclude and strike nobody (shows the bare rule)");
    app.add_option("--rules-file", options.rules_file,
                   "rules to start from (configs/rules/heart.toml)");
    app.add_option("--bin-dir", options.bin_dir, "folder of the fedstake programs");
}

}  // namespace

Parsed parse_options(int argc, const char* const* argv) {
    Parsed parsed;
    std::string data = "synthetic";
    CLI::App app{
        "Runs a whole federation on this machine: chain node, contracts, coordinator, sites and "
        "an attacker, then checks and settles it."};
    app.name("tools/demo");
    describe(app, parsed.options, data);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        parsed.exit_code = app.exit(error) == 0 ? 0 : 2;
        return parsed;
    }
    if (data.starts_with("heart:")) {
        parsed.options.heart_dir = data.substr(6);
        if (parsed.options.sites != 4) {
            std::cerr << "demo: heart data has four hospitals; leave --sites out\n";
            parsed.exit_code = 2;
        }
    } else if (data != "synthetic") {
        std::cerr << "demo: --data must be 'synthetic' or 'heart:DIR', not '" << data << "'\n";
        parsed.exit_code = 2;
    }
    return parsed;
}

}  // namespace fedstake::demo
