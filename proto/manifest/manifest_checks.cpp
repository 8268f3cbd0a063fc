// Checks of the site list.
#include "proto/manifest/manifest_checks.hpp"

#include <algorithm>
#include <map>

#include "proto/base/limits.hpp"

namespace fedstake::manifest {

namespace {

// Remembers which entry used a value first.
template <class Value>
class Uses {
public:
    explicit Uses(const char* what) : what_(what) {}

    Status add(const Value& value, const std::string& site) {
        const auto [found, fresh] = first_.emplace(value, site);
        if (fresh) return {};
        return fail(Errc::kInvalidInput, "sites '" + found->second + "' and '" + site +
                                             "' have the same " + what_ + "; each needs its own");
    }

private:
    const char* what_;
    std::map<Value, std::string> first_;
};

}  // namespace

Status check_site(const SiteEntry& site) {
    const bool good_name = !site.name.empty() && site.name.size() <= limits::kNameLengthMax &&
                           std::all_of(site.name.begin(), site.name.end(), [](char c) {
                               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                           });
    if (!good_name) {
        return fail(Errc::kInvalidInput,
                    "site name '" + site.name + "' must be 1 to 32 of a-z, 0-9 and '-'");
    }
    if (site.owner == site.signer) {
        return fail(
            Errc::kInvalidInput,
            "site '" + site.name + "' has one account as owner and signer; they must differ");
    }
    if (!site.trains && !site.audits) {
        return fail(Errc::kInvalidInput, "site '" + site.name + "' neither trains nor audits");
    }
    return {};
}

Status check_distinct(std::span<const SiteEntry> sites) {
    if (sites.size() > limits::kSitesMax) {
        return fail(Errc::kLimitExceeded, std::to_string(sites.size()) + " sites, at most " +
                                              std::to_string(limits::kSitesMax) + " are possible");
    }
    const auto auditors = static_cast<std::size_t>(std::count_if(
        sites.begin(), sites.end(), [](const SiteEntry& site) { return site.audits; }));
    if (auditors > limits::kAuditorsMax) {
        return fail(Errc::kLimitExceeded, std::to_string(auditors) + " auditors, at most " +
                                              std::to_string(limits::kAuditorsMax) +
                                              " are possible");
    }
    Uses<std::string> names("name");
    Uses<Address> accounts("account as owner or signer");
    Uses<CurvePublicKey> curve_keys("curve_key");
    for (const SiteEntry& site : sites) {
        FS_TRY(names.add(site.name, site.name));
        FS_TRY(accounts.add(site.owner, site.name));
        FS_TRY(accounts.add(site.signer, site.name));
        FS_TRY(curve_keys.add(site.curve_key, site.name));
    }
    return {};
}

}  // namespace fedstake::manifest
