// Reads event lines and result files.
#include "demo/run_record.hpp"

#include <fstream>

#include <nlohmann/json.hpp>

namespace fedstake::demo {

namespace {

using nlohmann::json;

RoundRecord round_from(const json& event) {
    RoundRecord round;
    round.round = event.at("round").get<RoundNumber>();
    round.rule = event.at("rule").get<std::string>();
    round.model_digest = event.at("model").get<std::string>();
    round.commitment = event.at("commitment").get<std::string>();
    for (const json& site : event.at("sites")) {
        const auto name = site.at("name").get<std::string>();
        const auto standing = site.at("standing").get<std::string>();
        if (standing == "accepted") {
            round.accepted.push_back(name);
        } else {
            const std::string reason =
                standing == "absent" ? "absent" : site.at("reason").get<std::string>();
            round.excluded.push_back({name, reason});
        }
    }
    return round;
}

}  // namespace

double RunRecord::pooled_accuracy() const noexcept {
    std::uint64_t rows = 0;
    std::uint64_t correct = 0;
    for (const SiteRecord& site : sites) {
        if (site.attacker) continue;
        rows += site.test_rows;
        correct += site.correct_federated;
    }
    return rows == 0 ? 0.0 : static_cast<double>(correct) / static_cast<double>(rows);
}

Result<std::vector<RoundRecord>> read_rounds(const std::filesystem::path& events) {
    std::ifstream in(events);
    if (!in) return fail(Errc::kNotFound, "no event log at " + events.string());
    std::map<RoundNumber, RoundRecord> rounds;
    std::map<RoundNumber, std::string> transactions;
    std::size_t number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        try {
            const json event = json::parse(line);
            const auto name = event.at("event").get<std::string>();
            if (name == "round_attested") {
                RoundRecord round = round_from(event);
                rounds[round.round] = std::move(round);
            } else if (name == "intent_changed") {
                const auto key = event.at("key").get<std::string>();
                if (key.starts_with("commit/")) {
                    transactions[std::stoull(key.substr(7))] = event.value("tx", "");
                }
            }
        } catch (const std::exception& error) {
            return fail(Errc::kCorrupt,
                        events.string() + ":" + std::to_string(number) + ": " + error.what());
        }
    }
    std::vector<RoundRecord> ordered;
    for (auto& [round, record] : rounds) {
        record.transaction = transactions[round];
        ordered.push_back(std::move(record));
    }
    return ordered;
}

Status read_site_result(const std::filesystem::path& file, SiteRecord& site) {
    std::ifstream in(file);
    if (!in) {
        return fail(Errc::kNotFound, "site " + site.name + " left no result at " + file.string());
    }
    try {
        const json result = json::parse(in);
        site.rows = result.at("rows").get<std::uint64_t>();
        site.test_rows = result.at("test_rows").get<std::uint64_t>();
        site.correct_federated = result.at("test_correct_federated").get<std::uint64_t>();
        site.correct_alone = result.at("test_correct_alone").get<std::uint64_t>();
    } catch (const std::exception& error) {
        return fail(Errc::kCorrupt, file.string() + ": " + error.what());
    }
    return {};
}

}  // namespace fedstake::demo
