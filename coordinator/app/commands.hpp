// The verbs of fedstake-coordinator, apart from parsing the command line. Each prints its own
// result, as text or as one JSON object.
#pragma once

#include <atomic>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "coordinator/app/coordinator.hpp"
#include "coordinator/app/keys.hpp"
#include "proto/base/exit_code.hpp"
#include "proto/base/result.hpp"

namespace fedstake::coordinator {

inline constexpr std::string_view kSoftware = "fedstake-coordinator 0.1.0";

// init: keys, a federation id, coordinator.toml and a manifest without sites.
struct InitOptions {
    std::filesystem::path rules;
    std::string name;
    std::filesystem::path out;
    std::string endpoint = "tcp://127.0.0.1:7443";
    std::uint64_t chain_id = 31337;
    bool no_chain = false;
    std::string rpc = "http://127.0.0.1:8545";
    std::uint16_t http_port = 9464;
    PassphraseSource passphrase;
    bool light = false;  // cheap key derivation, for tests
    bool json = false;
};
[[nodiscard]] Status init(const InitOptions& options);

// admit: adds sites to the manifest from their request files.
struct AdmitOptions {
    std::filesystem::path config;
    std::vector<std::filesystem::path> requests;
    bool auditor = false;   // they also audit: they may read single updates
    bool observer = false;  // they do not train
    bool replace = false;   // sites that are in the manifest, with a new signer or transport key
    bool json = false;
};
[[nodiscard]] Status admit(const AdmitOptions& options);

// deploy: the contracts, with their addresses into the manifest.
struct DeployOptions {
    std::filesystem::path config;
    std::filesystem::path deployer_key;  // key file of the account that pays; empty: coordinator's
    PassphraseSource deployer_passphrase;
    PassphraseSource passphrase;
    std::string token;    // address; empty: a test token is made
    std::string council;  // address; empty: the deployer
    std::string reward_fund = "0";
    std::string fund_coordinator = "0";  // wei of gas money from the deployer
    std::uint64_t challenge_window_s = 86'400;
    std::uint64_t slash_delay_s = 7 * 86'400;
    std::uint64_t unbonding_delay_s = 14 * 86'400;
    std::vector<std::string> members;  // accounts that vote; none: the council decides alone
    bool members_are_sites = false;    // the owner accounts of all sites in the manifest
    std::uint64_t timelock_s = 7 * 86'400;
    std::uint64_t vote_delay_blocks = 7'200;
    std::uint64_t vote_period_blocks = 21'600;
    std::uint64_t ruling_vote_blocks = 7'200;
    bool json = false;
};
[[nodiscard]] Status deploy(const DeployOptions& options);

struct RunCommand {
    std::filesystem::path config;
    PassphraseSource passphrase;
    RunOptions run;
};
// run, until done or until `stop` is set.
[[nodiscard]] Result<ExitCode> run(const RunCommand& command, const std::atomic<bool>& stop);

struct StatusOptions {
    std::filesystem::path config;
    bool json = false;
};
// status: asks the running coordinator over loopback, or reads the data folder of a stopped one.
[[nodiscard]] Status status(const StatusOptions& options);
// rounds: one line for each finished round of a stopped coordinator.
[[nodiscard]] Status rounds(const StatusOptions& options);
// show R: the tree of one finished round.
[[nodiscard]] Status show(const StatusOptions& options, RoundNumber round);

// --check-config: everything that can be refused before a run, without a port or the chain.
[[nodiscard]] Status check_config(const std::filesystem::path& config);

}  // namespace fedstake::coordinator
