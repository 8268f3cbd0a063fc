// Canonical encoding of the rules and their digest.
//
// Every list is a u32 count and its items; every text a u64 length and its bytes; parameters go in
// ascending order of name; zero is always written as +0.0. So equal rules have equal bytes.
#include "proto/rules/round_rules.hpp"

#include <algorithm>

#include "proto/crypto/sha256.hpp"

namespace fedstake::rules {

namespace {

void write_count(ByteWriter& out, std::size_t count) {
    out.u32(static_cast<std::uint32_t>(count));
}

void write_number(ByteWriter& out, double value) {
    out.f64_bits(value == 0.0 ? 0.0 : value);
}

void write(ByteWriter& out, const Step& step) {
    std::vector<Parameter> sorted = step.parameters;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const Parameter& a, const Parameter& b) { return a.name < b.name; });
    out.text(step.name);
    write_count(out, sorted.size());
    for (const Parameter& parameter : sorted) {
        out.text(parameter.name);
        write_number(out, parameter.value);
    }
}

void write(ByteWriter& out, const AggregationRules& aggregation) {
    write(out, aggregation.rule);
    write_count(out, aggregation.pre.size());
    for (const Step& step : aggregation.pre) write(out, step);
    out.u32(aggregation.f);
    out.u8(aggregation.scale_bits);
    out.u32(static_cast<std::uint32_t>(aggregation.coordinate_max));
}

void write(ByteWriter& out, const AnomalyRules& anomaly) {
    out.u8(static_cast<std::uint8_t>(anomaly.policy)).u8(anomaly.look_back ? 1 : 0);
    write_number(out, anomaly.norm_limit);
    write_number(out, anomaly.cosine_limit);
    write_number(out, anomaly.distance_limit);
    out.u32(anomaly.signals_to_strike);
}

void write(ByteWriter& out, const ModelRules& model) {
    out.text(model.kind).u32(model.inputs).u32(model.outputs);
    write_count(out, model.hidden.size());
    for (const std::uint32_t width : model.hidden) out.u32(width);
    write_count(out, model.site_local.size());
    for (const std::string& pattern : model.site_local) out.text(pattern);
    out.raw(model.script_digest.bytes).u64(model.init_seed);
}

void write(ByteWriter& out, const TrainingRules& training) {
    out.text(training.algorithm).text(training.optimizer);
    write_number(out, training.learning_rate);
    write_number(out, training.momentum);
    write_number(out, training.weight_decay);
    write_number(out, training.proximal_mu);
    out.u32(training.local_steps).u32(training.batch_size).u64(training.seed);
}

void write(ByteWriter& out, const ScheduleRules& schedule) {
    out.u32(schedule.quorum)
        .i64(schedule.collect_deadline.ms)
        .u32(schedule.auditors_needed)
        .i64(schedule.attest_deadline.ms)
        .u32(schedule.attempts_max);
}

void write(ByteWriter& out, const SettlementRules& settlement) {
    out.u128(settlement.round_budget)
        .u128(settlement.min_stake)
        .u128(settlement.stake_per_score)
        .u32(settlement.strikes_to_accuse)
        .u16(settlement.slash_bps)
        .u16(settlement.slash_bps_max);
}

}  // namespace

std::string_view anomaly_policy_name(AnomalyPolicy policy) noexcept {
    switch (policy) {
        case AnomalyPolicy::kImmediate: return "immediate";
        case AnomalyPolicy::kCautious: return "cautious";
    }
    return {};
}

Bytes RoundRules::encode() const {
    ByteWriter out;
    out.u32(version).u64(coordinates);
    write(out, aggregation);
    write(out, anomaly);
    write(out, model);
    write(out, training);
    write(out, schedule);
    write(out, settlement);
    return out.take();
}

Digest RoundRules::digest() const {
    return crypto::sha256(encode());
}

}  // namespace fedstake::rules
