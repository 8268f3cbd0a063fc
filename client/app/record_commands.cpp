// Reads the chain without a key, and signs files.
#include "client/app/record_commands.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <memory>

#include <fmt/format.h>

#include "client/app/chain_access.hpp"
#include "client/app/dataset_fingerprint.hpp"
#include "contracts/cpp/evm/model_registry.hpp"
#include "contracts/cpp/utc_text.hpp"
#include "proto/manifest/signed_file.hpp"

namespace fedstake::client {

namespace {

struct ChainView {
    std::unique_ptr<evm::Rpc> rpc;
    std::unique_ptr<evm::EthNode> node;
    evm::ContractAddresses contracts;
    evm::ContractAbis abis;
};

Result<ChainView> open_chain(const Site& site, const std::atomic<bool>& stop) {
    if (!site.manifest.chain.enabled || site.config.rpc.empty()) {
        return fail(Errc::kInvalidInput, "this needs a chain: a manifest with one, and 'rpc' in " +
                                             site.config.file.string());
    }
    ChainView view;
    FS_ASSIGN(view.rpc, open_rpc(site, stop));
    view.node = std::make_unique<evm::EthNode>(*view.rpc);
    view.contracts = contract_addresses(site.manifest.chain);
    FS_TRY(evm::check_contracts(*view.node, view.contracts));
    FS_ASSIGN(view.abis, evm::ContractAbis::load());
    return view;
}

Status write_text(const std::filesystem::path& path, const std::string& text) {
    std::ofstream out(path);
    out << text;
    out.close();
    if (!out) return fail(Errc::kUnavailable, "cannot write " + path.string());
    return {};
}

Result<crypto::FaultKind> parse_kind(const std::string& kind) {
    if (kind == "poisoning") return crypto::FaultKind::kPoisoning;
    if (kind == "free-riding") return crypto::FaultKind::kFreeRiding;
    return fail(Errc::kInvalidInput, "--kind " + kind +
                                         ": must be poisoning or free-riding; equivocation is "
                                         "proven, not attested");
}

Result<SiteId> find_site(const manifest::Manifest& manifest, const std::string& text) {
    const auto named = std::ranges::find(manifest.sites, text, &manifest::SiteEntry::name);
    if (named != manifest.sites.end()) return named->owner;
    const auto address = Address::parse(text);
    if (address && manifest.find(*address) != nullptr) return *address;
    return fail(Errc::kInvalidInput, "--site " + text +
                                         ": is neither a name nor the owner address of a site in "
                                         "the manifest");
}

// What the chain holds for the round, and until when it may be accused about.
struct Evidence {
    Digest commitment;
    std::uint64_t latest = 0;
};

Result<Evidence> evidence_of(ChainView& view, RoundNumber round) {
    FS_ASSIGN(const auto slots,
              evm::call_view(*view.node, view.contracts.round_manager, view.abis.round_manager,
                             "slotOf", {evm::AbiValue::number(round)}));
    // (commitment, round, finalAt, voided, signers, rewardTotal, epoch, windowEnd, rewardsRoot)
    FS_ASSIGN(const std::vector<evm::AbiValue> slot, slots[0].as_list());
    Evidence evidence;
    FS_ASSIGN(evidence.commitment, slot[0].as_digest());
    FS_ASSIGN(const bool voided, slot[3].as_bool());
    if (evidence.commitment.is_zero() || voided) {
        return fail(Errc::kNotFound,
                    fmt::format("the chain holds no round {}: it is not posted yet, was voided, or "
                                "is more than 64 rounds old",
                                round));
    }
    FS_ASSIGN(const std::uint64_t window_end, slot[7].as_u64());
    FS_ASSIGN(const auto windows, evm::call_view(*view.node, view.contracts.stake_vault,
                                                 view.abis.stake_vault, "windows", {}));
    // (unbonding, challenge, resolution, slashDelay, appeal, evidenceAge)
    FS_ASSIGN(const std::vector<evm::AbiValue> fields, windows[0].as_list());
    FS_ASSIGN(const std::uint64_t age, fields[5].as_u64());
    evidence.latest = window_end + age;
    return evidence;
}

}  // namespace

Result<ExitCode> model_verify(const ModelVerifyOptions& options, const std::atomic<bool>& stop) {
    FS_ASSIGN(const Site site, open_site(options.config));
    FS_ASSIGN(const evm::ModelFile file, evm::read_model_file(options.file));
    FS_ASSIGN(ChainView view, open_chain(site, stop));
    FS_ASSIGN(const evm::ModelVerdict verdict,
              evm::judge_model_file(*view.node, view.contracts, view.abis, site.manifest.federation,
                                    file));
    if (options.json) {
        std::cout << evm::verdict_json(verdict, file).dump() << "\n";
    } else {
        std::cout << evm::verdict_text(verdict, file);
    }
    return verdict.good() ? ExitCode::kSuccess : ExitCode::kVerifyFailed;
}

Status fingerprint(const FingerprintOptions& options) {
    FS_ASSIGN(const Site site, open_site(options.config));
    const crypto::KeystoreCost cost =
        options.light ? crypto::kLightKeystoreCost : crypto::KeystoreCost{};
    FS_ASSIGN(const Digest key, dataset_key(site.config.keys, site.passphrase, cost));
    FS_ASSIGN(const Digest value, dataset_fingerprint(site.config.data, key,
                                                      site.manifest.federation, site.entry.owner));
    FS_ASSIGN(const crypto::SigningKey signer, read_signer_key(site.config.keys, site.passphrase));
    const manifest::DatasetFingerprint made = manifest::sign_fingerprint(
        site.manifest.federation, site.manifest.chain.chain_id, site.entry.owner, value, signer);
    FS_TRY(write_text(options.out, manifest::to_json(made)));
    if (options.json) {
        std::cout << evm::Json{{"file", options.out.string()}, {"fingerprint", value.hex()}}.dump()
                  << "\n";
    } else {
        std::cout << "wrote " << options.out.string() << "\n  fingerprint " << value.hex()
                  << "\nsend it to the consortium operator. Keep "
                  << (site.config.keys / "dataset-key.json").string()
                  << " and the data file: only with both can this site show later what it was\n";
    }
    return {};
}

Status sign_accusation(const SignAccusationOptions& options, const std::atomic<bool>& stop) {
    FS_ASSIGN(const Site site, open_site(options.config));
    if (!site.entry.audits) {
        return fail(Errc::kUnauthorized,
                    "site '" + site.entry.name +
                        "' is not an auditor: the contracts count auditors' signatures only");
    }
    crypto::AttestedFault fault;
    fault.federation = site.manifest.federation;
    fault.round = options.round;
    FS_ASSIGN(fault.site, find_site(site.manifest, options.site));
    FS_ASSIGN(fault.kind, parse_kind(options.kind));
    const std::uint16_t most = site.manifest.rules.settlement.slash_bps_max;
    if (options.bps < 1 || options.bps > most) {
        return fail(Errc::kInvalidInput, fmt::format("--bps {}: must be 1 to {} (1/10000 of the "
                                                     "stake, rules.settlement.slash_bps_max)",
                                                     options.bps, most));
    }
    fault.bps = options.bps;
    FS_ASSIGN(ChainView view, open_chain(site, stop));
    FS_ASSIGN(const Evidence evidence, evidence_of(view, options.round));
    fault.evidence_root = evidence.commitment;
    fault.deadline = options.deadline == 0 ? evidence.latest : options.deadline;
    if (fault.deadline > evidence.latest) {
        return fail(Errc::kInvalidInput,
                    fmt::format("--deadline {}: round {} may be accused about until {} ({})",
                                options.deadline, options.round, evidence.latest,
                                chain::utc_text(evidence.latest)));
    }
    FS_ASSIGN(const crypto::SigningKey signer, read_signer_key(site.config.keys, site.passphrase));
    const manifest::SignedAccusation made =
        manifest::sign_accusation(fault, site.manifest.domain(), signer);
    FS_TRY(write_text(options.out, manifest::to_json(made)));
    if (options.json) {
        std::cout << manifest::to_json(made);
    } else {
        std::cout << fmt::format(
            "signed: site {} is accused of {} in round {}, {:g} % of its stake, to be posted by "
            "{}\nwrote {}: send it to the consortium operator (`fedstake-coordinator accuse`). The "
            "signature alone takes nothing: {} auditors must sign the same words, then the slash "
            "waits, can be vetoed and appealed\n",
            fault.site.hex(), options.kind, options.round, fault.bps / 100.0,
            chain::utc_text(fault.deadline), options.out.string(),
            site.manifest.rules.schedule.auditors_needed);
    }
    return {};
}

}  // namespace fedstake::client
