// The cohort on disk: one CSV a site, the schema, and a datasheet that says what it is.
#include <fstream>

#include <fmt/format.h>

#include "client/data/cohort.hpp"

namespace fedstake::data {

namespace {

constexpr std::string_view kFormulas = R"(
## How a patient is made

With N a standard normal draw and sigma(x) = 1 / (1 + exp(-x)), in this order:

| column | formula |
|---|---|
| disease | 1 with the site's prevalence |
| risk (hidden) | 0.9 if diseased else -0.9, + 0.7 N + 0.5 severity |
| age | 54 + age shift + 2.5 risk + 8 N, kept in 20..95 |
| male | 1 with sigma(0.7 + 0.5 risk) |
| blood_pressure | 131 + 3 risk + 17 N, kept in 80..220, mmHg |
| cholesterol | 245 + 8 risk + 50 N, kept in 90..600, mg/dl |
| high_sugar | 1 with sigma(-1.8 + 0.3 risk) |
| max_heart_rate | 188 - 0.7 age - 10 risk + 17 N, kept in 60..205 |
| exercise_angina | 1 with sigma(-0.6 + 1.2 risk) |
| st_depression | 0.7 + 0.7 risk + 0.7 N, at least 0, mm |
| chest_pain | none with sigma(1.3 risk - 0.2); else typical .15, atypical .40, non-anginal .45 |
| ecg | st-t with sigma(0.5 risk - 1.4); else hypertrophy with sigma(0.3 risk - 0.6); else normal |

Blood pressure and cholesterol cells are missing ("?") independently, at the share above.
Random numbers: xoshiro256** seeded by splitmix64; a site's own seed is in the table above.

## What it is for, and what not

Trying out, testing and demonstrating federated training. The numbers have the shape of cardiology
data and nothing more: no patient is in them, none was used to make them, and no medical conclusion
can be drawn from them. The relation of signs to disease is the same at every site by construction;
real sites also differ in how they measure and whom they test.
)";

std::string datasheet(const CohortOptions& options, const std::vector<CohortSite>& sites) {
    std::string text = fmt::format(
        "# Synthetic clinical cohort\n\nMade by fedstake-cohort: --sites {} --rows {} --seed {} "
        "--missing {}. Schema: clinical-cohort.toml.\n\n"
        "| site | rows | prevalence | age shift (years) | severity | seed |\n|---|---|---|---|---|"
        "---|\n",
        options.sites, options.rows, options.seed, options.missing_share);
    for (const CohortSite& site : sites) {
        text += fmt::format("| {} | {} | {:.2f} | {:+.1f} | {:+.2f} | {} |\n", site.name, site.rows,
                            site.prevalence, site.age_shift, site.severity, site.seed);
    }
    text += fmt::format("\nShare of missing cells: {}.\n", options.missing_share);
    return text + std::string(kFormulas);
}

Status write_text(const std::filesystem::path& path, std::string_view text) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
    file.close();
    if (file) return {};
    return fail(Errc::kUnavailable,
                fmt::format("{}: cannot write: check that the folder is writable and the disk is "
                            "not full",
                            path.string()));
}

}  // namespace

Result<CohortFiles> write_cohort(const CohortOptions& options,
                                 const std::filesystem::path& folder) {
    CohortFiles written;
    FS_ASSIGN(written.sites, plan_cohort(options));
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) {
        return fail(Errc::kUnavailable, fmt::format("{}: cannot make the folder: {}",
                                                    folder.string(), error.message()));
    }
    FS_ASSIGN(const Schema schema, builtin_schema("clinical-cohort"));
    written.schema = folder / "clinical-cohort.toml";
    written.datasheet = folder / "DATASHEET.md";
    FS_TRY(write_text(written.schema, to_toml(schema)));
    FS_TRY(write_text(written.datasheet, datasheet(options, written.sites)));
    for (const CohortSite& site : written.sites) {
        written.files.push_back(folder / (site.name + ".csv"));
        FS_TRY(write_text(written.files.back(), cohort_csv(site, options.missing_share)));
    }
    return written;
}

}  // namespace fedstake::data
