// A site for tests that trains honestly and, as an auditor, signs whatever it is asked to. It is
// the production client, which here is never told what an audit found. Never installed.
#include <atomic>
#include <chrono>
#include <csignal>
#include <iostream>
#include <thread>

#include <CLI/CLI.hpp>

#include "client/app/commands.hpp"
#include "proto/base/log.hpp"

namespace {

using fedstake::ExitCode;
using fedstake::Result;
using fedstake::session::Verification;

// Where there is something to find, auditors who look come to their verdict before the round is
// concluded by those who do not.
constexpr std::chrono::seconds kHesitation{1};

std::atomic<bool> g_stop{false};

void on_signal(int /*number*/) {
    g_stop = true;
}

Result<Verification> look_away(const Result<Verification>& found) {
    if (found && found->matches()) return found;
    std::this_thread::sleep_for(kHesitation);
    return Verification{};  // no figure that differs
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"A site that signs without looking, for tests."};
    fedstake::client::RunOptions run;
    app.add_option("--config", run.config, "the site's client.toml")->required();
    app.add_option("--result", run.result, "write the session's result to this file");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : fedstake::exit_code(ExitCode::kBadInput);
    }
    run.audited = look_away;
    fedstake::configure_log({});
    std::signal(SIGINT, on_signal);
    std::signal(SIGTERM, on_signal);
    const auto ended = fedstake::client::run(run, g_stop);
    if (ended) return fedstake::exit_code(*ended);
    std::cerr << "careless_site: " << ended.error().message << "\n";
    return fedstake::exit_code(fedstake::exit_code_for(ended.error().code));
}
