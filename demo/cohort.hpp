// Which sites the demo has and where their rows come from.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "demo/options.hpp"
#include "proto/base/result.hpp"

namespace fedstake::demo {

struct DemoSite {
    std::string name;
    std::filesystem::path data;
    std::string schema;  // name of a built-in schema, or the path of a schema file
    bool attacker = false;
    bool audits = false;
};

// Honest sites first, the attacker last. Synthetic rows are generated into `folder`.
// RETURNS kNotFound naming the heart-disease file that is missing.
[[nodiscard]] Result<std::vector<DemoSite>> prepare_sites(const Options& options,
                                                          const std::filesystem::path& folder);

}  // namespace fedstake::demo
