// init and admit: founding a federation and letting sites in.
#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "coordinator/app/commands.hpp"
#include "coordinator/app/config.hpp"
#include "coordinator/app/text_file.hpp"
#include "proto/crypto/random.hpp"
#include "proto/manifest/endpoint.hpp"
#include "proto/manifest/enrolment.hpp"
#include "proto/manifest/manifest_checks.hpp"
#include "proto/manifest/rules_toml.hpp"

namespace fedstake::coordinator {

namespace {

namespace fs = std::filesystem;

Status check_new(const InitOptions& options) {
    if (auto endpoint = manifest::parse_endpoint(options.endpoint); !endpoint) {
        return with_context(endpoint.error(), "--endpoint " + options.endpoint);
    }
    for (const char* name : {"coordinator.toml", "federation.toml", "keys"}) {
        if (fs::exists(options.out / name)) {
            return fail(Errc::kConflict,
                        (options.out / name).string() +
                            ": exists already; nothing is overwritten: choose another --out");
        }
    }
    std::error_code error;
    fs::create_directories(options.out, error);
    if (error) {
        return fail(Errc::kUnavailable,
                    options.out.string() + ": cannot be made: " + error.message());
    }
    return {};
}

}  // namespace

Status init(const InitOptions& options) {
    FS_ASSIGN(const rules::RoundRules rules, manifest::load_rules(options.rules));
    FS_TRY(check_new(options));
    FS_ASSIGN(const std::string passphrase, read_passphrase(options.passphrase));
    const crypto::KeystoreCost cost =
        options.light ? crypto::kLightKeystoreCost : crypto::KeystoreCost{};
    FS_ASSIGN(const PublicKeys keys, make_keys(options.out / "keys", passphrase, cost));

    manifest::Manifest manifest;
    manifest.name = options.name;
    manifest.federation = crypto::random_digest();
    manifest.endpoint = options.endpoint;
    manifest.coordinator_curve_key = keys.curve;
    manifest.coordinator = keys.signer;
    manifest.chain.enabled = !options.no_chain;
    manifest.chain.chain_id = options.chain_id;
    manifest.rules = rules;
    FS_TRY(write_new_file(options.out / "federation.toml", manifest::to_toml(manifest)));

    Config config;
    config.manifest_file = "federation.toml";
    config.data = "data";
    config.keys = "keys";
    if (!options.passphrase.file.empty()) {
        config.passphrase_file = fs::absolute(options.passphrase.file);
    }
    config.http_port = options.http_port;
    config.rpc = options.rpc;
    FS_TRY(write_new_file(options.out / "coordinator.toml", to_toml(config)));

    if (options.json) {
        const nlohmann::ordered_json json{{"federation", manifest.federation.hex()},
                                          {"coordinator", keys.signer.hex()},
                                          {"curve_key", keys.curve.hex()},
                                          {"chain_id", options.chain_id},
                                          {"config", (options.out / "coordinator.toml").string()},
                                          {"manifest", (options.out / "federation.toml").string()}};
        fmt::print("{}\n", json.dump());
        return {};
    }
    fmt::print(
        "federation   {}\nchain id     {}\ncoordinator  {} (needs gas money on the chain)\n"
        "written      {} and {}\n"
        "next         sites run `fedstake-client enroll --federation {} --chain-id {} ...`;\n"
        "             then `fedstake-coordinator admit --config {} REQUEST.json ...`\n",
        manifest.federation.hex(), options.chain_id, keys.signer.hex(),
        (options.out / "coordinator.toml").string(), (options.out / "federation.toml").string(),
        manifest.federation.hex(), options.chain_id, (options.out / "coordinator.toml").string());
    return {};
}

// ---- admit -------------------------------------------------------------------------------------

namespace {

Result<manifest::SiteEntry> entry_of(const fs::path& file, const manifest::Manifest& manifest,
                                     const AdmitOptions& options) {
    FS_ASSIGN(const manifest::EnrolmentRequest request, manifest::load_enrolment(file));
    const crypto::SiteEnrolment& enrolment = request.enrolment;
    const auto refuse = [&](Errc code, const std::string& why) {
        return fail(code, file.string() + ": " + why);
    };
    if (enrolment.federation != manifest.federation) {
        return refuse(Errc::kInvalidInput, "is a request to join federation " +
                                               enrolment.federation.hex() + ", not " +
                                               manifest.federation.hex());
    }
    if (request.chain_id != manifest.chain.chain_id) {
        return refuse(Errc::kInvalidInput,
                      fmt::format("is signed for chain {}, the manifest says {}", request.chain_id,
                                  manifest.chain.chain_id));
    }
    if (const Status valid = manifest::verify_enrolment(request); !valid) {
        return with_context(valid.error(), file.string());
    }
    manifest::SiteEntry entry{.name = enrolment.name,
                              .owner = enrolment.owner,
                              .signer = enrolment.signer,
                              .curve_key = enrolment.curve_key,
                              .trains = !options.observer,
                              .audits = options.auditor};
    if (const Status valid = manifest::check_site(entry); !valid) {
        return with_context(valid.error(), file.string());
    }
    return entry;
}

// Puts new keys into the entry of a site that is there. Roles stay as they are.
Status replace_site(manifest::Manifest& manifest, manifest::SiteEntry& entry,
                    const fs::path& file) {
    const auto found = std::ranges::find(manifest.sites, entry.owner, &manifest::SiteEntry::owner);
    if (found == manifest.sites.end() || found->name != entry.name) {
        return fail(
            Errc::kInvalidInput,
            fmt::format("{}: --replace needs a site of this name and owner in the manifest, "
                        "and '{}' with owner {} is not one",
                        file.string(), entry.name, entry.owner.hex()));
    }
    if (found->audits && found->signer != entry.signer && !manifest.chain.round_manager.is_zero()) {
        fmt::print(stderr,
                   "note: '{}' audits, and the contracts list its old key {}: its signatures count "
                   "again once an epoch lists {}\n",
                   entry.name, found->signer.hex(), entry.signer.hex());
    }
    entry.trains = found->trains;
    entry.audits = found->audits;
    manifest.sites.erase(found);
    return {};
}

}  // namespace

Status admit(const AdmitOptions& options) {
    FS_ASSIGN(const Config config, load_config(options.config));
    FS_ASSIGN(manifest::Manifest manifest, manifest::load_manifest(config.manifest_file));
    if (options.auditor && !manifest.chain.round_manager.is_zero()) {
        return fail(Errc::kConflict,
                    "the contracts are deployed with their auditors: new auditors need a new "
                    "deployment; admit the site without --auditor, or deploy again");
    }
    nlohmann::json admitted = nlohmann::json::array();
    std::string text;
    for (const fs::path& file : options.requests) {
        FS_ASSIGN(manifest::SiteEntry entry, entry_of(file, manifest, options));
        FS_ASSIGN(const manifest::EnrolmentRequest request, manifest::load_enrolment(file));
        const std::string fingerprint = manifest::enrolment_fingerprint(request);
        if (options.replace) {
            FS_TRY(replace_site(manifest, entry, file));
        }
        admitted.push_back({{"site", entry.owner.hex()},
                            {"name", entry.name},
                            {"signer", entry.signer.hex()},
                            {"trains", entry.trains},
                            {"audits", entry.audits},
                            {"fingerprint", fingerprint}});
        text +=
            fmt::format("{:<16} {}  fingerprint {}\n", entry.name, entry.owner.hex(), fingerprint);
        manifest.sites.push_back(std::move(entry));
    }
    std::ranges::sort(manifest.sites, {}, &manifest::SiteEntry::owner);
    FS_TRY(manifest::check_distinct(manifest.sites));
    FS_TRY(replace_file(config.manifest_file, manifest::to_toml(manifest)));
    if (options.json) {
        fmt::print("{}\n",
                   nlohmann::ordered_json{{"admitted", admitted}, {"sites", manifest.sites.size()}}
                       .dump());
    } else {
        fmt::print(
            "{}{} sites in {}; compare the fingerprints with the sites by telephone, then "
            "send everybody the manifest\n",
            text, manifest.sites.size(), config.manifest_file.string());
    }
    return {};
}

}  // namespace fedstake::coordinator
