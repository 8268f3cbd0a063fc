// fedstake-attacker: a poisoning site for experiments. It is the production client, with the update
// exchanged between training and signing; everything else (keys, protocol, signatures) is genuine.
#include <atomic>
#include <csignal>
#include <iostream>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "client/app/commands.hpp"
#include "proto/base/log.hpp"
#include "sim/poisoning_trainer.hpp"

namespace {

using fedstake::ExitCode;

std::atomic<bool> g_stop{false};

void on_signal(int /*number*/) {
    g_stop = true;
}

int report(const fedstake::Error& error) {
    std::cerr << "fedstake-attacker: " << error.message << "\n";
    return fedstake::exit_code(fedstake::exit_code_for(error.code));
}

std::string attack_list() {
    std::string text = "attacks:\n";
    for (const fedstake::sim::Attack& attack : fedstake::sim::attacks()) {
        text += "  " + std::string(attack.name) + ": " + std::string(attack.what) + "\n";
    }
    return text;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"A poisoning site for experiments."};
    app.name("fedstake-attacker");
    app.footer(attack_list());
    fedstake::client::RunOptions run;
    std::string name = "sign_flip";
    double factor = fedstake::sim::kFactorDefault;
    std::uint64_t seed = 1;
    app.add_option("--config", run.config, "the attacking site's client.toml")->required();
    app.add_option("--attack", name, "what to send")->capture_default_str();
    app.add_option("--factor", factor, "strength")
        ->check(CLI::Range(0.0, fedstake::sim::kFactorMax))
        ->capture_default_str();
    app.add_option("--seed", seed, "seed of the attack and of its resampled rows")
        ->capture_default_str();
    app.add_option("--result", run.result, "write the session's result to this file");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : fedstake::exit_code(ExitCode::kBadInput);
    }
    const auto attack = fedstake::sim::find_attack(name);
    if (!attack) return report(attack.error());
    // Rows drawn with replacement: the attacker has no data of its own, only a look at a
    // hospital's.
    run.bootstrap_seed = seed;
    run.decorate = [&attack, factor, seed](std::unique_ptr<fedstake::session::SiteTrainer> honest) {
        return std::make_unique<fedstake::sim::PoisoningTrainer>(std::move(honest), **attack,
                                                                 factor, seed);
    };
    fedstake::configure_log({});
    std::signal(SIGINT, on_signal);
    std::signal(SIGTERM, on_signal);
    const auto ended = fedstake::client::run(run, g_stop);
    return ended ? fedstake::exit_code(*ended) : report(ended.error());
}
