// accuse: auditors' signatures, collected from files, posted to the court.
//
// In a running round auditors sign accusations with the round itself, and the coordinator posts
// them. This is for what they find out later: each of them signs the same words with
// `fedstake-client sign-accusation`.
#include <algorithm>
#include <cstdio>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "contracts/cpp/case_id.hpp"
#include "contracts/cpp/evm/federation_view.hpp"
#include "coordinator/app/record_commands.hpp"
#include "proto/manifest/signed_file.hpp"

namespace fedstake::coordinator {

namespace {

using manifest::SignedAccusation;

Result<SiteId> site_of(const manifest::Manifest& manifest, const std::string& text) {
    const auto named = std::ranges::find(manifest.sites, text, &manifest::SiteEntry::name);
    if (named != manifest.sites.end()) {
        return named->owner;
    }
    auto address = Address::parse(text);
    if (!address) {
        return fail(Errc::kInvalidInput,
                    "--site " + text + ": is neither a name in the manifest nor an address");
    }
    return *address;
}

Result<crypto::FaultKind> kind_of(const std::string& text) {
    if (text == "poisoning") {
        return crypto::FaultKind::kPoisoning;
    }
    if (text == "free-riding") {
        return crypto::FaultKind::kFreeRiding;
    }
    return fail(Errc::kInvalidInput, "--kind " + text +
                                         ": must be poisoning or free-riding; an equivocation is "
                                         "proven instead (`fedstake-client challenge`)");
}

// Whether the file says what the command line says.
Status check_words(const SignedAccusation& given, const AccuseOptions& options,
                   const ChainLink& link) {
    FS_ASSIGN(const SiteId site, site_of(link.manifest, options.site));
    FS_ASSIGN(const crypto::FaultKind kind, kind_of(options.kind));
    if (given.domain != link.manifest.domain() ||
        given.fault.federation != link.manifest.federation) {
        return fail(Errc::kInvalidInput,
                    "is signed for another federation, chain or RoundManager than the manifest's");
    }
    if (given.fault.round != options.round || given.fault.site != site ||
        given.fault.kind != kind || given.fault.bps != options.bps) {
        return fail(Errc::kInvalidInput,
                    fmt::format("accuses site {} of kind {} in round {} with {} bps, which is not "
                                "what the command says",
                                given.fault.site.hex(), static_cast<int>(given.fault.kind),
                                given.fault.round, given.fault.bps));
    }
    return manifest::verify_accusation(given);
}

struct Collected {
    crypto::AttestedFault fault;
    std::vector<chain::AuditorSignature> signatures;  // by index
};

Result<Collected> collect(const AccuseOptions& options, const ChainLink& link,
                          const evm::EpochTerms& epoch) {
    Collected collected;
    std::map<std::uint8_t, crypto::Signature> by_index;
    for (std::size_t i = 0; i < options.signatures.size(); ++i) {
        const std::string file = options.signatures[i].string();
        FS_ASSIGN(const SignedAccusation given, manifest::load_accusation(options.signatures[i]));
        if (const Status fits = check_words(given, options, link); !fits) {
            return with_context(fits.error(), file);
        }
        if (i == 0) {
            collected.fault = given.fault;
        } else if (!(given.fault == collected.fault)) {
            return fail(Errc::kInvalidInput,
                        fmt::format("{}: names another round commitment or deadline than {}: the "
                                    "auditors must sign the same words",
                                    file, options.signatures.front().string()));
        }
        const auto place = std::ranges::find(epoch.auditors, given.auditor);
        if (place == epoch.auditors.end()) {
            return fail(Errc::kInvalidInput,
                        fmt::format("{}: {} is not an auditor of epoch {} of the contracts", file,
                                    given.auditor.hex(), epoch.number));
        }
        const auto index = static_cast<std::uint8_t>(place - epoch.auditors.begin());
        if (!by_index.emplace(index, given.signature).second) {
            return fail(Errc::kInvalidInput,
                        fmt::format("{}: auditor {} has signed in another file already", file,
                                    given.auditor.hex()));
        }
    }
    for (const auto& [index, signature] : by_index) {
        collected.signatures.push_back({index, signature});
    }
    if (collected.signatures.size() < epoch.threshold) {
        return fail(Errc::kNotNow,
                    fmt::format("{} auditors have signed, {} are needed: each runs "
                                "`fedstake-client sign-accusation --round {} --site {} --kind {} "
                                "--bps {}` and sends the file",
                                collected.signatures.size(), epoch.threshold, options.round,
                                options.site, options.kind, options.bps));
    }
    return collected;
}

void print(const AccuseOptions& options, const Digest& case_id, const CallResult& done,
           const std::string& next) {
    if (options.json) {
        fmt::print("{}\n", nlohmann::json{{"case", case_id.hex()},
                                          {"transaction", done.transaction.hex()},
                                          {"gas", done.gas},
                                          {"dry_run", options.dry_run},
                                          {"next", next}}
                               .dump());
        return;
    }
    fmt::print("{} case {}\n  {}\n", options.dry_run ? "would open" : "opened", case_id.hex(),
               next);
    if (options.dry_run) {
        fmt::print("  not sent: {} gas, at most {} wei of ether\n", done.gas,
                   amount_to_string(done.cost));
    } else {
        fmt::print("  transaction {}, {} gas\n", done.transaction.hex(), done.gas);
    }
}

}  // namespace

Status accuse(const AccuseOptions& options) {
    FS_ASSIGN(ChainLink link, ChainLink::open(options.config));
    FS_ASSIGN(const evm::FederationView view,
              evm::read_federation(*link.node, link.contracts, link.abis, {}));
    FS_ASSIGN(const Collected collected, collect(options, link, view.epoch));
    FS_ASSIGN(const crypto::SigningKey key, payer_key(options.payer, link.config));
    FS_ASSIGN(const CallResult done,
              call_or_try(link, key, link.contracts.slash_court, link.abis.slash_court, "accuse",
                          {evm::abi_of(collected.fault),
                           evm::AbiValue::bytes(chain::pack_signatures(collected.signatures))},
                          options.dry_run));
    const Digest case_id = chain::case_digest(collected.fault);
    std::string next = "nothing is taken before the delay; the council may veto, the site appeal";
    if (!options.dry_run) {
        FS_ASSIGN(const auto cases,
                  evm::read_cases(*link.node, link.contracts, link.abis, collected.fault.site));
        const auto opened = std::ranges::find(cases, case_id, &evm::TriedCase::id);
        if (opened != cases.end()) {
            next = evm::next_step(*opened, view.appeal_bond, view.time);
        }
    }
    print(options, case_id, done, next);
    return {};
}

}  // namespace fedstake::coordinator
