// run and check_config: a site at work.
#include <fstream>
#include <iostream>

#include <nlohmann/json.hpp>

#include "client/app/chain_access.hpp"
#include "client/app/commands.hpp"
#include "client/app/local_trainer.hpp"
#include "client/app/session_driver.hpp"
#include "client/app/signer_check.hpp"
#include "proto/base/log.hpp"

namespace fedstake::client {

namespace {

using nlohmann::json;

// What the demo and the operator's own records want to know afterwards.
json result_json(const Site& site, const SessionSummary& summary,
                 const std::optional<session::Evaluation>& alone) {
    json result = {{"site", site.entry.owner.hex()},   {"name", site.entry.name},
                   {"success", summary.success},       {"reason", summary.reason},
                   {"last_round", summary.last_round}, {"model", summary.model.hex()},
                   {"audits", summary.audits}};
    if (summary.last_metrics) {
        result["rows"] = summary.last_metrics->rows;
        result["test_rows"] = summary.last_metrics->test_rows;
        result["test_correct_federated"] = summary.last_metrics->test_correct;
    }
    if (alone) result["test_correct_alone"] = alone->test_correct;
    return result;
}

Status write_result(const std::filesystem::path& path, const json& result) {
    std::ofstream out(path);
    out << result.dump(2) << "\n";
    out.close();
    if (!out) return fail(Errc::kUnavailable, "cannot write " + path.string());
    return {};
}

void print_summary(const SessionSummary& summary, const std::optional<session::Evaluation>& alone) {
    std::cout << "session over: " << summary.reason << "\n";
    if (!summary.last_metrics) return;
    const wire::SiteMetrics& metrics = *summary.last_metrics;
    std::cout << "model of round " << summary.last_round << " on this site's " << metrics.test_rows
              << " test rows: " << metrics.test_correct << " right";
    if (alone) std::cout << " (training alone: " << alone->test_correct << ")";
    std::cout << "\n";
}

// Nothing where there is no chain or no node to ask.
Result<std::shared_ptr<SignerCheck>> signer_check(const Site& site, const std::atomic<bool>& stop) {
    const manifest::ChainEntry& chain = site.manifest.chain;
    if (!site.entry.audits || !chain.enabled || site.config.rpc.empty() ||
        chain.stake_vault.is_zero()) {
        return nullptr;
    }
    FS_ASSIGN(auto rpc, open_rpc(site, stop));
    FS_ASSIGN(evm::ContractAbis abis, evm::ContractAbis::load());
    return std::make_shared<SignerCheck>(std::move(rpc), chain.stake_vault,
                                         std::move(abis.stake_vault));
}

}  // namespace

Result<ExitCode> run(const RunOptions& options, const std::atomic<bool>& stop) {
    if (!options.result.empty() && !std::ofstream(options.result, std::ios::app)) {
        return fail(Errc::kInvalidInput, "--result: cannot write " + options.result.string());
    }
    FS_ASSIGN(const Site site, open_site(options.config));
    FS_ASSIGN(const crypto::SigningKey signer, read_signer_key(site.config.keys, site.passphrase));
    FS_ASSIGN(transport::CurveSecretKey curve, read_curve_key(site.config.keys, site.passphrase));
    FS_ASSIGN(StateStore store, StateStore::open(site.config.state));
    std::unique_ptr<session::SiteTrainer> trainer;
    if (site.entry.trains) {
        FS_ASSIGN(auto local, LocalTrainer::create(site.config.data, site.manifest.rules,
                                                   site.entry.owner, store));
        if (options.bootstrap_seed) local->bootstrap_rows(*options.bootstrap_seed);
        trainer = std::move(local);
        if (options.decorate) trainer = options.decorate(std::move(trainer));
    }
    FS_ASSIGN(const auto signers, signer_check(site, stop));
    decltype(DriverOptions::check_context) check_context;
    if (signers) {
        check_context = [signers](const auto& context) { return (*signers)(context); };
    }
    SessionSummary summary;
    {
        // Gone before the trainer is used again: its threads end with it.
        SessionDriver driver({.manifest = &site.manifest,
                              .site = &site.entry,
                              .signer = &signer,
                              .curve_key = curve,
                              .reports_metrics = site.config.reports_metrics,
                              .audit_threads = site.config.audit_threads,
                              .check_context = check_context,
                              .audited = options.audited,
                              .software = kSoftware},
                             store, trainer.get());
        FS_ASSIGN(summary, driver.run(stop));
    }
    std::optional<session::Evaluation> alone;
    if (summary.success && trainer && summary.last_round > 0) {
        FS_ASSIGN(alone, trainer->evaluate_alone(summary.last_round));
    }
    const json result = result_json(site, summary, alone);
    if (!options.result.empty()) FS_TRY(write_result(options.result, result));
    if (options.json) {
        std::cout << result.dump() << "\n";
    } else {
        print_summary(summary, alone);
    }
    if (summary.success) return ExitCode::kSuccess;
    return stop ? ExitCode::kInterrupted : ExitCode::kRoundsFailed;
}

Status check_config(const std::filesystem::path& config) {
    FS_ASSIGN(const Site site, open_site(config));
    FS_TRY(read_signer_key(site.config.keys, site.passphrase));
    FS_TRY(read_curve_key(site.config.keys, site.passphrase));
    FS_ASSIGN(const StateStore store, StateStore::open(site.config.state));
    if (site.entry.trains) {
        FS_ASSIGN(const auto trainer, LocalTrainer::create(site.config.data, site.manifest.rules,
                                                           site.entry.owner, store));
        std::cout << "data: " << trainer->rows() << " rows\n";
    }
    std::cout << "configuration is good: site '" << site.entry.name << "' of federation '"
              << site.manifest.name << "'" << (site.entry.audits ? ", auditor" : "") << "\n";
    return {};
}

}  // namespace fedstake::client
