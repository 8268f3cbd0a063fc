// A seeded synthetic clinical cohort: hospitals whose patients differ, without any real patient.
//
// Every patient's latent risk drives 13 model inputs (schema "clinical-cohort") and the diagnosis,
// by formulas written down in the datasheet that write_cohort() leaves beside the files. Sites
// differ in prevalence (20 % to 95 %), age and severity, as real hospitals do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "client/data/dataset.hpp"
#include "client/data/schema.hpp"
#include "proto/base/result.hpp"

namespace fedstake::data {

struct CohortOptions {
    std::uint32_t sites = 4;   // 1 .. 512
    std::uint32_t rows = 250;  // patients of the first site, 20 .. 1'000'000
    std::uint64_t seed = 1;
    double missing_share = 0.02;  // of cholesterol and blood pressure cells, 0 .. 0.5
};

// How one site's patients differ from the reference population.
struct CohortSite {
    std::string name;  // "site-1"
    std::uint32_t rows = 0;
    double prevalence = 0.5;  // expected share of patients with disease
    double age_shift = 0.0;   // years
    double severity = 0.0;    // added to every patient's risk signs, in standard deviations
    std::uint64_t seed = 0;
};

// The plan of the sites: fixed mixes for the first four, drawn from the seed beyond.
// RETURNS kInvalidInput naming the option and its range.
[[nodiscard]] Result<std::vector<CohortSite>> plan_cohort(const CohortOptions& options);

// CSV text of one site, header line included. A pure function of its arguments.
[[nodiscard]] std::string cohort_csv(const CohortSite& site, double missing_share);

struct CohortFiles {
    std::filesystem::path schema;     // clinical-cohort.toml
    std::filesystem::path datasheet;  // DATASHEET.md
    std::vector<CohortSite> sites;
    std::vector<std::filesystem::path> files;  // site-N.csv, same order as sites
};
// Writes everything into `folder`, making it if needed; existing files of these names are replaced.
// RETURNS kInvalidInput (options) or kUnavailable (disk).
[[nodiscard]] Result<CohortFiles> write_cohort(const CohortOptions& options,
                                               const std::filesystem::path& folder);

}  // namespace fedstake::data
