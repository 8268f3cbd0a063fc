// Putting the contracts together, and giving out their roles as ConsortiumAccess.wire does.
#include "contracts/cpp/memory_chain.hpp"

#include <algorithm>

#include "proto/base/check.hpp"

namespace fedstake::chain {

namespace {

const Address& first_of(const Address& wanted, const Address& otherwise) {
    return wanted.is_zero() ? otherwise : wanted;
}

const Address& governor_of(const MemoryChainOptions& options) {
    return first_of(options.governor, options.council);
}

MemoryAccess roles(const MemoryChainOptions& options) {
    const MemoryAddresses& at = options.addresses;
    MemoryAccess access;
    access.grant(Role::kParameters, first_of(options.parameters, governor_of(options)));
    access.grant(Role::kCouncil, options.council);
    access.grant(Role::kVoider, options.council);
    access.grant(Role::kGovernor, governor_of(options));
    access.grant(Role::kCourt, at.court);
    access.grant(Role::kDisputes, at.disputes);
    access.grant(Role::kVoider, at.disputes);
    for (const Role role : {Role::kProver, Role::kVoider, Role::kDisputes}) {
        access.grant(role, at.demands);
    }
    for (const Address& prover : at.provers) {
        access.grant(Role::kProver, prover);
        access.grant(Role::kVoider, prover);
    }
    return access;
}

// Resolution and evidence age are lowered to what the unbonding delay allows, as
// evm::deploy_contracts does.
VaultOptions vault_options(const MemoryChainOptions& options) {
    FS_CHECK(options.unbonding_delay >= options.challenge_window);
    const std::uint64_t spare = options.unbonding_delay - options.challenge_window;
    return {{options.domain.chain_id, options.addresses.vault},
            options.slash_pool,
            {options.unbonding_delay, options.challenge_window, std::min(options.resolution, spare),
             options.slash_delay, options.appeal, std::min(options.evidence_age, spare / 11 * 10)}};
}

EpochTerms first_epoch(const MemoryChainOptions& options) {
    FS_CHECK(options.threshold <= 0xff);
    return {options.coordinator, static_cast<std::uint8_t>(options.threshold),
            options.challenge_window, options.rules_digest, options.auditors};
}

DemandsOptions demands_options(const MemoryChainOptions& options) {
    return {options.addresses.demands,
            {options.demand_bond, options.answer_time, options.withheld_bps}};
}

ProverOptions prover_options(const MemoryChainOptions& options) {
    return {options.addresses.provers,
            {options.equivocation_bps, options.coordinator_bps, options.signer_bps}};
}

}  // namespace

MemoryChain::MemoryChain(MemoryChainOptions options)
    : options_(std::move(options)),
      now_(options_.start_time),
      access_(roles(options_)),
      vault_(vault_options(options_), {now_, token_, access_}),
      rounds_(options_.federation, options_.domain, {now_, token_, access_}, vault_,
              first_epoch(options_)),
      court_({options_.addresses.court, options_.accusation_bps_max, options_.appeal_bond},
             {now_, token_, access_}, rounds_, vault_),
      disputes_({options_.addresses.disputes, options_.dispute_bond}, {now_, token_, access_},
                rounds_, vault_),
      demands_(demands_options(options_), {now_, token_, access_}, rounds_, vault_),
      convictions_(prover_options(options_), {now_, token_, access_}, rounds_, vault_),
      registry_(first_of(options_.publisher, options_.coordinator), {now_, token_, access_},
                rounds_) {
    vault_.watch(rounds_);
}

void MemoryChain::set_time(std::uint64_t now) {
    FS_CHECK(now >= now_);
    now_ = now;
}

Status MemoryChain::execute_slash(std::uint64_t case_id) {
    const auto& cases = vault_.cases();
    const auto found = std::find_if(cases.begin(), cases.end(),
                                    [&](const SlashCase& entry) { return entry.id == case_id; });
    if (found == cases.end()) return refuse("CaseNotPending", {Digest{}, 0});
    return vault_.execute_slash(found->digest);
}

}  // namespace fedstake::chain
