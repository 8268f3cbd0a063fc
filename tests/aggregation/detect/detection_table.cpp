// Prints the tables of docs/detection.md: how often each signal fires on honest sites and on
// attacks, in per cent of site-rounds.
#include <cstdio>
#include <string>

#include <fmt/format.h>

#include "tests/aggregation/detect/campaign.hpp"
#include "tests/support/shared_data.hpp"

namespace fedstake::aggregation::detect::testing {
namespace {

constexpr std::size_t kRounds = 30;
constexpr std::size_t kCoordinates = 200;

std::string per_cent(std::size_t part, std::size_t whole) {
    if (whole == 0) return "-";
    const double share = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
    return share > 0.0 && share < 10.0 ? fmt::format("{:.2g}", share)
                                       : fmt::format("{:.0f}", share);
}

void print_header(const char* first) {
    std::string names = fmt::format("| {} | site-rounds |", first);
    std::string rule = "|---|---|";
    for (const SignalInfo& info : all_signals()) {
        names += fmt::format(" {} |", info.name);
        rule += "---|";
    }
    fmt::print("{} **strike** | strike+ | exclude+ | share+ |\n{}---|---|---|---|\n", names, rule);
}

void print_row(std::string_view name, const Counts& counts) {
    std::string line = fmt::format("| {} | {} |", name, counts.site_rounds);
    for (const std::size_t fired : counts.fired) {
        line += fmt::format(" {} |", per_cent(fired, counts.site_rounds));
    }
    fmt::print(
        "{} **{}** | {} | {} | {} |\n", line, per_cent(counts.struck_default, counts.site_rounds),
        per_cent(counts.struck, counts.site_rounds), per_cent(counts.excluded, counts.site_rounds),
        per_cent(counts.down_weighted, counts.site_rounds));
    std::fflush(stdout);
}

struct Setting {
    const char* name;
    std::size_t honest;  // 0: the four hospitals
    std::uint32_t f;
    std::size_t seeds;
};

Tally measured(const Setting& setting, Attack attack, std::size_t hostile) {
    Tally tally;
    for (std::uint64_t seed = 1; seed <= setting.seeds; ++seed) {
        std::unique_ptr<World> world;
        if (setting.honest > 0) {
            world = mixed_sites(setting.honest, hostile, kCoordinates, seed);
        } else if (const auto folder = fedstake::testing::shared_data("data/heart")) {
            world = heart_sites(*folder, hostile, seed);
        }
        if (!world) return tally;
        tally.add(campaign(*world, attack, hostile, setting.f, kRounds, 1000 + seed));
    }
    return tally;
}

void print_honest() {
    fmt::print("### Honest sites only\n\n");
    print_header("federation");
    for (const Setting& setting :
         {Setting{"n = 4", 4, 1, 40}, Setting{"n = 5", 5, 1, 40}, Setting{"n = 10", 10, 3, 40},
          Setting{"n = 50", 50, 10, 4}, Setting{"heart, n = 4", 0, 1, 40}}) {
        const Tally tally = measured(setting, Attack::kNone, 0);
        print_row(setting.name, tally.honest);
        print_row(fmt::format("{}, the small site", setting.name), tally.tiny);
    }
}

void print_attacks(const char* title, const Setting& setting) {
    for (const bool hostile : {true, false}) {
        fmt::print("\n### {}: {}\n\n", title, hostile ? "the hostile sites" : "the honest sites");
        print_header("attack");
        for (std::size_t a = 1; a < kAttacks; ++a) {
            const auto attack = static_cast<Attack>(a);
            if (is_coalition(attack) && setting.f < 2) continue;
            const Tally tally = measured(setting, attack, setting.f);
            print_row(attack_name(attack), hostile ? tally.hostile : tally.honest);
        }
    }
}

void print_all() {
    print_honest();
    print_attacks("4 honest, 1 hostile", {"", 4, 1, 20});
    print_attacks("7 honest, 3 hostile", {"", 7, 3, 20});
    print_attacks("40 honest, 10 hostile", {"", 40, 10, 2});
    print_attacks("Heart, 4 hospitals, 1 hostile", {"", 0, 1, 20});
    print_attacks("Heart, 4 hospitals, 3 hostile", {"", 0, 3, 20});
}

}  // namespace
}  // namespace fedstake::aggregation::detect::testing

int main() {
    fedstake::aggregation::detect::testing::print_all();
    return 0;
}
