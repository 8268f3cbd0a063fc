// rotate-key: a new signer key for the site, in steps that an interruption leaves repeatable.
//
//   1. keys/signer-next.json     the new key, on disk before anybody hears of it
//   2. StakeVault.setSigner      the chain knows it; the old one stays bound to the owner
//   3. keys/signer.json          is the new key; the old file becomes signer-0x....json
//   4. the request file          for the consortium operator, who puts it into the manifest
#include <algorithm>
#include <fstream>
#include <iostream>

#include <fmt/format.h>

#include "client/app/key_rotation.hpp"
#include "client/app/owner_access.hpp"
#include "client/app/owner_commands.hpp"
#include "client/app/state_store.hpp"
#include "contracts/cpp/evm/federation_view.hpp"
#include "proto/manifest/enrolment.hpp"

namespace fedstake::client {

namespace {

Status refuse_listed_auditor(OwnerAccess& access) {
    const Site& site = access.site;
    if (!site.entry.audits) return {};
    FS_ASSIGN(const auto view, evm::read_federation(*access.node, access.account->contracts(),
                                                    access.account->abis(), {}));
    const auto& auditors = view.epoch.auditors;
    if (std::ranges::find(auditors, site.keys.signer) == auditors.end()) return {};
    return fail(
        Errc::kConflict,
        fmt::format("site '{}' audits, and epoch {} of the contracts lists its key {}: with "
                    "a new key its signatures would not count until the consortium opens an "
                    "epoch that lists it. Agree on that first; --force rotates now (for a "
                    "key that was stolen)",
                    site.entry.name, view.epoch.number, site.keys.signer.hex()));
}

Status write_request(const Site& site, const crypto::SigningKey& owner,
                     const crypto::SigningKey& signer, const std::filesystem::path& out) {
    const manifest::EnrolmentRequest request =
        manifest::make_enrolment({.federation = site.manifest.federation,
                                  .owner = owner.address(),
                                  .signer = signer.address(),
                                  .curve_key = site.keys.curve,
                                  .name = site.entry.name},
                                 site.manifest.chain.chain_id, owner, signer);
    FS_TRY(manifest::verify_enrolment(request));
    std::ofstream file(out);
    file << manifest::to_json(request);
    file.close();
    if (!file) return fail(Errc::kUnavailable, "cannot write " + out.string());
    return {};
}

void print(const RotateOptions& options, const OwnerAccess& access, const Address& signer) {
    const Site& site = access.site;
    if (options.common.json) {
        std::cout << evm::Json{{"site", access.owner.address().hex()},
                               {"signer", signer.hex()},
                               {"previous", site.keys.signer.hex()},
                               {"request", options.out.string()},
                               {"dry_run", options.common.dry_run},
                               {"steps", steps_json(*access.account)}}
                         .dump()
                  << "\n";
        return;
    }
    if (options.common.dry_run) {
        std::cout << "would bind a new signer key to " << access.owner.address().hex() << "\n"
                  << steps_text(*access.account);
        return;
    }
    std::cout << fmt::format(
        "site '{0}' signs with {1} from now on; the chain knows it\n"
        "the old key is kept as {2}; statements that it signed still count against this account\n"
        "{3}next: send {4} to the consortium operator (`fedstake-coordinator admit --replace`), "
        "get the new manifest, then start `fedstake-client run` again. Until then the site is not "
        "asked to train: its manifest entry names the old key\n",
        site.entry.name, signer.hex(),
        (site.config.keys / ("signer-" + site.keys.signer.hex() + ".json")).string(),
        steps_text(*access.account), options.out.string());
}

}  // namespace

Status rotate_key(const RotateOptions& options, const std::atomic<bool>& stop) {
    FS_ASSIGN(const auto access, OwnerAccess::open(options.common.config, stop));
    const Site& site = access->site;
    const auto lock = StateStore::open(site.config.state);
    if (!lock) {
        return with_context(lock.error(),
                            "the site's client is running with the old key: stop it first, and "
                            "start it again with the new manifest");
    }
    if (!options.force) FS_TRY(refuse_listed_auditor(*access));
    if (options.common.dry_run) {
        access->account->dry_run();
        const crypto::SigningKey trial = crypto::SigningKey::generate();
        FS_TRY(access->account->set_signer(trial));
        print(options, *access, trial.address());
        return {};
    }
    const crypto::KeystoreCost cost =
        options.light ? crypto::kLightKeystoreCost : crypto::KeystoreCost{};
    FS_ASSIGN(const crypto::SigningKey next,
              prepare_next_signer(site.config.keys, site.passphrase, cost));
    FS_TRY(access->account->set_signer(next));
    FS_TRY(write_request(site, access->owner, next, options.out));
    FS_TRY(adopt_next_signer(site.config.keys, site.keys, next.address()));
    print(options, *access, next.address());
    return {};
}

}  // namespace fedstake::client
