// The site operator's configuration file, client.toml. Strict: see manifest/toml_table.hpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "proto/base/result.hpp"
#include "proto/manifest/manifest.hpp"

namespace fedstake::client {

struct DataConfig {
    std::filesystem::path file;
    std::string schema;            // "uci-heart", or the path of a schema file
    std::uint64_t split_seed = 1;  // which rows are test rows
    std::filesystem::path script;  // TorchScript file, for models of that kind
};

struct ClientConfig {
    std::filesystem::path file;  // this configuration
    std::filesystem::path manifest;
    std::filesystem::path keys;             // folder made by keygen
    std::filesystem::path passphrase_file;  // empty: from FEDSTAKE_PASSPHRASE
    std::filesystem::path state;            // what must survive a restart
    DataConfig data;
    bool reports_metrics = true;  // row and hit counts of own test rows go to the coordinator
    std::string rpc;              // JSON-RPC of the site's chain node; empty: none
    unsigned audit_threads = 1;
};

// RETURNS kInvalidInput with file, line and what to do; kNotFound for missing files it names.
[[nodiscard]] Result<ClientConfig> load_config(const std::filesystem::path& file);

}  // namespace fedstake::client
