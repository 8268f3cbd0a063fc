// Rules file, then the registry's checks.
#include "demo/rules.hpp"

#include <algorithm>
#include <utility>

#include "aggregation/pipeline.hpp"
#include "aggregation/step_text.hpp"
#include "proto/manifest/rules_toml.hpp"

namespace fedstake::demo {

namespace {

constexpr std::int64_t kAttestDeadlineMs = 30'000;

Status put_rule(rules::RoundRules& rules, const Options& options, std::uint32_t sites) {
    FS_ASSIGN(rules.aggregation.rule, aggregation::parse_step(options.rule));
    rules.aggregation.f = rules.aggregation.rule.name == "mean" ? 0 : 1;
    FS_ASSIGN(rules.schedule.quorum, quorum_of(sites, rules.aggregation));
    return {};
}

}  // namespace

std::uint32_t site_count(const Options& options) noexcept {
    return options.sites + (options.attack == "none" ? 0 : 1);
}

Result<std::uint32_t> quorum_of(std::uint32_t sites, const rules::AggregationRules& rules) {
    std::uint32_t quorum = std::max(sites - 1, 2 * rules.f + 1);
    while (true) {
        const Status checked = aggregation::check_aggregation(
            rules, {.updates_least = quorum, .updates_most = sites, .cohort = sites});
        if (checked) {
            return quorum;
        }
        if (quorum >= sites) {
            return tl::unexpected(checked.error());
        }
        ++quorum;
    }
}

Result<rules::RoundRules> demo_rules(const Options& options, std::uint32_t sites) {
    FS_ASSIGN(rules::RoundRules rules, manifest::load_rules(options.rules_file));
    if (Status put = put_rule(rules, options, sites); !put) {
        return with_context(std::move(put).error(), "--rule " + options.rule);
    }
    if (options.quorum > 0) rules.schedule.quorum = options.quorum;
    rules.training.seed = options.seed;
    rules.schedule.collect_deadline = {options.collect_deadline_ms};
    rules.schedule.attest_deadline = {kAttestDeadlineMs};
    if (!options.exclude_anomalies) rules.anomaly.signals_to_strike = 0;
    return rules;
}

}  // namespace fedstake::demo
