// Prints a finished run: the table for people, the JSON document for programs.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "demo/run_record.hpp"

namespace fedstake::demo {

std::string tokens(Amount wei) {
    constexpr unsigned kDecimals = 18;
    constexpr unsigned kShown = 6;
    Amount unit = 1;
    for (unsigned i = 0; i < kDecimals - kShown; ++i) unit *= 10;
    Amount one = 1;
    for (unsigned i = 0; i < kShown; ++i) one *= 10;
    if (wei != 0 && wei < unit - unit / 2) return "<0.000001";
    const Amount shown = wei / unit + (wei % unit >= unit / 2 ? 1 : 0);
    std::string rest = fmt::format("{:06}", static_cast<unsigned>(shown % one));
    while (rest.size() > 2 && rest.back() == '0') rest.pop_back();
    return amount_to_string(shown / one) + "." + rest;
}

namespace {

using nlohmann::json;

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
        "{}{:<{}}  {:>6}  {:>17}  {:>17}  {:>12}  {:>12}  {:>12}  {:>12}{}\n", bold, "site", width,
        "rows", "federated model", "training alone", "stake", "after", "reward", "slashed", off);
    for (const SiteRecord& site : record.sites) {
        text += fmt::format("{}{:<{}}  {:>6}  {:>17}  {:>17}  {:>12}  {:>12}  {:>12}  {:>12}{}\n",
                            site.attacker ? red : "", site.name, width, site.rows,
                            share(site.correct_federated, site.test_rows),
                            share(site.correct_alone, site.test_rows), tokens(site.stake_before),
                            tokens(site.stake_after), tokens(site.reward), tokens(site.slashed),
                            site.attacker ? "  <- attacker" + off : "");
    }
    text += "\nstake, reward and slashed in tokens, to the nearest 0.000001\n";
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
