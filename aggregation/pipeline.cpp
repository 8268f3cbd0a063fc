// evaluate_round(): the steps of a round in order.
#include "aggregation/pipeline.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "aggregation/admission.hpp"
#include "aggregation/anomaly.hpp"
#include "aggregation/combine.hpp"
#include "aggregation/distances.hpp"
#include "aggregation/plan.hpp"
#include "aggregation/score.hpp"
#include "proto/base/check.hpp"
#include "proto/crypto/sha256.hpp"

namespace fedstake::aggregation {
namespace {

class RoundEvaluation {
public:
    RoundEvaluation(const RoundInput& input, const RoundOptions& options)
        : input_(input), options_(options), pool_(std::max(1U, options.threads)) {}

    Result<RoundOutcome> run() {
        FS_ASSIGN(admitted_, admit_updates(input_, pool_));
        start_report();
        FS_TRY(judge_anomalies());
        FS_TRY(apply_rule());
        score();
        return settle();
    }

private:
    // Report entries and rows of what passed the gate.
    void start_report() {
        for (const AdmittedUpdate& entry : admitted_) {
            SiteReport site;
            site.site = entry.update->signed_update.statement.site;
            site.update_root = entry.update->signed_update.statement.update_root;
            site.standing = rules::Standing::kExcluded;
            site.reason = entry.reason;
            if (entry.reason == Reason::kNone) {
                site.standing = rules::Standing::kAccepted;
                gated_.push_back(report_.sites.size());
            }
            report_.sites.push_back(site);
        }
    }

    [[nodiscard]] Result<Distances> measure(std::span<const Row> rows) {
        return measure_distances(rows, input_.rules->coordinates, pool_, options_.memory_bytes_max,
                                 true);
    }

    Status judge_anomalies() {
        if (gated_.empty()) {
            return fail(Errc::kNotNow, fmt::format("round {}: none of {} updates passed the gate",
                                                   input_.context->round, admitted_.size()));
        }
        std::vector<Row> rows;
        for (const std::size_t site : gated_) {
            rows.push_back({.values = admitted_[site].update->values});
        }
        FS_ASSIGN(Distances distances, measure(rows));
        const std::vector<Figures> figures =
            anomaly_figures(distances, input_.rules->anomaly, input_.rules->aggregation.scale_bits);
        std::vector<std::size_t> kept;
        for (std::size_t i = 0; i < gated_.size(); ++i) {
            SiteReport& site = report_.sites[gated_[i]];
            site.figures = figures[i];
            if (is_anomalous(figures[i], input_.rules->anomaly)) {
                site.standing = rules::Standing::kStrike;
                site.reason = Reason::kAnomalous;
            } else {
                kept.push_back(i);
                survivors_.push_back(gated_[i]);
                rows_.push_back(rows[i]);
            }
        }
        distances_ = distances.restricted_to(kept);
        return {};
    }

    // The largest f that the chain supports with the survivors, from the
    // configured one down to what is left of it when every excluded update counts
    // as one of the f.
    Result<std::uint32_t> choose_f(const Chain& chain) const {
        const std::size_t excluded = admitted_.size() - survivors_.size();
        const auto f = std::size_t{input_.rules->aggregation.f};
        const std::size_t lowest = f > excluded ? f - excluded : 0;
        for (std::size_t candidate = f;; --candidate) {
            const auto tried = static_cast<std::uint32_t>(candidate);
            const auto supported = survivors_.empty()
                                       ? fail(Errc::kInvalidInput, "no update is left")
                                       : check_support(chain, survivors_.size(), tried);
            if (supported) {
                return tried;
            }
            if (candidate == lowest) {
                return fail(Errc::kNotNow,
                            fmt::format("round {}: {} of {} updates were excluded and {}",
                                        input_.context->round, excluded, admitted_.size(),
                                        supported.error().message));
            }
        }
    }

    // Rules name a trusted site by its place in the cohort; among the survivors
    // it has another.
    Status find_trusted(Chain& chain) const {
        for (std::size_t k = 0; k < chain.parameters.size(); ++k) {
            if (chain.rule->parameters[k].name != "trusted" || !chain.parameters[k]) {
                continue;
            }
            const auto place = static_cast<std::size_t>(*chain.parameters[k]);
            const auto& cohort = input_.context->cohort;
            const auto found =
                std::find_if(survivors_.begin(), survivors_.end(), [&](std::size_t index) {
                    return place < cohort.size() && report_.sites[index].site == cohort[place].site;
                });
            if (found == survivors_.end()) {
                return fail(
                    Errc::kNotNow,
                    fmt::format("round {}: rule {} needs the update of the trusted site, "
                                "number {} of the cohort of {}, which is not there or was "
                                "excluded",
                                input_.context->round, chain.rule->name, place, cohort.size()));
            }
            chain.parameters[k] = static_cast<double>(found - survivors_.begin());
        }
        return {};
    }

    // Of every random choice: nobody knows it before all updates are in.
    [[nodiscard]] Digest seed() const {
        std::vector<rules::SignedUpdate> updates;
        for (const AdmittedUpdate& entry : admitted_) {
            updates.push_back(entry.update->signed_update);
        }
        ByteWriter writer;
        writer.raw(input_.context->digest().view())
            .raw(rules::updates_root(input_.domain, updates).view());
        return crypto::sha256(writer.take());
    }

    Status apply_rule() {
        const rules::AggregationRules& rules = input_.rules->aggregation;
        FS_ASSIGN(Chain chain, find_chain(rules));
        FS_TRY(check_rounds(*chain.rule));
        if (needs_centre(chain) && survivors_.size() < gated_.size()) {
            FS_ASSIGN(distances_, measure(rows_));  // the centre of all gated rows is another one
        }
        FS_TRY(find_trusted(chain));
        FS_ASSIGN(report_.f, choose_f(chain));
        report_.rule = chain.rule->name;
        const RuleMemory memory;
        FS_ASSIGN(const Plan plan,
                  plan_aggregate({.chain = &chain,
                                  .f = report_.f,
                                  .rows = rows_,
                                  .n = rows_.size(),
                                  .coordinates = input_.rules->coordinates,
                                  .geometry = Geometry(distances_),
                                  .unit = std::ldexp(1.0, -static_cast<int>(rules.scale_bits)),
                                  .seed = seed(),
                                  .memory = &memory,
                                  .memory_bytes = options_.memory_bytes_max}));
        const Combination effective = effective_weights(plan);
        report_.weight_denominator = effective.denominator;
        for (std::size_t i = 0; i < survivors_.size(); ++i) {
            SiteReport& site = report_.sites[survivors_[i]];
            site.weight = effective.weights[i];
            if (site.weight == 0) {
                site.standing = rules::Standing::kExcluded;
                site.reason = Reason::kNotSelected;
            } else {
                contributors_.push_back(i);
            }
        }
        return combine(plan);
    }

    Status combine(const Plan& plan) {
        const CombineTask task{.rows = rows_,
                               .map = &plan.map,
                               .combination = &plan.answer.combination,
                               .memory_rows = {},
                               .coordinates = input_.rules->coordinates,
                               .scale_bits = input_.rules->aggregation.scale_bits,
                               .base_model = input_.base_model,
                               .memory_bytes = options_.memory_bytes_max,
                               .aggregate_sink = &options_.aggregate_sink,
                               .model_sink = &options_.model_sink,
                               .memory_sinks = {}};
        FS_ASSIGN(const CombinedRoots roots, combine_rows(task, pool_));
        if (roots.base_model != input_.context->base_model) {
            return fail(Errc::kCorrupt,
                        fmt::format("base model: the stored values have content root {}, round {} "
                                    "was opened with {}",
                                    roots.base_model.hex(), input_.context->round,
                                    input_.context->base_model.hex()));
        }
        report_.aggregate_root = roots.aggregate;
        report_.model = roots.model;
        return {};
    }

    void score() {
        const std::vector<std::uint64_t> scores =
            contribution_scores(distances_.restricted_to(contributors_));
        for (std::size_t k = 0; k < contributors_.size(); ++k) {
            report_.sites[survivors_[contributors_[k]]].score = scores[k];
        }
    }

    Result<RoundOutcome> settle() {
        std::vector<rules::SiteScore> scores;
        for (const SiteReport& site : report_.sites) {
            scores.push_back({.site = site.site, .score = site.score, .standing = site.standing});
        }
        RoundOutcome outcome;
        FS_ASSIGN(outcome.settlement, rules::settle(*input_.context, *input_.rules, scores));
        outcome.commitment = commit(outcome.settlement);
        outcome.faults = accuse(outcome.settlement, outcome.commitment.struct_hash());
        outcome.report = std::move(report_);
        return outcome;
    }

    [[nodiscard]] crypto::RoundCommitment commit(const rules::Settlement& settlement) const {
        const rules::RoundContext& context = *input_.context;
        std::vector<rules::SignedUpdate> updates;
        for (const AdmittedUpdate& entry : admitted_) {
            updates.push_back(entry.update->signed_update);
        }
        return {.federation = context.federation,
                .round = context.round,
                .attempt = context.attempt,
                .sites = static_cast<std::uint32_t>(admitted_.size()),
                .coordinates = input_.rules->coordinates,
                .reward_total = settlement.reward_total,
                .score_sum = settlement.score_sum,
                .context_digest = context.digest(),
                .parent_model = context.base_model,
                .model = report_.model,
                .updates_root = rules::updates_root(input_.domain, updates),
                .aggregate_root = report_.aggregate_root,
                .report_digest = report_.digest(),
                .scores_root = settlement.scores_root,
                .rewards_root = settlement.rewards_root};
    }

    [[nodiscard]] std::vector<crypto::AttestedFault> accuse(const rules::Settlement& settlement,
                                                            const Digest& evidence) const {
        std::vector<crypto::AttestedFault> faults;
        for (const rules::SiteSettlement& site : settlement.sites) {
            if (site.accused) {
                faults.push_back({.federation = input_.context->federation,
                                  .round = input_.context->round,
                                  .site = site.site,
                                  .kind = crypto::FaultKind::kPoisoning,
                                  .bps = site.accused_bps,
                                  .evidence_root = evidence,
                                  .deadline = 0});
            }
        }
        return faults;
    }

    const RoundInput& input_;
    const RoundOptions& options_;
    WorkerPool pool_;
    std::vector<AdmittedUpdate> admitted_;  // by site, as report_.sites
    RoundReport report_;
    std::vector<std::size_t> gated_;         // report indices that passed the gate
    std::vector<std::size_t> survivors_;     // report indices that the rule works on
    std::vector<Row> rows_;                  // one for each survivor
    Distances distances_;                    // of the survivors, before pre-aggregation
    std::vector<std::size_t> contributors_;  // survivors with a weight
};

}  // namespace

Result<RoundOutcome> evaluate_round(const RoundInput& input, const RoundOptions& options) {
    FS_CHECK(input.rules != nullptr && input.context != nullptr && input.base_model != nullptr);
    return RoundEvaluation(input, options).run();
}

}  // namespace fedstake::aggregation
