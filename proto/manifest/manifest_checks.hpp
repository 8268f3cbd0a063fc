// What a manifest's site list must satisfy by itself.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "proto/base/result.hpp"
#include "proto/manifest/manifest.hpp"

namespace fedstake::manifest {

// Name, keys that are not zero, distinct owner and signer, a task. RETURNS kInvalidInput saying
// what to change.
[[nodiscard]] Status check_site(const SiteEntry& site);

// Two entries, by position, that share what each needs alone.
struct SiteClash {
    std::size_t first = 0;
    std::size_t second = 0;
    std::string what;  // "the same name"
};
[[nodiscard]] std::optional<SiteClash> find_clash(std::span<const SiteEntry> sites);

// At most limits::kSitesMax sites and limits::kAuditorsMax auditors. RETURNS kLimitExceeded.
[[nodiscard]] Status check_counts(std::span<const SiteEntry> sites);

// No name, account or key twice, within the limits. RETURNS kInvalidInput naming both entries.
[[nodiscard]] Status check_distinct(std::span<const SiteEntry> sites);

}  // namespace fedstake::manifest
