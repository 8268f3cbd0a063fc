// evaluate_round(): the steps of a round in order.
#include "aggregation/pipeline.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "aggregation/admission.hpp"
#include "aggregation/carried_state.hpp"
#include "aggregation/combine.hpp"
#include "aggregation/distances.hpp"
#include "aggregation/earlier_vectors.hpp"
#include "aggregation/judgement.hpp"
#include "aggregation/outcome.hpp"
#include "aggregation/plan.hpp"
#include "aggregation/round_rule.hpp"
#include "aggregation/score.hpp"
#include "proto/base/check.hpp"
#include "proto/crypto/content_tree.hpp"

namespace fedstake::aggregation {
namespace {

constexpr std::size_t kNowhere = std::numeric_limits<std::size_t>::max();

class RoundEvaluation {
public:
    RoundEvaluation(const RoundInput& input, const RoundOptions& options)
        : input_(input),
          options_(options),
          pool_(std::max(1U, options.threads)),
          zeros_(zero_source(input.rules->coordinates)) {}

    Result<RoundOutcome> run() {
        FS_ASSIGN(admitted_, admit_updates(input_, pool_));
        FS_ASSIGN(earlier_, EarlierVectors::open(input_, pool_));
        seed_ = round_seed(input_, admitted_);
        FS_ASSIGN(chain_, find_chain(input_.rules->aggregation));
        start_report();
        FS_TRY(judge());
        FS_TRY(apply_rule());
        score();
        FS_TRY(leave_state());
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

    Status judge() {
        if (gated_.empty()) {
            return fail(Errc::kNotNow, fmt::format("round {}: none of {} updates passed the gate",
                                                   input_.context->round, admitted_.size()));
        }
        std::vector<const AdmittedUpdate*> gated;
        for (const std::size_t site : gated_) {
            gated.push_back(&admitted_[site]);
        }
        FS_ASSIGN(Judgement judgement,
                  judge_updates(input_, options_, gated, earlier_, seed_, pool_));
        report_.limits = judgement.limits;
        const std::optional<SiteId> trusted = trusted_site(chain_, *input_.context);
        std::vector<std::size_t> kept;
        std::vector<std::size_t> place(gated_.size(), kNowhere);
        for (std::size_t i = 0; i < gated_.size(); ++i) {
            SiteReport& site = report_.sites[gated_[i]];
            site.figures = judgement.figures[i];
            site.verdict = judgement.verdicts[i];
            if (site.site == trusted) {
                detect::acquit(site.verdict);  // whoever it is measured by cannot judge it
            }
            apply_verdict(site);
            if (site.standing == rules::Standing::kAccepted) {
                place[i] = kept.size();
                kept.push_back(i);
                survivors_.push_back(gated_[i]);
                sites_.push_back(site.site);
                rows_.push_back({.values = gated[i]->update->values});
            }
        }
        for (std::vector<std::size_t>& group : judgement.groups) {
            for (std::size_t& row : group) {
                row = place[row];
            }
        }
        groups_ = std::move(judgement.groups);
        history_ = std::move(judgement.history);
        distances_ = judgement.distances.restricted_to(kept);
        return {};
    }

    static void apply_verdict(SiteReport& site) {
        switch (site.verdict.outcome) {
            case detect::Outcome::kAccepted: break;
            case detect::Outcome::kDownWeighted: site.reason = Reason::kSharesWeight; break;
            case detect::Outcome::kExcluded:
                site.standing = rules::Standing::kExcluded;
                site.reason = Reason::kUnconfirmed;
                break;
            case detect::Outcome::kStrike:
                site.standing = rules::Standing::kStrike;
                site.reason = Reason::kAnomalous;
                break;
        }
    }

    // What the rule works on: the distances of the survivors' rows and of its own vectors.
    Status measure_rows(const Chain& chain) {
        const std::vector<Row> kept = memory_rows(*chain.rule, input_, sites_, earlier_, *zeros_);
        rows_.insert(rows_.end(), kept.begin(), kept.end());
        // The centre of all gated rows is another one.
        if (kept.empty() && !(needs_centre(chain) && survivors_.size() < gated_.size())) {
            geometry_ = Geometry(distances_);
            return {};
        }
        FS_ASSIGN(const Distances measured,
                  measure_distances(rows_, input_.rules->coordinates, pool_,
                                    options_.memory_bytes_max, needs_centre(chain), kept.size()));
        geometry_ = Geometry(measured);
        return {};
    }

    Status apply_rule() {
        const rules::AggregationRules& rules = input_.rules->aggregation;
        Chain& chain = chain_;
        FS_TRY(measure_rows(chain));
        FS_TRY(find_trusted(chain, *input_.context, sites_));
        FS_ASSIGN(report_.f, choose_f(chain, input_, admitted_.size(), survivors_.size()));
        share_weights(chain);
        report_.rule = chain.rule->name;
        std::vector<const rules::SignedUpdate*> updates;
        for (const std::size_t site : survivors_) {
            updates.push_back(&admitted_[site].update->signed_update);
        }
        const std::vector<double> claimed = claims_of(*chain.rule, updates);
        FS_ASSIGN(Plan plan,
                  plan_aggregate({.chain = &chain,
                                  .f = report_.f,
                                  .rows = rows_,
                                  .n = survivors_.size(),
                                  .coordinates = input_.rules->coordinates,
                                  .geometry = geometry_,
                                  .unit = std::ldexp(1.0, -static_cast<int>(rules.scale_bits)),
                                  .seed = seed_,
                                  .memory = &rule_memory(),
                                  .merge = merge_ ? &*merge_ : nullptr,
                                  .claims = claimed,
                                  .memory_bytes = options_.memory_bytes_max}));
        // Of rules by columns, which have no weights, and of weights that sites claim, which nobody
        // can check, a site's score takes only whether there is one.
        only_whether_ = plan.answer.combination.columns != ColumnRule::kWeightedMean ||
                        chain.rule->needs.claims;
        const Combination effective = effective_weights(plan);
        report_.weight_denominator = effective.denominator;
        for (std::size_t i = 0; i < survivors_.size(); ++i) {
            SiteReport& site = report_.sites[survivors_[i]];
            site.weight = effective.weights[i];
            if (site.weight == 0) {
                site.standing = rules::Standing::kExcluded;
                site.reason = Reason::kNotSelected;
            }
        }
        FS_TRY(combine(plan, *chain.rule));
        outcome_.state.rule = std::move(plan.answer.memory);
        return {};
    }

    // Coalitions count as one row, unless the rule looks at single rows or could not tolerate as
    // many hostile ones among fewer: then nobody shares, whatever fired.
    void share_weights(const Chain& chain) {
        if (groups_.empty()) {
            return;
        }
        const RowMap merge = merge_groups(survivors_.size(), groups_);
        if (!looks_at_single_rows(*chain.rule) &&
            check_support(chain, merge.rows_out(), report_.f)) {
            merge_ = merge;
            return;
        }
        for (const std::vector<std::size_t>& group : groups_) {
            for (const std::size_t row : group) {
                SiteReport& site = report_.sites[survivors_[row]];
                site.reason = Reason::kNone;
                detect::acquit(site.verdict);
            }
        }
        groups_.clear();
    }

    [[nodiscard]] const RuleMemory& rule_memory() const {
        static const RuleMemory kNothing;
        return input_.state == nullptr ? kNothing : input_.state->rule;
    }

    Status combine(const Plan& plan, const RuleInfo& rule) {
        std::vector<ByteSink> sinks;
        for (std::size_t i = 0; options_.vector_sink && i < plan.answer.memory_rows.size(); ++i) {
            FS_ASSIGN(ByteSink sink, options_.vector_sink(i));
            sinks.push_back(std::move(sink));
        }
        const CombineTask task{.rows = rows_,
                               .map = &plan.map,
                               .combination = &plan.answer.combination,
                               .memory_rows = plan.answer.memory_rows,
                               .coordinates = input_.rules->coordinates,
                               .scale_bits = input_.rules->aggregation.scale_bits,
                               .base_model = input_.base_model,
                               .memory_bytes = options_.memory_bytes_max,
                               .aggregate_sink = &options_.aggregate_sink,
                               .model_sink = &options_.model_sink,
                               .memory_sinks = sinks};
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
        outcome_.state.vectors = vectors_after(rule, input_, sites_, roots.memory_rows);
        return {};
    }

    // Rows that count as one are one row here too, and divide its score.
    void score() {
        const RowMap merge = merge_ ? *merge_ : RowMap::identity(survivors_.size());
        std::vector<ScoredRow> rows;
        for (std::size_t out = 0; out < merge.rows_out(); ++out) {
            ScoredRow row{.members = {}, .weight = 0.0};
            for (std::size_t i = 0; i < survivors_.size(); ++i) {
                if (merge.weight(out, i) != 0) {
                    row.members.push_back(i);
                    const auto weight = static_cast<double>(report_.sites[survivors_[i]].weight);
                    row.weight = only_whether_ ? std::max(row.weight, std::min(weight, 1.0))
                                               : row.weight + weight;
                }
            }
            rows.push_back(std::move(row));
        }
        const std::vector<std::uint64_t> scores = contribution_scores(Geometry(distances_), rows);
        for (std::size_t i = 0; i < survivors_.size(); ++i) {
            report_.sites[survivors_[i]].score = scores[i];
        }
    }

    Status leave_state() {
        RoundState& state = outcome_.state;
        state.history = std::move(history_);
        std::vector<SiteVector> updates;
        for (const std::size_t site : gated_) {
            updates.push_back(
                {.site = report_.sites[site].site, .root = report_.sites[site].update_root});
        }
        add_round(input_, report_.aggregate_root, std::move(updates), state);
        const Bytes bytes = state.encode();
        report_.state = crypto::content_root_of(bytes);
        // Nobody may sign what nobody can read: the federation would stop at the next round.
        const auto state_again = RoundState::decode(bytes);
        const auto report_again = RoundReport::decode(report_.encode());
        if (!state_again || !report_again) {
            return fail(Errc::kInternal,
                        fmt::format("round {}: {} that cannot be read back: {}",
                                    input_.context->round, state_again ? "a report" : "a state",
                                    state_again ? report_again.error().message
                                                : state_again.error().message));
        }
        return {};
    }

    Result<RoundOutcome> settle() {
        std::vector<rules::SiteScore> scores;
        for (const SiteReport& site : report_.sites) {
            scores.push_back({.site = site.site, .score = site.score, .standing = site.standing});
        }
        RoundOutcome outcome = std::move(outcome_);
        FS_ASSIGN(outcome.settlement, rules::settle(*input_.context, *input_.rules, scores));
        outcome.report = std::move(report_);
        outcome.commitment = commit(input_, admitted_, outcome.report, outcome.settlement);
        outcome.faults = accuse(*input_.context, outcome.settlement, outcome.commitment);
        return outcome;
    }

    const RoundInput& input_;
    const RoundOptions& options_;
    WorkerPool pool_;
    std::unique_ptr<VectorSource> zeros_;
    std::vector<AdmittedUpdate> admitted_;  // by site, as report_.sites
    EarlierVectors earlier_;
    Digest seed_;
    Chain chain_;
    RoundReport report_;
    RoundOutcome outcome_;                          // what is known of it
    std::vector<std::size_t> gated_;                // report indices that passed the gate
    std::vector<std::size_t> survivors_;            // report indices that the rule works on
    std::vector<SiteId> sites_;                     // of the survivors
    std::vector<Row> rows_;                         // of the survivors, then the rule's own vectors
    Distances distances_;                           // of the survivors, before pre-aggregation
    Geometry geometry_;                             // of rows_
    detect::History history_;                       // for the next round
    std::vector<std::vector<std::size_t>> groups_;  // of survivors that count as one
    std::optional<RowMap> merge_;                   // where they do
    bool only_whether_ = false;                     // scores know weights as 0 and 1 only
};

}  // namespace

Result<RoundOutcome> evaluate_round(const RoundInput& input, const RoundOptions& options) {
    FS_CHECK(input.rules != nullptr && input.context != nullptr && input.base_model != nullptr);
    return RoundEvaluation(input, options).run();
}

}  // namespace fedstake::aggregation
