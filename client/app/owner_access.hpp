// The owner account on the chain, as stake, exit, withdraw, rotate-key and appeal need it.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "client/app/chain_access.hpp"
#include "client/app/site.hpp"
#include "contracts/cpp/evm/site_account.hpp"

namespace fedstake::client {

// Parts refer to each other: not to be moved.
struct OwnerAccess {
    // RETURNS kInvalidInput where federation or configuration has no chain, kUnauthorized for the
    // owner key, and what check_contracts() does.
    [[nodiscard]] static Result<std::unique_ptr<OwnerAccess>> open(
        const std::filesystem::path& config, const std::atomic<bool>& stop);

    explicit OwnerAccess(Site opened, crypto::SigningKey key)
        : site(std::move(opened)), owner(std::move(key)) {}
    OwnerAccess(const OwnerAccess&) = delete;
    OwnerAccess& operator=(const OwnerAccess&) = delete;

    Site site;
    crypto::SigningKey owner;
    std::unique_ptr<evm::Rpc> rpc;
    std::unique_ptr<evm::EthNode> node;
    std::unique_ptr<evm::SiteAccount> account;
};

// What was sent, or in a dry run would be: a list for --json, and lines for people.
[[nodiscard]] evm::Json steps_json(const evm::SiteAccount& account);
[[nodiscard]] std::string steps_text(const evm::SiteAccount& account);

}  // namespace fedstake::client
