// Verbs about what is on the chain: model publish, show, verify, deprecate, revoke; stake; accuse;
// status --chain.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "contracts/cpp/evm/model_registry.hpp"
#include "coordinator/app/chain_link.hpp"
#include "proto/base/exit_code.hpp"
#include "proto/base/result.hpp"

namespace fedstake::coordinator {

struct ModelPublishOptions {
    std::filesystem::path config;
    PayerOptions payer;                           // the registry's publisher
    RoundNumber round = 0;                        // 0: the newest final one
    std::filesystem::path evaluation;             // any file; its SHA-256 is recorded
    std::vector<std::filesystem::path> datasets;  // files of `fedstake-client fingerprint`
    std::string code_commit;                      // empty: of this build
    bool dry_run = false;
    bool json = false;
};
// Writes the model of a final round to data/releases and publishes its record. Needs the
// coordinator stopped. Giving the command again does nothing.
[[nodiscard]] Status model_publish(const ModelPublishOptions& options);

struct ModelOptions {
    std::filesystem::path config;
    std::uint64_t version = 0;   // show: 0 lists all
    std::filesystem::path file;  // verify
    bool json = false;
};
[[nodiscard]] Status model_show(const ModelOptions& options);
// RETURNS kVerifyFailed unless the file is a release to use.
[[nodiscard]] Result<ExitCode> model_verify(const ModelOptions& options);

struct ModelStatusOptions {
    std::filesystem::path config;
    PayerOptions payer;  // the registry's publisher
    std::uint64_t version = 0;
    evm::ModelStatus status = evm::ModelStatus::kDeprecated;
    std::string reason;
    bool dry_run = false;
    bool json = false;
};
// Marks a released version as deprecated or revoked; does nothing where it is already.
[[nodiscard]] Status model_set_status(const ModelStatusOptions& options);

struct CoordinatorStakeOptions {
    std::filesystem::path config;
    PassphraseSource passphrase;
    Amount amount = 0;
    bool dry_run = false;
    bool json = false;
};
// Brings the stake of the coordinator's own account up to `amount`.
[[nodiscard]] Status stake(const CoordinatorStakeOptions& options);

struct AccuseOptions {
    std::filesystem::path config;
    PayerOptions payer;  // anybody
    RoundNumber round = 0;
    std::string site;  // name in the manifest, or address
    std::string kind;  // "poisoning" or "free-riding"
    std::uint16_t bps = 0;
    std::vector<std::filesystem::path> signatures;  // of `fedstake-client sign-accusation`
    bool dry_run = false;
    bool json = false;
};
[[nodiscard]] Status accuse(const AccuseOptions& options);

struct ChainStatusOptions {
    std::filesystem::path config;
    bool json = false;
};
[[nodiscard]] Status chain_status(const ChainStatusOptions& options);

}  // namespace fedstake::coordinator
