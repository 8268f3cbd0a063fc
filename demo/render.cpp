// Prints a finished run: the table for people, the JSON document for programs.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "demo/run_record.hpp"

namespace fedstake::demo {

namespace {

using nlohmann::json;

constexpr unsigned kTokenDecimals = 18;

// Whole tokens with two decimals, rounded down: "1000.00".
std::string tokens(Amount wei) {
    Amount cent = 1;
    for (unsigned i = 0; i < kTokenDecimals - 2; ++i) cent *= 10;
    const Amount cents = wei / cent;
    const auto rest = static_cast<unsigned>(cents % 100);
    return amount_to_string(cents / 100) + fmt::format(".{:02}", rest);
}

std::string share(std::uint64_t correct, std::uint64_t rows) {
    if (rows == 0) return "-";
    return fmt::format("{:.3f} ({}/{})", static_cast<double>(correct) / static_cast<double>(rows),
                       correct, rows);
}

double ratio(std::uint64_t correct, std::uint64_t rows) {
    return rows == 0 ? 0.0 : static_cast<double>(correct) / static_cast<double>(rows);
}

}  // namespace

std::string render_table(const RunRecord& record, bool colour) {
    const std::string red = colour ? "\033[31m" : "";
    const std::string bold = colour ? "\033[1m" : "";
    const std::string off = colour ? "\033[0m" : "";
    std::size_t width = 12;
    for (const SiteRecord& site : record.sites) width = std::max(width, site.name.size());
    std::string text = fmt::format(
        "{}{:<{}}  {:>6}  {:>17}  {:>17}  {:>10}  {:>10}  {:>9}  {:>8}{}\n", bold, "site", width,
        "rows", "federated model", "training alone", "stake", "after", "reward", "slashed", off);
    for (const SiteRecord& site : record.sites) {
        text += fmt::format("{}{:<{}}  {:>6}  {:>17}  {:>17}  {:>10}  {:>10}  {:>9}  {:>8}{}\n",
                            site.attacker ? red : "", site.name, width, site.rows,
                            share(site.correct_federated, site.test_rows),
                            share(site.correct_alone, site.test_rows), tokens(site.stake_before),
                            tokens(site.stake_after), tokens(site.reward), tokens(site.slashed),
                            site.attacker ? "  <- attacker" + off : "");
    }
    text += fmt::format("\npooled test accuracy of the federated model: {}{:.3f}{}\n", bold,
                        record.pooled_accuracy(), off);
    return text;
}

std::string render_json(const RunRecord& record) {
    json rounds = json::array();
    for (const RoundRecord& round : record.rounds) {
        json excluded = json::array();
        for (const Excluded& site : round.excluded) {
            excluded.push_back({{"site", site.site}, {"reason", site.reason}});
        }
        rounds.push_back({{"round", round.round},
                          {"accepted", round.accepted},
                          {"excluded", std::move(excluded)},
                          {"rule", round.rule},
                          {"model_digest", round.model_digest},
                          {"commitment", round.commitment},
                          {"tx", round.transaction}});
    }
    json sites = json::array();
    for (const SiteRecord& site : record.sites) {
        sites.push_back({{"site", site.name},
                         {"rows", site.rows},
                         {"accuracy_federated", ratio(site.correct_federated, site.test_rows)},
                         {"accuracy_alone", ratio(site.correct_alone, site.test_rows)},
                         {"stake_before", amount_to_string(site.stake_before)},
                         {"stake_after", amount_to_string(site.stake_after)},
                         {"reward", amount_to_string(site.reward)},
                         {"slashed", amount_to_string(site.slashed)},
                         {"attacker", site.attacker}});
    }
    const json document = {{"rounds", std::move(rounds)},
                           {"sites", std::move(sites)},
                           {"pooled_accuracy", record.pooled_accuracy()},
                           {"verified", record.verified}};
    return document.dump(2) + "\n";
}

}  // namespace fedstake::demo
