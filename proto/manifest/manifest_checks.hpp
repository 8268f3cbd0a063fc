// What a manifest's site list must satisfy by itself.
#pragma once

#include <span>

#include "proto/base/result.hpp"
#include "proto/manifest/manifest.hpp"

namespace fedstake::manifest {

// Name, distinct owner and signer, a task. RETURNS kInvalidInput saying what to change.
[[nodiscard]] Status check_site(const SiteEntry& site);

// No name, account or key twice, within the limits. RETURNS kInvalidInput naming both entries.
[[nodiscard]] Status check_distinct(std::span<const SiteEntry> sites);

}  // namespace fedstake::manifest
