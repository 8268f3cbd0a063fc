// A site as its commands see it: configuration, manifest, its entry there, and unlocked keys.
#pragma once

#include <string>

#include "client/app/config.hpp"
#include "client/app/keys.hpp"
#include "proto/manifest/manifest.hpp"

namespace fedstake::client {

inline constexpr const char* kSoftware = "fedstake-client 0.1.0";

struct Site {
    ClientConfig config;
    manifest::Manifest manifest;
    PublicKeys keys;
    manifest::SiteEntry entry;
    std::string passphrase;
};

// RETURNS kUnauthorized when the manifest does not hold this site's keys, saying what to do.
[[nodiscard]] Result<Site> open_site(const std::filesystem::path& config_file);

}  // namespace fedstake::client
