// Names of sites for messages to people.
#pragma once

#include <algorithm>
#include <map>
#include <string>

#include "proto/base/ids.hpp"
#include "proto/manifest/manifest.hpp"

namespace fedstake::coordinator {

class SiteNames {
public:
    explicit SiteNames(const manifest::Manifest& manifest) {
        for (const manifest::SiteEntry& entry : manifest.sites) {
            names_[entry.owner] = entry.name;
            width_ = std::max(width_, entry.name.size());
        }
    }
    // The short address of a site that is not in the manifest any more.
    [[nodiscard]] std::string of(const SiteId& site) const {
        const auto found = names_.find(site);
        return found == names_.end() ? site.short_hex() : found->second;
    }
    // Length of the longest name.
    [[nodiscard]] std::size_t width() const noexcept { return width_; }

private:
    std::map<SiteId, std::string> names_;
    std::size_t width_ = 8;
};

}  // namespace fedstake::coordinator
