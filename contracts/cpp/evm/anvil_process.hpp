// A local development chain: anvil (Foundry) as a child process on a free port of 127.0.0.1.
//
// For tests, the demo and `deploy --dev-chain`. Its accounts are public knowledge: never real
// money.
#pragma once

#include <sys/types.h>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "proto/base/result.hpp"
#include "proto/base/time.hpp"
#include "proto/crypto/secp256k1.hpp"

namespace fedstake::evm {

struct AnvilOptions {
    // Port 0 takes a free one.
    std::uint16_t port = 0;
    std::uint64_t chain_id = 31337;
    // Loaded when it exists, written on stop and every second: the chain survives restarts.
    std::optional<std::filesystem::path> state_file;
    // Seconds between blocks, mined at once on a transaction besides; 0 mines on transactions only.
    std::uint32_t block_time = 0;
    std::uint32_t accounts = 20;  // dev accounts with 10000 ether each
    // Keeps no state of earlier blocks: faster, but eth_call knows the latest block only.
    bool latest_state_only = false;
    Duration start_deadline{10'000};
};

// FEDSTAKE_ANVIL, then contracts/node_modules beside the sources, then PATH. RETURNS kNotFound,
// saying how to get it.
[[nodiscard]] Result<std::filesystem::path> find_anvil();

// Secret key of anvil's dev account `index` (0..19): from its published mnemonic.
[[nodiscard]] crypto::SigningKey dev_key(std::size_t index);

class AnvilProcess {
public:
    // Returns once the node answers with the right chain id and, on a fresh start, block 0. The
    // child gets SIGTERM when the calling thread ends, however it ends: call it from one that
    // lives.
    [[nodiscard]] static Result<AnvilProcess> start(const AnvilOptions& options = {});

    ~AnvilProcess();
    AnvilProcess(AnvilProcess&& other) noexcept;
    AnvilProcess& operator=(AnvilProcess&& other) noexcept;

    [[nodiscard]] const std::string& url() const noexcept { return url_; }
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    // SIGTERM (state is saved), SIGKILL after two seconds. Idempotent.
    void stop() noexcept;

private:
    AnvilProcess() = default;
    pid_t pid_ = -1;
    std::uint16_t port_ = 0;
    std::string url_;
};

}  // namespace fedstake::evm
