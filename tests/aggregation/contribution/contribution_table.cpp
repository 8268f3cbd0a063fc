// Prints the tables of docs/contribution.md: every contribution score on the four UCI hospitals.
//   contribution_table [FOLDER]   of the four processed.*.data files
// Ends with 3 (not found) where they are missing; see docs/exit-codes.md.
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "proto/base/exit_code.hpp"
#include "tests/aggregation/contribution/heart_rounds.hpp"
#include "tests/support/shared_data.hpp"

namespace fedstake::aggregation::contribution::heart {
namespace {

constexpr std::uint64_t kSeeds = 10;
constexpr double kMilli = 1000.0;

// Campaigns of several seeds, added up.
struct Total {
    Campaign sum;
    std::vector<std::size_t> named;  // seeds in which the sums of all rounds name the site
    std::vector<std::size_t> named_by_score;
};

Status add_campaign(const std::filesystem::path& folder, Setting setting, std::uint64_t seed,
                    Total& of_all) {
    Campaign& total = of_all.sum;
    setting.seed = seed;
    FS_ASSIGN(const std::vector<Hospital> hospitals, load_hospitals(folder, seed));
    FS_ASSIGN(const Campaign campaign, run_campaign(hospitals, setting));
    if (total.sites.empty()) {
        for (const SiteScores& site : campaign.sites) {
            total.sites.push_back({.name = site.name});
        }
        of_all.named.assign(campaign.sites.size(), 0);
        of_all.named_by_score.assign(campaign.sites.size(), 0);
    }
    total.loss_before += campaign.loss_before;
    total.loss_after += campaign.loss_after;
    for (std::size_t i = 0; i < campaign.sites.size(); ++i) {
        const SiteScores& site = campaign.sites[i];
        for (const auto member :
             {&SiteScores::leave_one_out, &SiteScores::shapley, &SiteScores::banzhaf,
              &SiteScores::banzhaf_sampled, &SiteScores::gtg, &SiteScores::cosine,
              &SiteScores::score, &SiteScores::banzhaf_score, &SiteScores::weight}) {
            total.sites[i].*member += site.*member;
        }
        total.sites[i].alarms += site.alarms;
        total.sites[i].score_alarms += site.score_alarms;
        of_all.named[i] += site.named ? 1 : 0;
        of_all.named_by_score[i] += site.named_by_score ? 1 : 0;
    }
    return {};
}

Status print_scenario(const std::filesystem::path& folder, const Setting& setting) {
    Total of_all;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
        FS_TRY(add_campaign(folder, setting, seed, of_all));
    }
    const Campaign& total = of_all.sum;
    const double seeds = kSeeds;
    const double rounds = seeds * static_cast<double>(setting.rounds);
    fmt::print("| **{}** | loss {:.3f} to {:.3f} | | | | | | | | | | |\n",
               scenario_name(setting.scenario), total.loss_before / seeds,
               total.loss_after / seeds);
    for (std::size_t i = 0; i < total.sites.size(); ++i) {
        const SiteScores& site = total.sites[i];
        fmt::print(
            "| {} | {:.2f} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {:.3f} | {:.3f} | "
            "{:+.2f} | {:.0f} / {} | {:.0f} / {} |\n",
            site.name, site.weight / rounds, kMilli * site.leave_one_out / seeds,
            kMilli * site.shapley / seeds, kMilli * site.gtg / seeds, kMilli * site.banzhaf / seeds,
            kMilli * site.banzhaf_sampled / seeds, site.banzhaf_score / rounds, site.score / rounds,
            site.cosine / rounds, 100.0 * static_cast<double>(site.alarms) / rounds,
            of_all.named[i], 100.0 * static_cast<double>(site.score_alarms) / rounds,
            of_all.named_by_score[i]);
    }
    std::fflush(stdout);
    return {};
}

Status print_all(const std::filesystem::path& folder) {
    for (const char* rule : {"mean", "multi-krum"}) {
        for (const std::size_t validators : {4U, 2U}) {
            fmt::print("\n### {}, {} hospitals validate\n\n", rule, validators);
            fmt::print(
                "| site | weight | leave-one-out | Shapley | GTG | Banzhaf | Banzhaf, sampled | "
                "Banzhaf score | score | CGSV | alarm, CGSV | alarm, score |\n"
                "|---|---|---|---|---|---|---|---|---|---|---|---|\n");
            for (std::size_t s = 0; s < kScenarios; ++s) {
                FS_TRY(print_scenario(folder, {.scenario = static_cast<Scenario>(s),
                                               .rule = rule,
                                               .validators = validators}));
            }
        }
    }
    return {};
}

}  // namespace
}  // namespace fedstake::aggregation::contribution::heart

int main(int argc, char** argv) {
    using fedstake::exit_code;
    const auto found = argc > 1 ? std::optional<std::filesystem::path>(argv[1])
                                : fedstake::testing::shared_data("data/heart");
    if (!found) {
        fmt::print(stderr,
                   "contribution_table: the UCI heart disease files are not there: give the folder "
                   "of the four processed.*.data files, or set FEDSTAKE_SHARED\n");
        return exit_code(fedstake::ExitCode::kNotFound);
    }
    const fedstake::Status done = fedstake::aggregation::contribution::heart::print_all(*found);
    if (!done) {
        fmt::print(stderr, "contribution_table: {}\n", done.error().message);
        return exit_code(fedstake::exit_code_for(done.error().code));
    }
    return 0;
}
