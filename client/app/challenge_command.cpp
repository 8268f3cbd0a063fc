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
#include "proto/crypto/keystore.hpp"
#include "proto/crypto/sha256.hpp"

namespace fedstake::client {

namespace {

// The account that pays for the gas and earns the bounty: the site's owner, or any other key. It is
// unlocked when something is to be sent.
class Payer {
public:
    Payer(const Site& site, const ChallengeOptions& options) : site_(site), options_(options) {}

    [[nodiscard]] Result<Address> address() {
        if (options_.key.empty()) return site_.entry.owner;
        FS_ASSIGN(const crypto::SigningKey* const found, key());
        return found->address();
    }
    [[nodiscard]] Result<const crypto::SigningKey*> key() {
        if (!key_) {
            FS_ASSIGN(key_, read());
        }
        return &*key_;
    }

private:
    [[nodiscard]] Result<crypto::SigningKey> read() const {
        if (options_.key.empty()) return read_owner_key(site_.config.keys, site_.passphrase);
        if (options_.key_passphrase_file.empty()) {
            return crypto::read_keystore(options_.key, site_.passphrase);
        }
        FS_ASSIGN(const std::string passphrase, read_passphrase(options_.key_passphrase_file));
        return crypto::read_keystore(options_.key, passphrase);
    }

    const Site& site_;
    const ChallengeOptions& options_;
    std::optional<crypto::SigningKey> key_;
};

Status check_possible(const Site& site) {
    if (!site.manifest.chain.enabled) {
        return fail(Errc::kInvalidInput,
                    "this federation runs without a chain: there is nothing to challenge; `verify` "
                    "recomputes a round");
    }
    if (site.config.rpc.empty()) {
        return fail(Errc::kInvalidInput,
                    site.config.file.string() +
                        ": no 'rpc' (JSON-RPC address of a chain node), which this command needs");
    }
    return {};
}

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
    return outcome.commitment && outcome.proven.empty() && !outcome.voided &&
           (!outcome.unproven.empty() || !outcome.unchecked.empty());
}

}  // namespace

Result<ExitCode> challenge(const ChallengeOptions& options, const std::atomic<bool>& stop) {
    FS_ASSIGN(const Site site, open_site(options.config));
    FS_TRY(check_possible(site));
    FS_ASSIGN(const auto rpc, open_rpc(site, stop));
    evm::EthNode node(*rpc);
    FS_ASSIGN(evm::ProofDesk desk,
              evm::ProofDesk::open(node, contract_addresses(site.manifest.chain)));
    FS_ASSIGN(const auto source,
              PaperSource::open(site, std::chrono::seconds(options.timeout_s), stop));
    Payer payer(site, options);
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
    FS_ASSIGN(const ChallengeOutcome outcome, attempt.run(options.round));
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
