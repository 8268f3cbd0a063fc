// The federation manifest: what every party of one federation holds in common, as a TOML file.
//
// The consortium operator makes it (`fedstake-coordinator init`, `deploy`), every site pins it.
// Strict: an unknown key, a wrong type or a value out of range is an error naming file, line and
// what to do.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"
#include "proto/crypto/eip712.hpp"
#include "proto/rules/round_rules.hpp"

namespace fedstake::manifest {

struct SiteEntry {
    std::string name;  // [a-z0-9-]{1,32}; stays off the chain
    SiteId owner;
    Address signer;
    CurvePublicKey curve_key;
    bool trains = true;
    bool audits = false;  // an auditor sees single updates: granted by the consortium, site by site
};

struct ChainEntry {
    bool enabled = true;
    std::uint64_t chain_id = 0;
    Address round_manager;
    Address stake_vault;
    Address slash_court;
    Address fault_prover;
    Address model_registry;
    Address token;
    // Where `deploy` began: the contracts' events are read from here on. 0: not known, from the
    // first block.
    std::uint64_t deployed_block = 0;
};

struct Manifest {
    std::string name;
    FederationId federation;
    std::string endpoint;  // "tcp://127.0.0.1:7443"
    CurvePublicKey coordinator_curve_key;
    Address coordinator;  // signs receipts, posts commitments
    ChainEntry chain;
    rules::RoundRules rules;
    std::vector<SiteEntry> sites;  // SiteId ascending; auditor index = order among `audits` entries

    [[nodiscard]] crypto::Eip712Domain domain() const;
    [[nodiscard]] const SiteEntry* find(const SiteId& site) const noexcept;
    [[nodiscard]] const SiteEntry* find_by_curve_key(const CurvePublicKey& key) const noexcept;
    // Signer addresses of the auditors in index order.
    [[nodiscard]] std::vector<Address> auditors() const;
    [[nodiscard]] std::optional<std::uint8_t> auditor_index(const Address& signer) const noexcept;
};

[[nodiscard]] Result<Manifest> load_manifest(const std::filesystem::path& path);
// Canonical TOML text: load_manifest(parse(text)) gives the same Manifest back.
[[nodiscard]] std::string to_toml(const Manifest& manifest);

}  // namespace fedstake::manifest
