// Ranges of every field of the rules, each refusal naming the field, its value and what is allowed.
#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <string_view>

#include <fmt/format.h>

#include "proto/base/limits.hpp"
#include "proto/rules/round_rules.hpp"

namespace fedstake::rules {

namespace {

constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kStepsMax = 8;
constexpr std::size_t kParametersMax = 16;
constexpr std::size_t kLayersMax = 16;
constexpr std::size_t kPatternsMax = 64;
constexpr std::size_t kPatternLengthMax = 128;
constexpr std::uint64_t kSeedMax = INT64_MAX;  // what a TOML integer can hold
constexpr std::uint32_t kCountMax = 1'000'000;
constexpr std::uint32_t kWidthMax = 65'536;
constexpr std::int64_t kDeadlineMaxMs = std::int64_t{30} * 24 * 3600 * 1000;

Status refuse(std::string message) {
    return fail(Errc::kInvalidInput, std::move(message));
}

template <class Integer>
Status in_range(std::string_view field, Integer value, Integer min, Integer max) {
    if (value >= min && value <= max) return {};
    return refuse(fmt::format("{} is {}, must be {} to {}", field, value, min, max));
}

Status number_in_range(std::string_view field, double value, double min, double max) {
    if (value >= min && value <= max) return {};  // false for NaN
    return refuse(fmt::format("{} is {}, must be {} to {}", field, value, min, max));
}

Status positive_to(std::string_view field, double value, double max) {
    if (value > 0.0 && value <= max) return {};
    return refuse(fmt::format("{} is {}, must be above 0 and at most {}", field, value, max));
}

Status amount_in_range(std::string_view field, Amount value, Amount min) {
    if (value >= min && value <= kAmountMax) return {};
    return refuse(fmt::format("{} is {}, must be {} to {}", field, amount_to_string(value),
                              amount_to_string(min), amount_to_string(kAmountMax)));
}

Status one_of(std::string_view field, std::string_view value,
              std::initializer_list<std::string_view> allowed) {
    if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return {};
    return refuse(fmt::format("{} is \"{}\", must be one of: {}", field, value,
                              fmt::join(allowed.begin(), allowed.end(), ", ")));
}

bool is_name(std::string_view text) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    };
    return !text.empty() && text.size() <= limits::kNameLengthMax &&
           std::all_of(text.begin(), text.end(), allowed);
}

Status check_name(std::string_view field, std::string_view name) {
    if (is_name(name)) return {};
    return refuse(fmt::format("{} is \"{}\", must be 1 to {} characters of a-z, 0-9, '-' and '_'",
                              field, name, limits::kNameLengthMax));
}

Status check_step(const std::string& field, const Step& step) {
    FS_TRY(check_name(field, step.name));
    FS_TRY(in_range("number of parameters of " + field, step.parameters.size(), std::size_t{0},
                    kParametersMax));
    for (std::size_t i = 0; i < step.parameters.size(); ++i) {
        const Parameter& parameter = step.parameters[i];
        FS_TRY(check_name("a parameter name of " + field, parameter.name));
        if (!std::isfinite(parameter.value)) {
            return refuse(fmt::format("parameter {} of {} is {}, must be a finite number",
                                      parameter.name, field, parameter.value));
        }
        for (std::size_t j = 0; j < i; ++j) {
            if (step.parameters[j].name == parameter.name) {
                return refuse(fmt::format("parameter {} of {} is given twice: keep one",
                                          parameter.name, field));
            }
        }
    }
    return {};
}

Status check(const AggregationRules& aggregation) {
    FS_TRY(check_step("aggregation.rule", aggregation.rule));
    FS_TRY(in_range("number of aggregation.pre steps", aggregation.pre.size(), std::size_t{0},
                    kStepsMax));
    for (std::size_t i = 0; i < aggregation.pre.size(); ++i) {
        FS_TRY(check_step(fmt::format("aggregation.pre[{}]", i), aggregation.pre[i]));
    }
    constexpr auto kByzantineMax = static_cast<std::uint32_t>((limits::kSitesMax - 1) / 2);
    FS_TRY(in_range("aggregation.f", aggregation.f, 0U, kByzantineMax));
    FS_TRY(in_range("aggregation.scale_bits", unsigned{aggregation.scale_bits}, 8U, 30U));
    return in_range("aggregation.coordinate_max", aggregation.coordinate_max, 1, INT32_MAX);
}

Status check(const AnomalyRules& anomaly) {
    if (anomaly_policy_name(anomaly.policy).empty()) {
        return fail(Errc::kInvalidInput, fmt::format("anomaly.policy is unknown ({})",
                                                     static_cast<unsigned>(anomaly.policy)));
    }
    if (anomaly.policy == AnomalyPolicy::kCautious && !anomaly.look_back) {
        return fail(Errc::kInvalidInput,
                    "anomaly.look_back must be true for anomaly.policy \"cautious\", whose strikes "
                    "are confirmed by the round before; use policy \"immediate\" without it");
    }
    FS_TRY(number_in_range("anomaly.norm_limit", anomaly.norm_limit, 0.0, 1e6));
    FS_TRY(number_in_range("anomaly.cosine_limit", anomaly.cosine_limit, -1.0, 1.0));
    FS_TRY(number_in_range("anomaly.distance_limit", anomaly.distance_limit, 0.0, 1e6));
    return in_range("anomaly.signals_to_strike", anomaly.signals_to_strike, 0U, 3U);
}

Status check_hidden(const ModelRules& model) {
    if (model.kind != "mlp") {
        if (model.hidden.empty()) return {};
        return refuse(fmt::format(
            "model.hidden has {} entries, must be empty for model.kind \"{}\" (only \"mlp\" has "
            "hidden layers)",
            model.hidden.size(), model.kind));
    }
    FS_TRY(in_range("number of model.hidden entries", model.hidden.size(), std::size_t{1},
                    kLayersMax));
    for (std::size_t i = 0; i < model.hidden.size(); ++i) {
        FS_TRY(in_range(fmt::format("model.hidden[{}]", i), model.hidden[i], 1U, kWidthMax));
    }
    return {};
}

Status check_site_local(const ModelRules& model) {
    FS_TRY(in_range("number of model.site_local entries", model.site_local.size(), std::size_t{0},
                    kPatternsMax));
    for (std::size_t i = 0; i < model.site_local.size(); ++i) {
        const std::string& pattern = model.site_local[i];
        const bool printable =
            std::all_of(pattern.begin(), pattern.end(), [](char c) { return c > ' ' && c <= '~'; });
        if (pattern.empty() || pattern.size() > kPatternLengthMax || !printable) {
            return refuse(fmt::format(
                "model.site_local[{}] must be a parameter name or pattern such as \"*.bias\", 1 to "
                "{} printable ASCII characters without spaces",
                i, kPatternLengthMax));
        }
    }
    return {};
}

Status check(const ModelRules& model) {
    FS_TRY(one_of("model.kind", model.kind, {"logistic", "mlp", "torchscript"}));
    FS_TRY(in_range("model.inputs", model.inputs, 1U, kCountMax));
    FS_TRY(in_range("model.outputs", model.outputs, 1U, kWidthMax));
    FS_TRY(check_hidden(model));
    FS_TRY(check_site_local(model));
    const bool script = model.kind == "torchscript";
    if (script && model.script_digest.is_zero()) {
        return refuse(
            "model.script_digest is missing, must be the SHA-256 (sha256sum) of the TorchScript "
            "file for model.kind \"torchscript\"");
    }
    if (!script && !model.script_digest.is_zero()) {
        return refuse(fmt::format(
            "model.script_digest is set, must be left out for model.kind \"{}\"", model.kind));
    }
    return in_range("model.init_seed", model.init_seed, std::uint64_t{0}, kSeedMax);
}

Status check(const TrainingRules& training) {
    FS_TRY(one_of("training.algorithm", training.algorithm, {"fedavg", "fedprox"}));
    FS_TRY(one_of("training.optimizer", training.optimizer, {"sgd", "adam"}));
    FS_TRY(positive_to("training.learning_rate", training.learning_rate, 100.0));
    FS_TRY(number_in_range("training.momentum", training.momentum, 0.0, 0.9999));
    FS_TRY(number_in_range("training.weight_decay", training.weight_decay, 0.0, 1.0));
    FS_TRY(number_in_range("training.proximal_mu", training.proximal_mu, 0.0, 1000.0));
    if (training.momentum != 0.0 && training.optimizer != "sgd") {
        return refuse(fmt::format(
            "training.momentum is {}, must be 0 for training.optimizer \"{}\" (only \"sgd\" uses "
            "it)",
            training.momentum, training.optimizer));
    }
    if (training.proximal_mu != 0.0 && training.algorithm != "fedprox") {
        return refuse(fmt::format(
            "training.proximal_mu is {}, must be 0 for training.algorithm \"{}\" (only \"fedprox\" "
            "uses it)",
            training.proximal_mu, training.algorithm));
    }
    FS_TRY(in_range("training.local_steps", training.local_steps, 1U, kCountMax));
    FS_TRY(in_range("training.batch_size", training.batch_size, 1U, kCountMax));
    return in_range("training.seed", training.seed, std::uint64_t{0}, kSeedMax);
}

Status check(const ScheduleRules& schedule) {
    constexpr auto kSites = static_cast<std::uint32_t>(limits::kSitesMax);
    constexpr auto kAuditors = static_cast<std::uint32_t>(limits::kAuditorsMax);
    FS_TRY(in_range("schedule.quorum", schedule.quorum, 1U, kSites));
    FS_TRY(in_range("schedule.collect_deadline (ms)", schedule.collect_deadline.ms, std::int64_t{1},
                    kDeadlineMaxMs));
    FS_TRY(in_range("schedule.auditors_needed", schedule.auditors_needed, 0U, kAuditors));
    FS_TRY(in_range("schedule.attest_deadline (ms)", schedule.attest_deadline.ms, std::int64_t{1},
                    kDeadlineMaxMs));
    return in_range("schedule.attempts_max", schedule.attempts_max, 1U, 100U);
}

// What the contracts take at most for what auditors only attest (a fifth of the stake).
constexpr unsigned kAttestedSlashBpsMax = 2000;

Status check(const SettlementRules& settlement) {
    FS_TRY(amount_in_range("settlement.round_budget", settlement.round_budget, 0));
    FS_TRY(amount_in_range("settlement.min_stake", settlement.min_stake, 0));
    FS_TRY(amount_in_range("settlement.stake_per_score", settlement.stake_per_score, 1));
    FS_TRY(in_range("settlement.strikes_to_accuse", settlement.strikes_to_accuse, 1U, 1000U));
    FS_TRY(in_range("settlement.slash_bps_max", unsigned{settlement.slash_bps_max}, 0U,
                    kAttestedSlashBpsMax));
    if (settlement.slash_bps > settlement.slash_bps_max) {
        return refuse(
            fmt::format("settlement.slash_bps is {}, must be 0 to settlement.slash_bps_max ({})",
                        settlement.slash_bps, settlement.slash_bps_max));
    }
    return {};
}

// Weights and biases of all layers in a row, e.g. {13, 64, 1}.
std::uint64_t dense_parameters(const ModelRules& model) {
    std::uint64_t total = 0;
    std::uint64_t width = model.inputs;
    for (const std::uint32_t next : model.hidden) {
        total += (width + 1) * next;
        width = next;
    }
    return total + (width + 1) * model.outputs;
}

}  // namespace

Status RoundRules::validate() const {
    FS_TRY(in_range("version", version, kVersion, kVersion));
    FS_TRY(in_range("coordinates", coordinates, std::uint64_t{1}, limits::kCoordinatesMax));
    FS_TRY(check(aggregation));
    FS_TRY(check(anomaly));
    FS_TRY(check(model));
    FS_TRY(check(training));
    FS_TRY(check(schedule));
    return check(settlement);
}

Status RoundRules::check_coordinates() const {
    if (model.kind == "torchscript") return {};
    const std::uint64_t total = dense_parameters(model);
    if (model.site_local.empty() && coordinates != total) {
        return refuse(fmt::format(
            "coordinates is {}, must be {}: the {} model has {} parameters and model.site_local "
            "keeps none at the site",
            coordinates, total, model.kind, total));
    }
    if (!model.site_local.empty() && coordinates >= total) {
        return refuse(
            fmt::format("coordinates is {}, must be below {}: the {} model has {} parameters and "
                        "model.site_local keeps some at the site",
                        coordinates, total, model.kind, total));
    }
    return {};
}

}  // namespace fedstake::rules
