// Reads [rules].
#include "proto/manifest/rules_toml.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

namespace fedstake::manifest {

namespace {

constexpr std::int64_t kUint32Max = std::numeric_limits<std::uint32_t>::max();

// Integer key into an unsigned field; the default is what the field holds.
template <class Field>
Status read_integer(TomlTable& table, std::string_view key, Field& field,
                    std::int64_t max = kUint32Max) {
    FS_ASSIGN(
        const std::int64_t value,
        table.integer(key, {.min = 0, .max = max, .fallback = static_cast<std::int64_t>(field)}));
    field = static_cast<Field>(value);
    return {};
}

Status read_number(TomlTable& table, std::string_view key, double& field) {
    FS_ASSIGN(field, table.number(key, {.min = -1e300, .max = 1e300, .fallback = field}));
    return {};
}

Status read_text(TomlTable& table, std::string_view key, std::string& field) {
    FS_ASSIGN(field, table.text(key, field));
    return {};
}

Status read_amount(TomlTable& table, std::string_view key, Amount& field) {
    const auto refuse = [](const std::string& problem) {
        return fail(Errc::kInvalidInput,
                    problem + "; write an amount in wei as digits in quotes, e.g. \"1000000\"");
    };
    const auto text = table.text(key, amount_to_string(field));
    if (!text) return refuse(text.error().message);
    const auto amount = parse_amount(*text);
    if (!amount)
        return refuse(fmt::format("{}{}: {}", table.where(key), key, amount.error().message));
    field = *amount;
    return {};
}

Status read_duration(TomlTable& table, std::string_view key, Duration& field) {
    FS_ASSIGN(field.ms, table.integer(key, {.min = 1, .max = INT64_MAX, .fallback = field.ms}));
    return {};
}

// Every key but "name" is a numeric parameter.
Status read_parameters(TomlTable& table, std::vector<rules::Parameter>& parameters) {
    for (const std::string& key : table.keys()) {
        if (key == "name") continue;
        rules::Parameter parameter{.name = key, .value = 0.0};
        FS_ASSIGN(parameter.value, table.number(key, {}));
        parameters.push_back(std::move(parameter));
    }
    return table.finish();
}

Status read_aggregation(TomlTable& table, rules::AggregationRules& out) {
    FS_TRY(read_text(table, "rule", out.rule.name));
    FS_TRY(read_integer(table, "f", out.f));
    FS_TRY(read_integer(table, "scale_bits", out.scale_bits, 255));
    FS_TRY(read_integer(table, "coordinate_max", out.coordinate_max, INT32_MAX));
    FS_ASSIGN(TomlTable parameters, table.table("parameters", false));
    FS_TRY(read_parameters(parameters, out.rule.parameters));
    FS_ASSIGN(std::vector<TomlTable> steps, table.tables("pre"));
    for (TomlTable& step : steps) {
        rules::Step pre;
        FS_ASSIGN(pre.name, step.text("name", std::nullopt));
        FS_TRY(read_parameters(step, pre.parameters));
        out.pre.push_back(std::move(pre));
    }
    return table.finish();
}

Status read_policy(TomlTable& table, rules::AnomalyPolicy& out) {
    using rules::AnomalyPolicy;
    std::string name(rules::anomaly_policy_name(out));
    FS_TRY(read_text(table, "policy", name));
    for (const AnomalyPolicy policy : {AnomalyPolicy::kImmediate, AnomalyPolicy::kCautious}) {
        if (name == rules::anomaly_policy_name(policy)) {
            out = policy;
            return {};
        }
    }
    return fail(Errc::kInvalidInput,
                fmt::format("{}anomaly.policy is \"{}\", must be \"immediate\" or \"cautious\"",
                            table.where("policy"), name));
}

Status read_anomaly(TomlTable& table, rules::AnomalyRules& out) {
    FS_TRY(read_policy(table, out.policy));
    FS_ASSIGN(out.look_back, table.boolean("look_back", out.look_back));
    FS_TRY(read_number(table, "norm_limit", out.norm_limit));
    FS_TRY(read_number(table, "cosine_limit", out.cosine_limit));
    FS_TRY(read_number(table, "distance_limit", out.distance_limit));
    FS_TRY(read_integer(table, "signals_to_strike", out.signals_to_strike));
    return table.finish();
}

Status read_model(TomlTable& table, rules::ModelRules& out) {
    FS_TRY(read_text(table, "kind", out.kind));
    FS_TRY(read_integer(table, "inputs", out.inputs));
    FS_TRY(read_integer(table, "outputs", out.outputs));
    FS_ASSIGN(const std::vector<std::int64_t> hidden,
              table.integers("hidden", std::vector<std::int64_t>{}));
    for (const std::int64_t width : hidden) {
        if (width < 1 || width > kUint32Max) {
            return fail(Errc::kInvalidInput,
                        fmt::format("{}model.hidden has a layer of {}, must be at least 1",
                                    table.where("hidden"), width));
        }
        out.hidden.push_back(static_cast<std::uint32_t>(width));
    }
    FS_ASSIGN(out.site_local, table.texts("site_local", std::vector<std::string>{}));
    FS_ASSIGN(const std::string digest, table.text("script_digest", out.script_digest.hex()));
    auto parsed = Digest::parse(digest);
    if (!parsed) {
        return with_context(parsed.error(), table.where("script_digest") + "script_digest");
    }
    out.script_digest = *parsed;
    FS_TRY(read_integer(table, "init_seed", out.init_seed, INT64_MAX));
    return table.finish();
}

Status read_training(TomlTable& table, rules::TrainingRules& out) {
    FS_TRY(read_text(table, "algorithm", out.algorithm));
    FS_TRY(read_text(table, "optimizer", out.optimizer));
    FS_TRY(read_number(table, "learning_rate", out.learning_rate));
    FS_TRY(read_number(table, "momentum", out.momentum));
    FS_TRY(read_number(table, "weight_decay", out.weight_decay));
    FS_TRY(read_number(table, "proximal_mu", out.proximal_mu));
    FS_TRY(read_integer(table, "local_steps", out.local_steps));
    FS_TRY(read_integer(table, "batch_size", out.batch_size));
    FS_TRY(read_integer(table, "seed", out.seed, INT64_MAX));
    return table.finish();
}

Status read_schedule(TomlTable& table, rules::ScheduleRules& out) {
    FS_TRY(read_integer(table, "quorum", out.quorum));
    FS_TRY(read_duration(table, "collect_deadline_ms", out.collect_deadline));
    FS_TRY(read_integer(table, "auditors_needed", out.auditors_needed));
    FS_TRY(read_duration(table, "attest_deadline_ms", out.attest_deadline));
    FS_TRY(read_integer(table, "attempts_max", out.attempts_max));
    return table.finish();
}

Status read_settlement(TomlTable& table, rules::SettlementRules& out) {
    FS_TRY(read_amount(table, "round_budget", out.round_budget));
    FS_TRY(read_amount(table, "min_stake", out.min_stake));
    FS_TRY(read_amount(table, "stake_per_score", out.stake_per_score));
    FS_TRY(read_integer(table, "strikes_to_accuse", out.strikes_to_accuse));
    FS_TRY(read_integer(table, "slash_bps", out.slash_bps, UINT16_MAX));
    FS_TRY(read_integer(table, "slash_bps_max", out.slash_bps_max, UINT16_MAX));
    return table.finish();
}

template <class Part>
Status read_part(TomlTable& table, std::string_view name, Status (*read)(TomlTable&, Part&),
                 Part& out) {
    FS_ASSIGN(TomlTable part, table.table(name, false));
    return read(part, out);
}

// "file:line: " of the first word of the message that names a key of the file, such as
// "aggregation.pre[0]"; of the [rules] table where no word does.
std::string place_of(TomlTable& rules_table, std::string_view message) {
    while (!message.empty()) {
        const std::string_view word = message.substr(0, message.find(' '));
        message.remove_prefix(std::min(word.size() + 1, message.size()));
        const std::string_view name = word.substr(0, word.find_first_of("[:,"));
        const std::size_t dot = name.find('.');
        if (dot == std::string_view::npos) {
            if (rules_table.has(name)) return rules_table.where(name);
            continue;
        }
        const auto section = rules_table.table(name.substr(0, dot), false);
        if (!section) continue;
        const std::string key(name.substr(dot + 1));
        for (const std::string& spelling : {key, key + "_ms"}) {
            if (section->has(spelling)) return section->where(spelling);
        }
    }
    return rules_table.where();
}

}  // namespace

Result<rules::RoundRules> read_rules(TomlTable& root) {
    FS_ASSIGN(TomlTable table, root.table("rules", true));
    rules::RoundRules out;
    FS_TRY(read_integer(table, "version", out.version));
    FS_TRY(read_integer(table, "coordinates", out.coordinates, INT64_MAX));
    FS_TRY(read_part(table, "aggregation", read_aggregation, out.aggregation));
    FS_TRY(read_part(table, "anomaly", read_anomaly, out.anomaly));
    FS_TRY(read_part(table, "model", read_model, out.model));
    FS_TRY(read_part(table, "training", read_training, out.training));
    FS_TRY(read_part(table, "schedule", read_schedule, out.schedule));
    FS_TRY(read_part(table, "settlement", read_settlement, out.settlement));
    FS_TRY(table.finish());
    Status valid = out.validate();
    if (valid) valid = out.check_coordinates();
    if (!valid) {
        const std::string& message = valid.error().message;
        return fail(valid.error().code, place_of(table, message) + message);
    }
    return out;
}

Result<rules::RoundRules> load_rules(const std::filesystem::path& path) {
    FS_ASSIGN(TomlTable root, TomlTable::load(path));
    FS_ASSIGN(rules::RoundRules out, read_rules(root));
    FS_TRY(root.finish());
    return out;
}

}  // namespace fedstake::manifest
