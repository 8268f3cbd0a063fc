// Writes a manifest as canonical TOML.
#include <fmt/format.h>

#include "proto/manifest/manifest.hpp"
#include "proto/manifest/rules_toml.hpp"
#include "proto/manifest/toml_text.hpp"

namespace fedstake::manifest {

namespace {

std::string chain_text(const ChainEntry& chain) {
    std::string text =
        fmt::format("[chain]\nenabled = {}\nchain_id = {}\n", chain.enabled, chain.chain_id);
    const auto contract = [&text](const char* key, const Address& address) {
        if (!address.is_zero()) text += fmt::format("{} = \"{}\"\n", key, address.hex());
    };
    contract("round_manager", chain.round_manager);
    contract("stake_vault", chain.stake_vault);
    contract("slash_court", chain.slash_court);
    contract("fault_prover", chain.fault_prover);
    contract("model_registry", chain.model_registry);
    contract("token", chain.token);
    if (chain.deployed_block > 0) {
        text += fmt::format("deployed_block = {}\n", chain.deployed_block);
    }
    return text;
}

}  // namespace

std::string to_toml(const Manifest& manifest) {
    std::string text = fmt::format(
        "# Federation manifest: what all parties hold in common. Every site pins this file.\n"
        "name = {}\nfederation = \"{}\"\nendpoint = {}\ncoordinator = \"{}\"\n"
        "coordinator_curve_key = \"{}\"\n\n",
        toml_string(manifest.name), manifest.federation.hex(), toml_string(manifest.endpoint),
        manifest.coordinator.hex(), manifest.coordinator_curve_key.hex());
    text += chain_text(manifest.chain) + "\n" + rules_to_toml(manifest.rules);
    for (const SiteEntry& site : manifest.sites) {
        text += fmt::format(
            "\n[[site]]\nname = {}\nowner = \"{}\"\nsigner = \"{}\"\ncurve_key = \"{}\"\ntrains = "
            "{}\n"
            "audits = {}\n",
            toml_string(site.name), site.owner.hex(), site.signer.hex(), site.curve_key.hex(),
            site.trains, site.audits);
    }
    return text;
}

}  // namespace fedstake::manifest
