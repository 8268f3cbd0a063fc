// Loads what every command of a site needs.
#include "client/app/site.hpp"

namespace fedstake::client {

Result<Site> open_site(const std::filesystem::path& config_file) {
    Site site;
    FS_ASSIGN(site.config, load_config(config_file));
    FS_ASSIGN(site.manifest, manifest::load_manifest(site.config.manifest));
    FS_ASSIGN(site.keys, read_public_keys(site.config.keys));
    const manifest::SiteEntry* entry = site.manifest.find(site.keys.owner);
    if (entry == nullptr) {
        return fail(
            Errc::kUnauthorized,
            "the manifest " + site.config.manifest.string() + " has no site with owner " +
                site.keys.owner.hex() +
                "; send your enrolment request to the consortium operator, or get the current "
                "manifest");
    }
    if (entry->signer != site.keys.signer || entry->curve_key != site.keys.curve) {
        return fail(Errc::kUnauthorized, "the manifest lists other keys for site '" + entry->name +
                                             "' than " + site.config.keys.string() +
                                             " holds; enroll again, or use the enrolled keys");
    }
    site.entry = *entry;
    FS_ASSIGN(site.passphrase, read_passphrase(site.config.passphrase_file));
    return site;
}

}  // namespace fedstake::client
