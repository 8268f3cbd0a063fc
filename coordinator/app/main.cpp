// fedstake-coordinator: the consortium operator's program.
#include <atomic>
#include <csignal>
#include <iostream>

#include <CLI/CLI.hpp>

#include "coordinator/app/commands.hpp"
#include "coordinator/app/record_verbs.hpp"
#include "proto/base/log.hpp"
#include "proto/base/open_files.hpp"

namespace {

namespace coordinator = fedstake::coordinator;
using fedstake::ExitCode;
using fedstake::Result;
using fedstake::Status;

std::atomic<bool> g_stop{false};

void on_signal(int /*number*/) {
    g_stop = true;
}

int report(const fedstake::Error& error) {
    std::cerr << "fedstake-coordinator: " << error.message << "\n";
    return fedstake::exit_code(fedstake::exit_code_for(error.code));
}

int finish(const Status& status) {
    return status ? 0 : report(status.error());
}

int finish(const Result<ExitCode>& result) {
    return result ? fedstake::exit_code(*result) : report(result.error());
}

struct Verbs {
    coordinator::InitOptions init;
    coordinator::AdmitOptions admit;
    coordinator::DeployOptions deploy;
    coordinator::RunCommand run;
    coordinator::StatusOptions status;
    coordinator::StatusOptions rounds;
    coordinator::StatusOptions show;
    std::uint64_t rounds_max = 0;
    std::int64_t settle_timeout_s = 300;
    std::int64_t chain_start_timeout_s = 60;
    std::uint64_t shown_round = 0;
    std::filesystem::path check;
    bool status_chain = false;
    coordinator::RecordVerbs records;
};

void add_passphrase(CLI::App* verb, coordinator::PassphraseSource& source) {
    verb->add_option("--passphrase-file", source.file,
                     "file with the passphrase of the keys (else passphrase_file in the "
                     "configuration, else FEDSTAKE_PASSPHRASE)");
    verb->add_option("--passphrase-fd", source.fd, "open file descriptor with the passphrase");
}

void add_config(CLI::App* verb, std::filesystem::path& config, bool& json) {
    verb->add_option("--config", config, "the coordinator.toml made by init")->required();
    verb->add_flag("--json", json, "print JSON");
}

void add_founding_verbs(CLI::App& app, Verbs& verbs) {
    auto* init = app.add_subcommand("init", "found a federation: keys, manifest, configuration");
    init->add_option("--rules", verbs.init.rules, "TOML file with the [rules]")->required();
    init->add_option("--name", verbs.init.name, "name of the federation")->required();
    init->add_option("--out", verbs.init.out, "folder to make")->required();
    init->add_option("--endpoint", verbs.init.endpoint, "where sites connect, tcp://HOST:PORT");
    init->add_option("--chain-id", verbs.init.chain_id, "id of the chain");
    init->add_flag("--no-chain", verbs.init.no_chain, "settle nothing on a chain");
    init->add_option("--rpc", verbs.init.rpc, "JSON-RPC URL of the chain node");
    init->add_option("--http-port", verbs.init.http_port, "loopback port of health and metrics");
    add_passphrase(init, verbs.init.passphrase);
    init->add_flag("--light", verbs.init.light, "cheap key derivation; not for real keys");
    init->add_flag("--json", verbs.init.json, "print JSON");

    auto* admit = app.add_subcommand("admit", "add sites to the manifest by their request files");
    add_config(admit, verbs.admit.config, verbs.admit.json);
    admit->add_option("requests", verbs.admit.requests, "files made by fedstake-client enroll")
        ->required();
    admit->add_flag("--auditor", verbs.admit.auditor,
                    "they also audit: auditors can read single updates");
    admit->add_flag("--observer", verbs.admit.observer, "they do not train");
    admit->add_flag("--replace", verbs.admit.replace,
                    "sites that are admitted already, with new keys; roles stay");
}

void add_deploy(CLI::App& app, Verbs& verbs) {
    auto* deploy = app.add_subcommand("deploy", "put the contracts on the chain");
    auto& o = verbs.deploy;
    add_config(deploy, o.config, o.json);
    add_passphrase(deploy, o.passphrase);
    deploy->add_option("--deployer-key", o.deployer_key,
                       "key file of the account that pays (else the coordinator's)");
    deploy->add_option("--deployer-passphrase-file", o.deployer_passphrase.file,
                       "file with its passphrase (else FEDSTAKE_PASSPHRASE)");
    deploy->add_option("--token", o.token, "staking token; left out, a test token is made");
    deploy->add_option("--council", o.council, "account that may veto slashes (else the deployer)");
    deploy->add_option("--reward-fund", o.reward_fund, "token units for rewards");
    deploy->add_option("--fund-coordinator", o.fund_coordinator,
                       "wei of gas money from the deployer to the coordinator");
    deploy->add_option("--challenge-window-s", o.challenge_window_s, "until a round is final");
    deploy->add_option("--slash-delay-s", o.slash_delay_s, "between accusation and slash");
    deploy->add_option("--unbonding-s", o.unbonding_delay_s, "until stake can leave");
    deploy->add_option("--member", o.members, "account of an organisation that votes; repeat it");
    deploy->add_flag("--members-are-sites", o.members_are_sites, "every site's owner votes");
    deploy->add_option("--timelock-s", o.timelock_s, "between a vote and what it decided");
    deploy->add_option("--vote-delay-blocks", o.vote_delay_blocks, "from a proposal to its vote");
    deploy->add_option("--vote-period-blocks", o.vote_period_blocks, "that a vote lasts");
    deploy->add_option("--ruling-vote-blocks", o.ruling_vote_blocks,
                       "that a vote about an appeal or a dispute lasts");
}

void add_run_verbs(CLI::App& app, Verbs& verbs) {
    auto* run = app.add_subcommand("run", "run rounds, or carry on with them");
    add_config(run, verbs.run.config, verbs.run.run.json);
    add_passphrase(run, verbs.run.passphrase);
    run->add_option("--rounds", verbs.rounds_max,
                    "finish after this round, counted from the first one of the federation")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 40U));
    run->add_option("--events", verbs.run.run.events, "append one JSON line for each event");
    run->add_option("--settle-timeout-s", verbs.settle_timeout_s,
                    "after the last round, how long to wait for the chain")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{1'000'000}));
    run->add_option("--chain-start-timeout-s", verbs.chain_start_timeout_s,
                    "before the first round, how long to wait for the chain")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000}));
    run->add_flag("--serve-only", verbs.run.run.serve_only,
                  "answer auditors and sites, open no round");
}

void add_status_verbs(CLI::App& app, Verbs& verbs) {
    auto* status = app.add_subcommand("status", "how the federation stands");
    add_config(status, verbs.status.config, verbs.status.json);
    status->add_flag("--chain", verbs.status_chain, "what the contracts say");
    add_config(app.add_subcommand("rounds", "list finished rounds (coordinator stopped)"),
               verbs.rounds.config, verbs.rounds.json);
    auto* show = app.add_subcommand("show", "one finished round in full (coordinator stopped)");
    add_config(show, verbs.show.config, verbs.show.json);
    show->add_option("round", verbs.shown_round, "round number")->required();
}

int dispatch(const CLI::App& app, Verbs& verbs) {
    if (!verbs.check.empty()) {
        return finish(coordinator::check_config(verbs.check));
    }
    if (app.got_subcommand("init")) {
        return finish(coordinator::init(verbs.init));
    }
    if (app.got_subcommand("admit")) {
        return finish(coordinator::admit(verbs.admit));
    }
    if (app.got_subcommand("deploy")) {
        return finish(coordinator::deploy(verbs.deploy));
    }
    if (app.got_subcommand("run")) {
        if (verbs.rounds_max > 0) {
            verbs.run.run.rounds = verbs.rounds_max;
        }
        verbs.run.run.settle_timeout.ms = verbs.settle_timeout_s * 1000;
        verbs.run.run.chain_start_timeout.ms = verbs.chain_start_timeout_s * 1000;
        return finish(coordinator::run(verbs.run, g_stop));
    }
    if (app.got_subcommand("status") && verbs.status_chain) {
        return finish(coordinator::chain_status({verbs.status.config, verbs.status.json}));
    }
    if (app.got_subcommand("status")) {
        return finish(coordinator::status(verbs.status));
    }
    if (app.got_subcommand("rounds")) {
        return finish(coordinator::rounds(verbs.rounds));
    }
    if (app.got_subcommand("show")) {
        return finish(coordinator::show(verbs.show, verbs.shown_round));
    }
    if (const auto done = verbs.records.run(app)) {
        return finish(*done);
    }
    std::cerr << app.help();
    return fedstake::exit_code(ExitCode::kBadInput);
}

}  // namespace

int main(int argc, char** argv) {
    fedstake::allow_many_open_files();
    CLI::App app{"The consortium operator's program: founding, rounds, settlement, status."};
    app.name("fedstake-coordinator");
    app.set_version_flag("--version", std::string(coordinator::kSoftware));
    Verbs verbs;
    fedstake::LogOptions log;
    bool debug = false;
    app.add_flag("--log-json", log.json, "log lines as JSON objects");
    app.add_flag("--debug", debug, "log more");
    app.add_option("--check-config", verbs.check,
                   "check a coordinator.toml and everything it names, then exit");
    app.require_subcommand(0, 1);
    add_founding_verbs(app, verbs);
    add_deploy(app, verbs);
    add_run_verbs(app, verbs);
    add_status_verbs(app, verbs);
    verbs.records.add_to(app);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : fedstake::exit_code(ExitCode::kBadInput);
    }
    if (debug) {
        log.level = fedstake::LogLevel::kDebug;
    }
    fedstake::configure_log(log);
    std::signal(SIGINT, on_signal);
    std::signal(SIGTERM, on_signal);
    std::signal(SIGPIPE, SIG_IGN);
    return dispatch(app, verbs);
}
