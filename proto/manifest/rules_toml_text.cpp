// Writes [rules] as canonical TOML.
#include <fmt/format.h>

#include "proto/manifest/rules_toml.hpp"
#include "proto/manifest/toml_text.hpp"

namespace fedstake::manifest {

namespace {

std::string parameters_text(const std::vector<rules::Parameter>& parameters, std::string text) {
    for (const rules::Parameter& parameter : parameters) {
        if (!text.empty()) text += ", ";
        text += toml_key(parameter.name) + " = " + toml_number(parameter.value);
    }
    return "{" + text + "}";
}

std::string aggregation_text(const rules::AggregationRules& rules) {
    std::string text = fmt::format(
        "[rules.aggregation]\nrule = {}\nf = {}\nscale_bits = {}\ncoordinate_max = {}\n",
        toml_string(rules.rule.name), rules.f, rules.scale_bits, rules.coordinate_max);
    if (!rules.rule.parameters.empty()) {
        text += "parameters = " + parameters_text(rules.rule.parameters, {}) + "\n";
    }
    if (!rules.pre.empty()) {
        text += "pre = [";
        for (std::size_t i = 0; i < rules.pre.size(); ++i) {
            text +=
                (i > 0 ? ", " : "") + parameters_text(rules.pre[i].parameters,
                                                      "name = " + toml_string(rules.pre[i].name));
        }
        text += "]\n";
    }
    return text;
}

std::string model_text(const rules::ModelRules& rules) {
    return fmt::format(
        "[rules.model]\nkind = {}\ninputs = {}\noutputs = {}\nhidden = [{}]\nsite_local = {}\n"
        "script_digest = {}\ninit_seed = {}\n",
        toml_string(rules.kind), rules.inputs, rules.outputs, fmt::join(rules.hidden, ", "),
        toml_strings(rules.site_local), toml_string(rules.script_digest.hex()), rules.init_seed);
}

std::string training_text(const rules::TrainingRules& rules) {
    return fmt::format(
        "[rules.training]\nalgorithm = {}\noptimizer = {}\nlearning_rate = {}\nmomentum = {}\n"
        "weight_decay = {}\nproximal_mu = {}\nlocal_steps = {}\nbatch_size = {}\nseed = {}\n",
        toml_string(rules.algorithm), toml_string(rules.optimizer),
        toml_number(rules.learning_rate), toml_number(rules.momentum),
        toml_number(rules.weight_decay), toml_number(rules.proximal_mu), rules.local_steps,
        rules.batch_size, rules.seed);
}

std::string schedule_text(const rules::ScheduleRules& rules) {
    return fmt::format(
        "[rules.schedule]\nquorum = {}\ncollect_deadline_ms = {}\nauditors_needed = {}\n"
        "attest_deadline_ms = {}\nattempts_max = {}\n",
        rules.quorum, rules.collect_deadline.ms, rules.auditors_needed, rules.attest_deadline.ms,
        rules.attempts_max);
}

std::string settlement_text(const rules::SettlementRules& rules) {
    return fmt::format(
        "[rules.settlement]\nround_budget = \"{}\"\nmin_stake = \"{}\"\nstake_per_score = \"{}\"\n"
        "strikes_to_accuse = {}\nslash_bps = {}\nslash_bps_max = {}\n",
        amount_to_string(rules.round_budget), amount_to_string(rules.min_stake),
        amount_to_string(rules.stake_per_score), rules.strikes_to_accuse, rules.slash_bps,
        rules.slash_bps_max);
}

}  // namespace

std::string rules_to_toml(const rules::RoundRules& rules) {
    const std::string anomaly = fmt::format(
        "[rules.anomaly]\npolicy = \"{}\"\nlook_back = {}\nnorm_limit = {}\ncosine_limit = "
        "{}\ndistance_limit = {}\n"
        "signals_to_strike = {}\n",
        rules::anomaly_policy_name(rules.anomaly.policy), rules.anomaly.look_back,
        toml_number(rules.anomaly.norm_limit), toml_number(rules.anomaly.cosine_limit),
        toml_number(rules.anomaly.distance_limit), rules.anomaly.signals_to_strike);
    return fmt::format("[rules]\nversion = {}\ncoordinates = {}\n\n", rules.version,
                       rules.coordinates) +
           aggregation_text(rules.aggregation) + "\n" + anomaly + "\n" + model_text(rules.model) +
           "\n" + training_text(rules.training) + "\n" + schedule_text(rules.schedule) + "\n" +
           settlement_text(rules.settlement);
}

}  // namespace fedstake::manifest
