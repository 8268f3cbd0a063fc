// The consortium operator's configuration file, coordinator.toml. Strict: see
// manifest/toml_table.hpp. Paths are relative to the file. What all parties agree on is in the
// manifest, not here.
//
//   manifest = "federation.toml"
//   data = "data"
//   keys = "keys"
//   passphrase_file = "passphrase"     # default: none, FEDSTAKE_PASSPHRASE is used
//   listen = "127.0.0.1"               # default: the manifest's host if it is an IP address
//   http_port = 9464                   # 0: any free port; loopback only
//   initial_model = "model.f32"        # default: made from the rules; needed for torchscript
//   [chain]
//   rpc = "http://127.0.0.1:8545"
//   confirmations = 12                 # default: 1 on the development chains 1337 and 31337
//   poll_ms = 500
//   [tuning]
//   aggregation_threads = 2
//   aggregation_memory_mib = 64
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "proto/base/result.hpp"
#include "proto/base/time.hpp"
#include "proto/manifest/manifest.hpp"

namespace fedstake::coordinator {

struct Config {
    std::filesystem::path file;
    std::filesystem::path manifest_file;
    std::filesystem::path data;
    std::filesystem::path keys;
    std::filesystem::path passphrase_file;  // empty: from the environment
    std::string listen;                     // empty: from the manifest's endpoint
    std::uint16_t http_port = 9464;
    std::filesystem::path initial_model;  // empty: from the rules
    std::string rpc;
    std::uint64_t confirmations = 0;  // 0: by the chain, see confirmations_of()
    Duration poll{500};
    unsigned aggregation_threads = 1;
    std::size_t aggregation_memory_bytes = std::size_t{64} << 20U;
};

// In the data folder: the port that a running coordinator answers `status` on.
inline constexpr const char* kHttpPortFile = "http_port";

// RETURNS kInvalidInput with file, line and what to do; kNotFound for a missing file.
[[nodiscard]] Result<Config> load_config(const std::filesystem::path& file);
// load_config() of this text in that place gives the same configuration.
[[nodiscard]] std::string to_toml(const Config& config);

// Blocks until a transaction counts: as configured, else 12 (reorganisations of public chains have
// stayed below), or 1 on the development chains 1337 and 31337, which may mine no other blocks.
[[nodiscard]] std::uint64_t confirmations_of(const Config& config, std::uint64_t chain_id) noexcept;

// What needs both files and the rule registry: a rule that supports the quorum, enough sites to
// reach it, enough auditors for the signatures, a chain that is deployed.
[[nodiscard]] Status check_runnable(const Config& config, const manifest::Manifest& manifest);

}  // namespace fedstake::coordinator
