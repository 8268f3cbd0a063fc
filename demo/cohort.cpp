// Heart-disease files, or a generated cohort.
#include "demo/cohort.hpp"

#include <array>

#include "client/data/cohort.hpp"

namespace fedstake::demo {

namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kSyntheticRows = 250;
constexpr std::size_t kAuditors = 3;

struct Hospital {
    const char* name;
    const char* file;
};
constexpr std::array<Hospital, 4> kHospitals = {{{"cleveland", "processed.cleveland.data"},
                                                 {"hungary", "processed.hungarian.data"},
                                                 {"switzerland", "processed.switzerland.data"},
                                                 {"long-beach", "processed.va.data"}}};

Result<std::vector<DemoSite>> heart_sites(const fs::path& folder) {
    std::vector<DemoSite> sites;
    for (const Hospital& hospital : kHospitals) {
        const fs::path file = fs::absolute(folder / hospital.file);
        std::error_code ignored;
        if (!fs::is_regular_file(file, ignored)) {
            return fail(Errc::kNotFound,
                        "no " + file.string() +
                            "; the four processed.*.data files come from the UCI Machine "
                            "Learning Repository, data set 'Heart Disease'");
        }
        sites.push_back({.name = hospital.name, .data = file, .schema = "uci-heart"});
    }
    return sites;
}

Result<std::vector<DemoSite>> synthetic_sites(const Options& options, const fs::path& folder) {
    data::CohortOptions cohort;
    cohort.sites = options.sites;
    cohort.rows = kSyntheticRows;
    cohort.seed = options.seed;
    FS_ASSIGN(const data::CohortFiles files, data::write_cohort(cohort, folder));
    std::vector<DemoSite> sites;
    for (std::size_t i = 0; i < files.sites.size(); ++i) {
        sites.push_back(
            {.name = files.sites[i].name, .data = files.files[i], .schema = "clinical-cohort"});
    }
    return sites;
}

}  // namespace

Result<std::vector<DemoSite>> prepare_sites(const Options& options, const fs::path& folder) {
    std::vector<DemoSite> sites;
    if (options.heart_dir.empty()) {
        FS_ASSIGN(sites, synthetic_sites(options, folder));
    } else {
        FS_ASSIGN(sites, heart_sites(options.heart_dir));
    }
    for (std::size_t i = 0; i < sites.size() && i < kAuditors; ++i) sites[i].audits = true;
    if (options.attack != "none") {
        DemoSite attacker = sites.front();
        attacker.name = "attacker";
        attacker.attacker = true;
        attacker.audits = false;
        sites.push_back(std::move(attacker));
    }
    return sites;
}

}  // namespace fedstake::demo
