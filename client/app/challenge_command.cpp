// challenge: finds the fault of a round and proves it on the chain.
#include <chrono>
#include <iostream>

#include <nlohmann/json.hpp>

#include "client/app/chain_access.hpp"
#include "client/app/challenge_papers.hpp"
#include "client/app/challenge_run.hpp"
#include "client/app/challenge_text.hpp"
#include "client/app/commands.hpp"
#include "client/app/durable_file.hpp"
#include "client/app/payer.hpp"
#include "proto/crypto/sha256.hpp"

namespace fedstake::client {

namespace {

// The words behind the digest that a dispute names: those who decide will ask for them.
Result<Digest> keep_evidence(const Site& site, const ChallengeOutcome& outcome) {
    const std::string text = evidence_text(outcome);
    const std::filesystem::path folder = site.config.state / "disputes";
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    const auto file = folder / (std::to_string(outcome.round.round) + "-" +
                                outcome.round.commitment.hex().substr(2, 8) + ".json");
    FS_TRY(replace_file(file, as_bytes(text)));
    return crypto::sha256(as_bytes(text));
}

Result<evm::Dispute> open_dispute(const Site& site, const ChallengeOutcome& outcome,
                                  evm::ProofDesk& desk, Payer& payer, Amount bond, bool quiet) {
    FS_ASSIGN(const Digest evidence, keep_evidence(site, outcome));
    if (!quiet) {
        std::cout << "opening a dispute about round " << outcome.round.round << " with a bond of "
                  << amount_to_string(bond) << " wei, evidence " << evidence.hex() << " (kept in "
                  << (site.config.state / "disputes").string() << ")\n"
                  << std::flush;
    }
    FS_ASSIGN(const crypto::SigningKey* const key, payer.key());
    return desk.dispute(*outcome.commitment, evidence, bond, *key);
}

bool can_dispute(const ChallengeOutcome& outcome) {
    using Kind = DemandStep::Kind;
    const Kind step = outcome.demand.kind;
    return outcome.commitment && outcome.proven.empty() && !outcome.voided && step != Kind::kMade &&
           step != Kind::kExpirable && (!outcome.unproven.empty() || !outcome.unchecked.empty());
}

// Where the demand about the round stands, and its next step.
Status pursue(const Site& site, const ChallengeOptions& options, evm::EthNode& node,
              evm::ProofDesk& desk, const Address& from, ChallengeOutcome& outcome,
              const KeySource& key) {
    if (!outcome.commitment || outcome.voided || !outcome.proven.empty()) return {};
    const DemandCase about{.commitment = *outcome.commitment,
                           .window_end = outcome.round.window_end,
                           .lacks = outcome.lacks,
                           .can_answer = outcome.complete,
                           .wanted = options.demand,
                           .self = from,
                           .dry_run = options.dry_run};
    FS_ASSIGN(outcome.demand, pursue_demand(node, desk, about, site.config.state, key));
    outcome.voided = outcome.demand.kind == DemandStep::Kind::kExpired;
    if (options.demand && outcome.complete) {
        outcome.notes.emplace_back(
            "there is nothing to demand: leaves, report and context are "
            "all there");
    }
    return {};
}

}  // namespace

Result<ExitCode> challenge(const ChallengeOptions& options, const std::atomic<bool>& stop) {
    FS_ASSIGN(const Site site, open_site(options.config));
    FS_TRY(check_chain(site));
    if (options.demand && options.dispute) {
        return fail(Errc::kInvalidInput, "--demand and --dispute exclude each other");
    }
    FS_ASSIGN(const auto rpc, open_rpc(site, stop));
    evm::EthNode node(*rpc);
    FS_ASSIGN(evm::ProofDesk desk,
              evm::ProofDesk::open(node, contract_addresses(site.manifest.chain)));
    FS_ASSIGN(const auto source,
              PaperSource::open(site, std::chrono::seconds(options.timeout_s), stop));
    Payer payer(site, options.key, options.key_passphrase_file);
    const KeySource key_source = [&payer] { return payer.key(); };
    FS_ASSIGN(const Address from, payer.address());
    Challenge::Prove prove;
    if (!options.dry_run) {
        prove = [&](const ProvenFault& fault) -> Result<evm::Conviction> {
            if (!options.json) std::cout << fault_text(fault, desk) << std::flush;
            FS_ASSIGN(const crypto::SigningKey* const key, payer.key());
            FS_ASSIGN(evm::Conviction conviction, desk.submit(*fault.finding.proof, *key));
            if (!options.json) std::cout << conviction_text(conviction, site.manifest);
            return conviction;
        };
    }
    Challenge attempt(site, desk, *source, from, prove, stop);
    const auto recover = [&] {
        return recover_bonds(desk, options.round, site.config.state, options.dry_run, key_source);
    };
    FS_ASSIGN(std::vector<std::string> notes, recover());
    auto ran = attempt.run(options.round);
    if (!ran) {
        for (const std::string& note : notes) std::cerr << note << "\n";
        return tl::unexpected(ran.error());
    }
    ChallengeOutcome outcome = *std::move(ran);
    FS_TRY(pursue(site, options, node, desk, from, outcome, key_source));
    if (outcome.voided) {
        FS_ASSIGN(const auto more, recover());
        notes.insert(notes.end(), more.begin(), more.end());
    }
    outcome.notes.insert(outcome.notes.end(), notes.begin(), notes.end());
    std::optional<Amount> bond;
    std::optional<evm::Dispute> dispute;
    if (can_dispute(outcome)) {
        FS_ASSIGN(bond, desk.bond_for(options.round));
        if (options.dispute && !options.dry_run) {
            FS_ASSIGN(dispute, open_dispute(site, outcome, desk, payer, *bond, options.json));
        }
    }
    if (options.json) {
        std::cout << outcome_json(outcome, dispute, site.manifest).dump() << "\n";
    } else {
        for (const ProvenFault& fault : outcome.proven) {
            if (!fault.conviction) std::cout << fault_text(fault, desk);
        }
        std::cout << outcome_text(outcome, dispute, bond);
    }
    return challenge_exit(outcome, dispute);
}

}  // namespace fedstake::client
