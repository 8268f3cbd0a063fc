// fedstake-client: the site operator's program.
#include <atomic>
#include <csignal>
#include <iostream>

#include <CLI/CLI.hpp>

#include "client/app/chain_verbs.hpp"
#include "client/app/commands.hpp"
#include "proto/base/log.hpp"
#include "proto/base/open_files.hpp"

namespace {

using fedstake::ExitCode;
using fedstake::Result;
using fedstake::Status;

std::atomic<bool> g_stop{false};

void on_signal(int /*number*/) {
    g_stop = true;
}

int report(const fedstake::Error& error) {
    std::cerr << "fedstake-client: " << error.message << "\n";
    return fedstake::exit_code(fedstake::exit_code_for(error.code));
}

int finish(const Status& status) {
    return status ? 0 : report(status.error());
}

int finish(const Result<ExitCode>& result) {
    return result ? fedstake::exit_code(*result) : report(result.error());
}

// A command that was stopped ends with 130, whatever it was waiting for.
template <class T>
int finish_or_stopped(const Result<T>& result) {
    if (result || !g_stop) return finish(result);
    std::cerr << "fedstake-client: interrupted; give the command again to go on\n";
    return fedstake::exit_code(ExitCode::kInterrupted);
}

struct Verbs {
    fedstake::client::KeygenOptions keygen;
    fedstake::client::EnrollOptions enroll;
    fedstake::client::RunOptions run;
    fedstake::client::VerifyOptions verify;
    fedstake::client::StatusOptions status;
    fedstake::client::ChainOptions stake;
    fedstake::client::ChainOptions claim;
    fedstake::client::ChainVerbs chain;
    fedstake::client::ChallengeOptions challenge;
    fedstake::client::AnswerOptions answer;
    std::string federation;
    std::string stake_amount;
    std::filesystem::path check;
};

void add_key_verbs(CLI::App& app, Verbs& verbs) {
    auto* keygen = app.add_subcommand("keygen", "make this site's keys");
    keygen->add_option("--out", verbs.keygen.out, "folder for the keys")->required();
    keygen->add_option("--passphrase-file", verbs.keygen.passphrase_file,
                       "file with the passphrase (else FEDSTAKE_PASSPHRASE)");
    keygen->add_flag("--light", verbs.keygen.light, "cheap key derivation; not for real keys");
    keygen->add_flag("--json", verbs.keygen.json, "print JSON");
    auto* enroll = app.add_subcommand("enroll", "write a signed request to join a federation");
    enroll
        ->add_option("--federation", verbs.federation,
                     "federation id, from the consortium operator")
        ->required();
    enroll->add_option("--chain-id", verbs.enroll.chain_id, "id of the chain, likewise")
        ->required();
    enroll->add_option("--keys", verbs.enroll.keys, "folder made by keygen")->required();
    enroll->add_option("--name", verbs.enroll.name, "short name of the site, a-z 0-9 -")
        ->required();
    enroll->add_option("--out", verbs.enroll.out, "file to write")->required();
    enroll->add_option("--passphrase-file", verbs.enroll.passphrase_file,
                       "file with the passphrase");
    enroll->add_flag("--json", verbs.enroll.json, "print JSON");
}

void add_session_verbs(CLI::App& app, Verbs& verbs) {
    const auto common = [](CLI::App* verb, std::filesystem::path& config, bool& json) {
        verb->add_option("--config", config, "the site's client.toml")->required();
        verb->add_flag("--json", json, "print JSON");
    };
    auto* run = app.add_subcommand("run", "take part until the coordinator says goodbye");
    common(run, verbs.run.config, verbs.run.json);
    run->add_option("--result", verbs.run.result, "write the session's result to this file");
    auto* verify = app.add_subcommand("verify", "recompute a round and compare it (auditors)");
    common(verify, verbs.verify.config, verbs.verify.json);
    verify->add_option("--round", verbs.verify.round, "round number")->required();
    verify->add_option("--attempt", verbs.verify.attempt,
                       "a voided attempt, counted from 1; without it the one that stands");
    verify->add_option("--timeout-s", verbs.verify.timeout_s, "give up after this many seconds");
    auto* status = app.add_subcommand("status", "ask the coordinator how the federation stands");
    common(status, verbs.status.config, verbs.status.json);
    status->add_option("--timeout-s", verbs.status.timeout_s, "give up after this many seconds");
    auto* stake = app.add_subcommand("stake", "stake tokens and register the signer key");
    common(stake, verbs.stake.config, verbs.stake.json);
    stake->add_option("--amount", verbs.stake_amount, "token units (wei)")->required();
    stake->add_flag("--dry-run", verbs.stake.dry_run, "say what would happen and what it costs");
    auto* claim = app.add_subcommand("claim", "collect the rewards earned so far");
    common(claim, verbs.claim.config, verbs.claim.json);
    claim->add_option("--round", verbs.claim.round,
                      "as of this round; the newest final one if left out");
    claim->add_flag("--dry-run", verbs.claim.dry_run, "say what would be paid");
}

void add_challenge_verb(CLI::App& app, fedstake::client::ChallengeOptions& options) {
    auto* verb = app.add_subcommand("challenge", "find a round's fault and prove it on the chain");
    verb->add_option("--config", options.config, "the site's client.toml")->required();
    verb->add_option("--round", options.round, "round number")->required();
    verb->add_flag("--dry-run", options.dry_run,
                   "say what was found and what it costs, send nothing");
    verb->add_flag("--dispute", options.dispute,
                   "open a dispute, with a bond, about a fault that no proof shows");
    verb->add_flag("--demand", options.demand,
                   "demand, with a bond, that what is missing is posted on the chain");
    verb->add_option("--key", options.key,
                     "keystore of the account that pays and earns the bounty; the owner's if left "
                     "out");
    verb->add_option("--key-passphrase-file", options.key_passphrase_file,
                     "file with its passphrase; the site's passphrase if left out");
    verb->add_option("--timeout-s", options.timeout_s,
                     "ask the coordinator for at most this many seconds");
    verb->add_flag("--json", options.json, "print JSON");
}

void add_answer_verb(CLI::App& app, fedstake::client::AnswerOptions& options) {
    auto* verb =
        app.add_subcommand("answer-demand", "post the data of a round that is demanded (auditors)");
    verb->add_option("--config", options.config, "the site's client.toml")->required();
    verb->add_option("--round", options.round, "round number")->required();
    verb->add_flag("--dry-run", options.dry_run, "say what it costs, send nothing");
    verb->add_option("--key", options.key,
                     "keystore of the account that pays; the owner's if left out");
    verb->add_option("--key-passphrase-file", options.key_passphrase_file,
                     "file with its passphrase; the site's passphrase if left out");
    verb->add_option("--timeout-s", options.timeout_s,
                     "ask the coordinator for at most this many seconds");
    verb->add_flag("--json", options.json, "print JSON");
}

int dispatch(const CLI::App& app, Verbs& verbs) {
    namespace client = fedstake::client;
    if (!verbs.check.empty()) return finish(client::check_config(verbs.check));
    if (app.got_subcommand("keygen")) return finish(client::keygen(verbs.keygen));
    if (app.got_subcommand("enroll")) {
        const auto federation = fedstake::FederationId::parse(verbs.federation);
        if (!federation) return report(federation.error());
        verbs.enroll.federation = *federation;
        return finish(client::enroll(verbs.enroll));
    }
    if (app.got_subcommand("run")) return finish(client::run(verbs.run, g_stop));
    if (app.got_subcommand("verify"))
        return finish_or_stopped(client::verify(verbs.verify, g_stop));
    if (app.got_subcommand("status"))
        return finish_or_stopped(client::status(verbs.status, g_stop));
    if (app.got_subcommand("claim")) return finish_or_stopped(client::claim(verbs.claim, g_stop));
    if (app.got_subcommand("challenge"))
        return finish_or_stopped(client::challenge(verbs.challenge, g_stop));
    if (app.got_subcommand("answer-demand"))
        return finish_or_stopped(client::answer_demand(verbs.answer, g_stop));
    if (app.got_subcommand("stake")) {
        const auto amount = fedstake::parse_amount(verbs.stake_amount);
        if (!amount) return report(amount.error());
        verbs.stake.amount = *amount;
        return finish_or_stopped(client::stake(verbs.stake, g_stop));
    }
    if (const auto done = verbs.chain.run(app, g_stop)) return finish_or_stopped(*done);
    std::cerr << app.help();
    return fedstake::exit_code(ExitCode::kBadInput);
}

}  // namespace

int main(int argc, char** argv) {
    fedstake::allow_many_open_files();
    CLI::App app{"The site operator's program: keys, enrolment, training, audits, rewards."};
    app.name("fedstake-client");
    app.set_version_flag("--version", std::string(fedstake::client::kSoftware));
    Verbs verbs;
    fedstake::LogOptions log;
    bool debug = false;
    app.add_flag("--log-json", log.json, "log lines as JSON objects");
    app.add_flag("--debug", debug, "log more");
    app.add_option("--check-config", verbs.check,
                   "check a client.toml and everything it names, then exit");
    app.require_subcommand(0, 1);
    add_key_verbs(app, verbs);
    add_session_verbs(app, verbs);
    verbs.chain.add_to(app);
    add_challenge_verb(app, verbs.challenge);
    add_answer_verb(app, verbs.answer);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : fedstake::exit_code(ExitCode::kBadInput);
    }
    if (debug) log.level = fedstake::LogLevel::kDebug;
    fedstake::configure_log(log);
    std::signal(SIGINT, on_signal);
    std::signal(SIGTERM, on_signal);
    return dispatch(app, verbs);
}
