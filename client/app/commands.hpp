// The verbs of fedstake-client. Each returns an exit code's reason as an Error, or prints its
// result. One that was stopped returns kUnavailable soon; the program then ends with kInterrupted.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "client/app/site.hpp"
#include "client/session/site_trainer.hpp"
#include "client/session/verify.hpp"
#include "proto/base/exit_code.hpp"
#include "proto/base/result.hpp"

namespace fedstake::client {

struct KeygenOptions {
    std::filesystem::path out;
    std::filesystem::path passphrase_file;
    bool light = false;  // cheap key derivation, for demonstrations
    bool json = false;
};
[[nodiscard]] Status keygen(const KeygenOptions& options);

struct EnrollOptions {
    std::filesystem::path keys;
    FederationId federation;  // both printed by `fedstake-coordinator init`
    std::uint64_t chain_id = 0;
    std::filesystem::path passphrase_file;
    std::string name;
    std::filesystem::path out;
    bool json = false;
};
[[nodiscard]] Status enroll(const EnrollOptions& options);

// Wraps the production trainer; the identity in the production client.
using TrainerDecorator =
    std::function<std::unique_ptr<session::SiteTrainer>(std::unique_ptr<session::SiteTrainer>)>;

// What becomes of the outcome of an audit before anything is signed; the identity in the production
// client.
using AuditDecorator = std::function<Result<session::Verification>(Result<session::Verification>)>;

struct RunOptions {
    std::filesystem::path config;
    std::filesystem::path result;  // JSON written at the end; empty: none
    bool json = false;
    TrainerDecorator decorate;                    // empty in the production client
    AuditDecorator audited;                       // empty in the production client
    std::optional<std::uint64_t> bootstrap_seed;  // experiments only: resample the training rows
};
[[nodiscard]] Result<ExitCode> run(const RunOptions& options, const std::atomic<bool>& stop);

struct VerifyOptions {
    std::filesystem::path config;
    RoundNumber round = 0;
    std::uint32_t attempt = 0;  // counted from 1; 0: the one that stands
    bool json = false;
    std::uint32_t timeout_s = 60;
};
[[nodiscard]] Result<ExitCode> verify(const VerifyOptions& options, const std::atomic<bool>& stop);

struct StatusOptions {
    std::filesystem::path config;
    bool json = false;
    std::uint32_t timeout_s = 10;
};
[[nodiscard]] Status status(const StatusOptions& options, const std::atomic<bool>& stop);

struct ChainOptions {
    std::filesystem::path config;
    Amount amount = 0;      // stake
    RoundNumber round = 0;  // claim: 0 is the newest final round
    bool json = false;
    bool dry_run = false;  // say what would happen, send nothing
    std::uint32_t timeout_s = 60;
};
// Approves and stakes tokens of the owner account and registers the signer key.
[[nodiscard]] Status stake(const ChainOptions& options, const std::atomic<bool>& stop);
// Claims the cumulative reward as of a final round. Needs the coordinator for the proof.
[[nodiscard]] Status claim(const ChainOptions& options, const std::atomic<bool>& stop);

struct ChallengeOptions {
    std::filesystem::path config;
    RoundNumber round = 0;
    bool dry_run = false;       // look, and send nothing
    bool dispute = false;       // put a bond on what no proof shows
    bool demand = false;        // put a bond on having what is missing posted
    std::filesystem::path key;  // keystore of the account that pays; empty: the owner's
    std::filesystem::path key_passphrase_file;  // empty: the site's passphrase
    bool json = false;
    std::uint32_t timeout_s = 300;  // for the coordinator's answers, all together
};
// Looks for a fault of a posted round and proves it on the chain. Without the coordinator where the
// site holds everything itself.
[[nodiscard]] Result<ExitCode> challenge(const ChallengeOptions& options,
                                         const std::atomic<bool>& stop);

struct AnswerOptions {
    std::filesystem::path config;
    RoundNumber round = 0;
    bool dry_run = false;
    std::filesystem::path key;  // as of ChallengeOptions
    std::filesystem::path key_passphrase_file;
    bool json = false;
    std::uint32_t timeout_s = 60;
};
// Posts the leaves, report and context of a round that somebody demands: for auditors.
[[nodiscard]] Status answer_demand(const AnswerOptions& options, const std::atomic<bool>& stop);

// Checks configuration, manifest, keys and data without starting anything.
[[nodiscard]] Status check_config(const std::filesystem::path& config);

}  // namespace fedstake::client
