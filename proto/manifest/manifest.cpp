// Reads a manifest and looks things up in it.
#include "proto/manifest/manifest.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "proto/manifest/endpoint.hpp"
#include "proto/manifest/manifest_checks.hpp"
#include "proto/manifest/rules_toml.hpp"
#include "proto/manifest/toml_table.hpp"

namespace fedstake::manifest {

namespace {

// A hexadecimal key of the table into a fixed-size value.
template <class Value>
Status read_hex(TomlTable& table, std::string_view key, Value& out) {
    FS_ASSIGN(const std::string text, table.text(key, std::nullopt));
    auto value = Value::parse(text);
    if (!value) return with_context(value.error(), table.where(key) + std::string(key));
    if (value->is_zero()) {
        return fail(Errc::kInvalidInput,
                    fmt::format("{}{} is only zeros, must be a real one", table.where(key), key));
    }
    out = *value;
    return {};
}

Result<ChainEntry> read_chain(TomlTable& root) {
    ChainEntry chain;
    FS_ASSIGN(TomlTable table, root.table("chain", true));
    FS_ASSIGN(chain.enabled, table.boolean("enabled", true));
    FS_ASSIGN(const std::int64_t id,
              table.integer("chain_id", {.min = 1, .max = INT64_MAX, .fallback = std::nullopt}));
    chain.chain_id = static_cast<std::uint64_t>(id);
    const auto address = [&table](std::string_view key, Address& out) -> Status {
        // Contracts are not there before `deploy`.
        return table.has(key) ? read_hex(table, key, out) : Status{};
    };
    FS_TRY(address("round_manager", chain.round_manager));
    FS_TRY(address("stake_vault", chain.stake_vault));
    FS_TRY(address("slash_court", chain.slash_court));
    FS_TRY(address("fault_prover", chain.fault_prover));
    FS_TRY(address("model_registry", chain.model_registry));
    FS_TRY(address("token", chain.token));
    FS_ASSIGN(const std::int64_t deployed_block,
              table.integer("deployed_block", {.min = 0, .max = INT64_MAX, .fallback = 0}));
    chain.deployed_block = static_cast<std::uint64_t>(deployed_block);
    FS_TRY(table.finish());
    return chain;
}

// "line 12" of a table, out of its "file:12: ".
std::string line_of(const TomlTable& table) {
    std::string place = table.where();
    while (!place.empty() && (place.back() == ' ' || place.back() == ':')) place.pop_back();
    return "line " + place.substr(place.rfind(':') + 1);
}

Result<std::vector<SiteEntry>> read_sites(TomlTable& root) {
    FS_ASSIGN(std::vector<TomlTable> tables, root.tables("site"));
    std::vector<SiteEntry> sites;
    for (TomlTable& table : tables) {
        SiteEntry site;
        FS_ASSIGN(site.name, table.text("name", std::nullopt));
        FS_TRY(read_hex(table, "owner", site.owner));
        FS_TRY(read_hex(table, "signer", site.signer));
        FS_TRY(read_hex(table, "curve_key", site.curve_key));
        FS_ASSIGN(site.trains, table.boolean("trains", true));
        FS_ASSIGN(site.audits, table.boolean("audits", false));
        FS_TRY(table.finish());
        if (const Status fine = check_site(site); !fine) {
            return fail(fine.error().code, table.where() + fine.error().message);
        }
        sites.push_back(std::move(site));
    }
    if (const auto clash = find_clash(sites)) {
        return fail(
            Errc::kInvalidInput,
            fmt::format("{}site '{}' has {} as site '{}' ({}); each needs its own",
                        tables[clash->second].where(), sites[clash->second].name, clash->what,
                        sites[clash->first].name, line_of(tables[clash->first])));
    }
    if (const Status fine = check_counts(sites); !fine) {
        return fail(fine.error().code, root.where() + fine.error().message);
    }
    std::sort(sites.begin(), sites.end(),
              [](const SiteEntry& a, const SiteEntry& b) { return a.owner < b.owner; });
    return sites;
}

}  // namespace

Result<Manifest> load_manifest(const std::filesystem::path& path) {
    FS_ASSIGN(TomlTable root, TomlTable::load(path));
    Manifest manifest;
    FS_ASSIGN(manifest.name, root.text("name", std::nullopt));
    FS_TRY(read_hex(root, "federation", manifest.federation));
    FS_ASSIGN(manifest.endpoint, root.text("endpoint", std::nullopt));
    if (const auto endpoint = parse_endpoint(manifest.endpoint); !endpoint) {
        return with_context(endpoint.error(), root.where("endpoint") + "endpoint");
    }
    FS_TRY(read_hex(root, "coordinator", manifest.coordinator));
    FS_TRY(read_hex(root, "coordinator_curve_key", manifest.coordinator_curve_key));
    FS_ASSIGN(manifest.chain, read_chain(root));
    FS_ASSIGN(manifest.rules, read_rules(root));
    FS_ASSIGN(manifest.sites, read_sites(root));
    FS_TRY(root.finish());
    if (const SiteEntry* site = manifest.find_by_curve_key(manifest.coordinator_curve_key)) {
        return fail(Errc::kInvalidInput,
                    fmt::format("{}site '{}' has the coordinator's curve key; each needs its own",
                                root.where("coordinator_curve_key"), site->name));
    }
    return manifest;
}

crypto::Eip712Domain Manifest::domain() const {
    return {.chain_id = chain.chain_id, .verifying_contract = chain.round_manager};
}

const SiteEntry* Manifest::find(const SiteId& site) const noexcept {
    const auto found = std::find_if(sites.begin(), sites.end(), [&site](const SiteEntry& entry) {
        return entry.owner == site;
    });
    return found == sites.end() ? nullptr : &*found;
}

const SiteEntry* Manifest::find_by_curve_key(const CurvePublicKey& key) const noexcept {
    const auto found = std::find_if(sites.begin(), sites.end(), [&key](const SiteEntry& entry) {
        return entry.curve_key == key;
    });
    return found == sites.end() ? nullptr : &*found;
}

std::vector<Address> Manifest::auditors() const {
    std::vector<Address> signers;
    for (const SiteEntry& site : sites) {
        if (site.audits) signers.push_back(site.signer);
    }
    return signers;
}

std::optional<std::uint8_t> Manifest::auditor_index(const Address& signer) const noexcept {
    std::uint8_t index = 0;
    for (const SiteEntry& site : sites) {
        if (!site.audits) continue;
        if (site.signer == signer) return index;
        ++index;
    }
    return std::nullopt;
}

}  // namespace fedstake::manifest
