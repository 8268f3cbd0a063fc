// A coordinator for tests that lies about one round. It is the production coordinator, keys, store,
// protocol and settlement included, with another result of that round. Never installed.
#include <atomic>
#include <csignal>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>

#include "coordinator/app/commands.hpp"
#include "proto/base/log.hpp"
#include "tests/integration/lies.hpp"

namespace {

using fedstake::ExitCode;

std::atomic<bool> g_stop{false};

void on_signal(int /*number*/) {
    g_stop = true;
}

int report(const fedstake::Error& error) {
    std::cerr << "lying_coordinator: " << error.message << "\n";
    return fedstake::exit_code(fedstake::exit_code_for(error.code));
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"A coordinator that lies about one round, for tests."};
    fedstake::coordinator::RunCommand command;
    fedstake::testing::LiePlan plan;
    std::string lie;
    std::string site;
    std::uint64_t rounds = 0;
    app.add_option("--lie", lie, "model, aggregate, reward or omission")->required();
    app.add_option("--round", plan.round, "the round to lie about")->required();
    app.add_option("--site", site, "the site to favour or to leave out");
    app.add_flag("--withhold", plan.withhold, "serve and keep another record of the round");
    app.add_option("--config", command.config, "coordinator.toml")->required();
    app.add_option("--rounds", rounds, "as in `fedstake-coordinator run`")->required();
    app.add_option("--events", command.run.events, "as in `fedstake-coordinator run`");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : fedstake::exit_code(ExitCode::kBadInput);
    }
    const auto kind = fedstake::testing::find_lie(lie);
    if (!kind) return report({fedstake::Errc::kInvalidInput, "--lie: no lie '" + lie + "'"});
    plan.lie = *kind;
    if (!site.empty()) {
        const auto parsed = fedstake::SiteId::parse(site);
        if (!parsed) return report(parsed.error());
        plan.site = *parsed;
    }
    command.run.rounds = rounds;
    fedstake::testing::apply(plan, command.run);
    fedstake::configure_log({});
    std::signal(SIGINT, on_signal);
    std::signal(SIGTERM, on_signal);
    std::signal(SIGPIPE, SIG_IGN);
    const auto ended = fedstake::coordinator::run(command, g_stop);
    return ended ? fedstake::exit_code(*ended) : report(ended.error());
}
