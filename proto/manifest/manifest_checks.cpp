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
    // The earlier entry with the same value, if it is another one.
    std::optional<std::size_t> add(const Value& value, std::size_t site) {
        const auto [found, fresh] = first_.emplace(value, site);
        if (fresh || found->second == site) return std::nullopt;
        return found->second;
    }

private:
    std::map<Value, std::size_t> first_;
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
    if (site.owner.is_zero() || site.signer.is_zero() || site.curve_key.is_zero()) {
        return fail(Errc::kInvalidInput,
                    "site '" + site.name + "' has an owner, signer or curve_key of only zeros");
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

std::optional<SiteClash> find_clash(std::span<const SiteEntry> sites) {
    Uses<std::string> names;
    Uses<Address> accounts;
    Uses<CurvePublicKey> curve_keys;
    for (std::size_t i = 0; i < sites.size(); ++i) {
        const SiteEntry& site = sites[i];
        if (const auto first = names.add(site.name, i)) {
            return SiteClash{*first, i, "the same name"};
        }
        for (const Address& account : {site.owner, site.signer}) {
            if (const auto first = accounts.add(account, i)) {
                return SiteClash{*first, i,
                                 "the same account as owner or signer, " + account.hex()};
            }
        }
        if (const auto first = curve_keys.add(site.curve_key, i)) {
            return SiteClash{*first, i, "the same curve_key, " + site.curve_key.hex()};
        }
    }
    return std::nullopt;
}

Status check_counts(std::span<const SiteEntry> sites) {
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
    return {};
}

Status check_distinct(std::span<const SiteEntry> sites) {
    FS_TRY(check_counts(sites));
    const auto clash = find_clash(sites);
    if (!clash) return {};
    return fail(Errc::kInvalidInput, "sites '" + sites[clash->first].name + "' and '" +
                                         sites[clash->second].name + "' have " + clash->what +
                                         "; each needs its own");
}

}  // namespace fedstake::manifest
