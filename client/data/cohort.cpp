// The patients: a latent risk per person, model inputs and diagnosis drawn from it.
#include "client/data/cohort.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "proto/base/limits.hpp"
#include "proto/base/rng.hpp"

namespace fedstake::data {

namespace {

struct Mix {
    double prevalence;
    double age_shift;
    double severity;
    double size;  // relative to CohortOptions::rows
};
// A teaching hospital, a screening clinic, a small tertiary centre, a veterans' hospital.
constexpr std::array<Mix, 4> kMixes{{
    {0.45, 0.0, 0.0, 1.0},
    {0.30, -6.0, -0.3, 0.85},
    {0.90, 2.0, 0.5, 0.35},
    {0.70, 7.0, 0.3, 0.6},
}};

double clipped(double value, double low, double high) {
    return std::min(std::max(value, low), high);
}

bool chance(Rng& rng, double logit) {
    return rng.uniform() < 1.0 / (1.0 + std::exp(-logit));
}

// Chest pain and ECG findings: text levels of the schema, worse with risk.
std::string_view chest_pain(Rng& rng, double risk) {
    if (chance(rng, 1.3 * risk - 0.2)) return "none";  // silent disease: the telling sign
    const double draw = rng.uniform();
    return draw < 0.15 ? "typical" : draw < 0.55 ? "atypical" : "non-anginal";
}

std::string_view ecg(Rng& rng, double risk) {
    if (chance(rng, 0.5 * risk - 1.4)) return "st-t";
    return chance(rng, 0.3 * risk - 0.6) ? "hypertrophy" : "normal";
}

std::string patient_line(Rng& rng, const CohortSite& site, double missing_share) {
    const bool disease = rng.uniform() < site.prevalence;
    // Signs follow the disease, not the site: what one hospital learns holds at the others.
    const double risk = (disease ? 0.9 : -0.9) + 0.7 * rng.normal() + 0.5 * site.severity;
    const double age = clipped(54.0 + site.age_shift + 2.5 * risk + 8.0 * rng.normal(), 20.0, 95.0);
    const bool male = chance(rng, 0.7 + 0.5 * risk);
    const double pressure = clipped(131.0 + 3.0 * risk + 17.0 * rng.normal(), 80.0, 220.0);
    const double cholesterol = clipped(245.0 + 8.0 * risk + 50.0 * rng.normal(), 90.0, 600.0);
    const bool sugar = chance(rng, -1.8 + 0.3 * risk);
    const double rate =
        clipped(208.0 - 0.7 * age - 20.0 - 10.0 * risk + 17.0 * rng.normal(), 60.0, 205.0);
    const bool angina = chance(rng, -0.6 + 1.2 * risk);
    const double depression = std::max(0.0, 0.7 + 0.7 * risk + 0.7 * rng.normal());
    const std::string_view pain = chest_pain(rng, risk);
    const std::string_view trace = ecg(rng, risk);
    const bool no_pressure = rng.uniform() < missing_share;
    const bool no_cholesterol = rng.uniform() < missing_share;
    return fmt::format("{:.0f},{:d},{},{},{},{:d},{},{:.0f},{:d},{:.1f},{:d}\n", age, male, pain,
                       no_pressure ? "?" : fmt::format("{:.0f}", pressure),
                       no_cholesterol ? "?" : fmt::format("{:.0f}", cholesterol), sugar, trace,
                       rate, angina, depression, disease);
}

Status check(const CohortOptions& options) {
    if (options.sites < 1 || options.sites > limits::kSitesMax) {
        return fail(Errc::kInvalidInput,
                    fmt::format("sites is {}; allowed 1 to {}", options.sites, limits::kSitesMax));
    }
    if (options.rows < 20 || options.rows > 1'000'000) {
        return fail(Errc::kInvalidInput,
                    fmt::format("rows is {}; allowed 20 to 1000000", options.rows));
    }
    // Written so that NaN fails too.
    if (!(options.missing_share >= 0.0 && options.missing_share <= 0.5)) {
        return fail(Errc::kInvalidInput,
                    fmt::format("missing is {}; allowed 0 to 0.5", options.missing_share));
    }
    return {};
}

}  // namespace

Result<std::vector<CohortSite>> plan_cohort(const CohortOptions& options) {
    FS_TRY(check(options));
    std::vector<CohortSite> plan;
    for (std::uint32_t i = 0; i < options.sites; ++i) {
        Rng rng = Rng(options.seed).fork(i);
        const std::uint64_t patients_seed = rng.next();
        const Mix mix = i < kMixes.size() ? kMixes[i]
                                          : Mix{.prevalence = 0.2 + 0.75 * rng.uniform(),
                                                .age_shift = 16.0 * rng.uniform() - 8.0,
                                                .severity = rng.uniform() - 0.4,
                                                .size = 0.3 + 0.9 * rng.uniform()};
        const double rows = std::round(mix.size * static_cast<double>(options.rows));
        plan.push_back({.name = fmt::format("site-{}", i + 1),
                        .rows = std::max(20U, static_cast<std::uint32_t>(rows)),
                        .prevalence = mix.prevalence,
                        .age_shift = mix.age_shift,
                        .severity = mix.severity,
                        .seed = patients_seed});
    }
    return plan;
}

std::string cohort_csv(const CohortSite& site, double missing_share) {
    std::string csv =
        "age,male,chest_pain,blood_pressure,cholesterol,high_sugar,ecg,max_heart_rate,"
        "exercise_angina,st_depression,disease\n";
    Rng rng(site.seed);
    for (std::uint32_t i = 0; i < site.rows; ++i) csv += patient_line(rng, site, missing_share);
    return csv;
}

}  // namespace fedstake::data
