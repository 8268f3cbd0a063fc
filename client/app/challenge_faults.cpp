// Comparisons of documents, in the order of a round.
#include "client/app/challenge_faults.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "aggregation/pipeline.hpp"
#include "proto/crypto/keccak_tree.hpp"
#include "proto/rules/settlement.hpp"

namespace fedstake::client {

namespace {

using aggregation::RoundReport;
using rules::RoundContext;

std::string differs(const char* what, const std::string& claimed, const std::string& expected) {
    return fmt::format("{} is {}, and has to be {}", what, claimed, expected);
}

std::string round_text(const crypto::RoundCommitment& c) {
    return fmt::format("round {} attempt {}", c.round, c.attempt);
}

// The rewards tree that the members' rewards so far make, with the salt of the round before.
Digest rewards_before(const RoundContext& context, const RoundContext& parent) {
    std::vector<Digest> leaves;
    for (const rules::CohortMember& member : context.cohort) {
        if (member.cumulative_reward == 0) continue;
        leaves.push_back(rules::reward_leaf(leaves.size(), member.site, member.cumulative_reward,
                                            rules::leaf_salt(parent, member.site)));
    }
    return crypto::keccak_root(leaves);
}

std::string problem_at_start(const RoundContext& context) {
    if (context.previous_aggregate != Digest{}) return "it names an aggregate before round 1";
    if (context.previous_rewards_root != Digest{}) return "it names rewards before round 1";
    if (context.previous_state != Digest{}) return "it names a state before round 1";
    for (const rules::CohortMember& member : context.cohort) {
        if (member.cumulative_reward != 0) {
            return "site " + member.site.hex() + " has rewards before round 1";
        }
    }
    return {};
}

std::string problem_after(const RoundContext& context, const RoundPapers& parent) {
    const crypto::RoundCommitment& before = parent.commitment;
    if (context.previous_aggregate != before.aggregate_root) {
        return differs("the aggregate of the round before", context.previous_aggregate.hex(),
                       before.aggregate_root.hex());
    }
    if (context.previous_rewards_root != before.rewards_root) {
        return differs("the rewards root of the round before", context.previous_rewards_root.hex(),
                       before.rewards_root.hex());
    }
    if (parent.report) {
        const auto report = RoundReport::decode(*parent.report);
        if (report && report->state != context.previous_state) {
            return differs("the state of the round before", context.previous_state.hex(),
                           report->state.hex());
        }
    }
    if (parent.context) {
        const auto its = RoundContext::decode(*parent.context);
        if (its && rewards_before(context, *its) != before.rewards_root) {
            return "the sites' rewards so far are not those of the round before";
        }
    }
    return {};
}

// What is wrong with the context, in words; empty: nothing.
std::string context_problem(const ChallengeTerms& terms, const RoundPapers& papers,
                            const RoundPapers* parent) {
    const auto context = RoundContext::decode(*papers.context);
    if (!context) return "it cannot be read: " + context.error().message;
    const crypto::RoundCommitment& c = papers.commitment;
    if (context->federation != c.federation) return "it is of another federation";
    if (context->round != c.round || context->attempt != c.attempt) {
        return fmt::format("it is of round {} attempt {}", context->round, context->attempt);
    }
    if (context->base_model != c.parent_model) {
        return differs("its base model", context->base_model.hex(), c.parent_model.hex());
    }
    if (const Digest rules = terms.rules->digest(); context->rules_digest != rules) {
        return differs("its rules digest", context->rules_digest.hex(), rules.hex());
    }
    if (c.round == 1) return problem_at_start(*context);
    return parent != nullptr ? problem_after(*context, *parent) : std::string{};
}

std::string weights_problem(const RoundReport& report) {
    for (const aggregation::SiteReport& site : report.sites) {
        const bool accepted = site.standing == rules::Standing::kAccepted;
        if (accepted != (site.weight != 0)) {
            return fmt::format("site {} is {} and has weight {}", site.site.hex(),
                               accepted ? "accepted" : "not accepted", site.weight);
        }
    }
    return {};
}

std::string report_problem(const ChallengeTerms& terms, const RoundPapers& papers) {
    const auto report = RoundReport::decode(*papers.report);
    if (!report) return "it cannot be read: " + report.error().message;
    const crypto::RoundCommitment& c = papers.commitment;
    if (report->sites.size() != c.sites) {
        return fmt::format("it lists {} sites, the commitment {}", report->sites.size(), c.sites);
    }
    if (report->aggregate_root != c.aggregate_root) {
        return differs("its aggregate", report->aggregate_root.hex(), c.aggregate_root.hex());
    }
    if (report->model != c.model) return differs("its model", report->model.hex(), c.model.hex());
    if (terms.rules->coordinates != c.coordinates) {
        return differs("the number of coordinates", std::to_string(c.coordinates),
                       std::to_string(terms.rules->coordinates));
    }
    const rules::AggregationRules& rules = terms.rules->aggregation;
    if (report->rule != rules.rule.name) {
        return differs("its rule", "'" + report->rule + "'", "'" + rules.rule.name + "'");
    }
    if (report->f > rules.f) {
        return differs("its f", std::to_string(report->f), "at most " + std::to_string(rules.f));
    }
    return weights_problem(*report);
}

std::string settlement_problem(const ChallengeTerms& terms, const RoundPapers& papers) {
    const auto report = RoundReport::decode(*papers.report);
    const auto context = RoundContext::decode(*papers.context);
    if (!report || !context) return {};  // find_in_report() and find_in_context() say so
    std::vector<rules::SiteScore> scores;
    for (const aggregation::SiteReport& site : report->sites) {
        scores.push_back({.site = site.site, .score = site.score, .standing = site.standing});
    }
    const auto settlement = rules::settle(*context, *terms.rules, scores);
    if (!settlement) return "it does not follow from anything: " + settlement.error().message;
    const crypto::RoundCommitment& c = papers.commitment;
    if (settlement->reward_total != c.reward_total) {
        return differs("the sum of all rewards", amount_to_string(c.reward_total) + " wei",
                       amount_to_string(settlement->reward_total) + " wei");
    }
    if (settlement->score_sum != c.score_sum) {
        return differs("the sum of scores", std::to_string(c.score_sum),
                       std::to_string(settlement->score_sum));
    }
    if (settlement->scores_root != c.scores_root) {
        return differs("the root of the scores", c.scores_root.hex(),
                       settlement->scores_root.hex());
    }
    if (settlement->rewards_root != c.rewards_root) {
        return differs("the root of the rewards", c.rewards_root.hex(),
                       settlement->rewards_root.hex());
    }
    return {};
}

Finding asked(const char* figure, const std::string& what, const std::string& problem,
              evm::ProofCall proof) {
    return {.figure = figure,
            .text = problem.empty() ? what + " is not what the contracts make of it"
                                    : what + " is wrong: " + problem,
            .proof = std::move(proof),
            .seen = !problem.empty()};
}

// Places of accepted sites with one content.
std::optional<std::pair<std::size_t, std::size_t>> accepted_copy(const RoundReport& report) {
    const auto accepted = [](const aggregation::SiteReport& site) {
        return site.standing == rules::Standing::kAccepted;
    };
    for (std::size_t i = 0; i < report.sites.size(); ++i) {
        for (std::size_t k = 0; accepted(report.sites[i]) && k < i; ++k) {
            if (accepted(report.sites[k]) &&
                report.sites[k].update_root == report.sites[i].update_root) {
                return std::pair(k, i);
            }
        }
    }
    return std::nullopt;
}

std::string updates_problem(const RoundReport& report, const std::vector<evm::UpdateLeaf>& leaves) {
    if (report.sites.size() != leaves.size()) {
        return fmt::format("it lists {} updates, {} were submitted", report.sites.size(),
                           leaves.size());
    }
    for (std::size_t i = 0; i < leaves.size(); ++i) {
        const evm::UpdateLeaf& leaf = leaves[i];
        if (report.sites[i].site != leaf.site) {
            return differs("a site", report.sites[i].site.hex(), leaf.site.hex());
        }
        if (report.sites[i].update_root != leaf.update_root) {
            return differs(("the update of site " + leaf.site.hex()).c_str(),
                           report.sites[i].update_root.hex(), leaf.update_root.hex());
        }
    }
    return {};
}

// A receipt of the round's coordinator, for this attempt.
bool counts_for(const ChallengeTerms& terms, const crypto::RoundCommitment& c,
                const evm::SignedReceipt& given) {
    const crypto::UpdateReceipt& receipt = given.receipt;
    return receipt.federation == c.federation && receipt.round == c.round &&
           receipt.attempt == c.attempt &&
           crypto::verify_statement(terms.domain, receipt, given.signature, terms.coordinator);
}

bool same_attempt(const auto& a, const auto& b) {
    return a.federation == b.federation && a.round == b.round && a.attempt == b.attempt &&
           a.site == b.site;
}

}  // namespace

evm::RoundDocuments documents_of(const ChallengeTerms& terms, const RoundPapers& papers) {
    return {.report = papers.report.value_or(Bytes{}),
            .context = papers.context.value_or(Bytes{}),
            .rules = terms.rules->encode()};
}

std::vector<Finding> find_equivocations(const ChallengeTerms& terms,
                                        std::span<const rules::SignedUpdate> updates) {
    std::vector<Finding> found;
    std::vector<crypto::UpdateStatement> guilty;  // one proof for a site and attempt is enough
    for (std::size_t i = 0; i < updates.size(); ++i) {
        const crypto::UpdateStatement& b = updates[i].statement;
        for (std::size_t k = 0; b.site != terms.self && k < i; ++k) {
            const crypto::UpdateStatement& a = updates[k].statement;
            const bool known = std::ranges::any_of(
                guilty, [&b](const crypto::UpdateStatement& one) { return same_attempt(one, b); });
            if (known || !crypto::contradict(a, b)) continue;
            guilty.push_back(b);
            found.push_back(
                {.figure = "equivocation",
                 .text = fmt::format("site {} signed two updates for round {} attempt {}: {} on "
                                     "base model {}, and {} on base model {}",
                                     a.site.hex(), a.round, a.attempt, a.update_root.hex(),
                                     a.base_model.short_hex(), b.update_root.hex(),
                                     b.base_model.short_hex()),
                 .proof = evm::prove_equivocation(updates[k], updates[i])});
        }
    }
    return found;
}

std::vector<Finding> find_two_receipts(const ChallengeTerms& terms,
                                       std::span<const evm::SignedReceipt> receipts) {
    std::vector<Finding> found;
    const auto signed_by_it = [&terms](const evm::SignedReceipt& one) {
        return crypto::verify_statement(terms.domain, one.receipt, one.signature, terms.coordinator)
            .has_value();
    };
    for (std::size_t i = 0; i < receipts.size(); ++i) {
        for (std::size_t k = 0; signed_by_it(receipts[i]) && k < i; ++k) {
            const crypto::UpdateReceipt& a = receipts[k].receipt;
            const crypto::UpdateReceipt& b = receipts[i].receipt;
            const bool same =
                a.update_root == b.update_root && a.statement_digest == b.statement_digest;
            if (!same_attempt(a, b) || same || !signed_by_it(receipts[k])) continue;
            found.push_back(
                {.figure = "receipts",
                 .text = fmt::format("the coordinator signed two receipts for site {} in round {} "
                                     "attempt {}: for update {} and for update {}",
                                     a.site.hex(), a.round, a.attempt, a.update_root.hex(),
                                     b.update_root.hex()),
                 .proof =
                     evm::prove_coordinator_equivocation(terms.epoch, receipts[k], receipts[i])});
        }
    }
    return found;
}

Finding find_in_context(const ChallengeTerms& terms, const RoundPapers& papers,
                        const RoundPapers* parent) {
    evm::ParentDocuments before;
    if (parent != nullptr) {
        before.commitment = parent->commitment;
        before.context = parent->context.value_or(Bytes{});
        before.report = parent->report.value_or(Bytes{});
    }
    return asked("context", "the context of " + round_text(papers.commitment),
                 context_problem(terms, papers, parent),
                 evm::prove_bad_context(papers.commitment, *papers.context, before));
}

std::vector<Finding> find_in_signatures(const ChallengeTerms& terms, const RoundPapers& papers) {
    const crypto::RoundCommitment& c = papers.commitment;
    const auto context = RoundContext::decode(*papers.context);
    const auto leaves = evm::update_leaves(terms.domain, *papers.updates);
    std::vector<Finding> found;
    const auto add = [&found](const char* figure, std::string text, Result<evm::ProofCall> proof) {
        found.push_back({.figure = figure, .text = std::move(text), .proof = std::nullopt});
        if (proof) found.back().proof = std::move(*proof);
    };
    for (std::size_t i = 0; i < leaves.size(); ++i) {
        const rules::SignedUpdate& update = (*papers.updates)[i];
        const crypto::UpdateStatement& statement = update.statement;
        const std::string whose = "the statement of site " + statement.site.hex();
        if (statement.federation != c.federation || statement.round != c.round ||
            statement.attempt != c.attempt) {
            add("statement",
                fmt::format("{} is for round {} attempt {}, it stands in {}", whose,
                            statement.round, statement.attempt, round_text(c)),
                evm::prove_foreign_statement(c, leaves, i, statement));
        }
        const rules::CohortMember* member = context ? context->find(statement.site) : nullptr;
        if (member == nullptr) {
            if (context)
                add("cohort", whose + " is of a site outside the cohort",
                    fail(Errc::kNotFound, ""));
            continue;
        }
        if (crypto::verify_statement(terms.domain, statement, update.signature, member->signer)) {
            continue;
        }
        const auto place = static_cast<std::size_t>(member - context->cohort.data());
        add("signature", whose + " was not signed by its key " + member->signer.hex(),
            evm::prove_bad_signature(c, leaves, i, update.signature, *papers.context, place));
    }
    return found;
}

std::vector<Finding> find_omissions(const ChallengeTerms& terms, const RoundPapers& papers,
                                    std::span<const evm::SignedReceipt> receipts) {
    const crypto::RoundCommitment& c = papers.commitment;
    const std::vector<evm::UpdateLeaf>& leaves = *papers.leaves;
    std::vector<Finding> found;
    for (const evm::SignedReceipt& signed_receipt : receipts) {
        const crypto::UpdateReceipt& receipt = signed_receipt.receipt;
        if (!counts_for(terms, c, signed_receipt)) continue;
        const auto of_site = std::ranges::find(leaves, receipt.site, &evm::UpdateLeaf::site);
        const bool kept = std::ranges::any_of(leaves, [&receipt](const evm::UpdateLeaf& leaf) {
            return leaf.site == receipt.site && leaf.update_root == receipt.update_root &&
                   leaf.statement_digest == receipt.statement_digest;
        });
        if (kept) continue;
        found.push_back(
            {.figure = "omission",
             .text = fmt::format(
                 "the coordinator signed a receipt for update {} of site {}, and "
                 "{} {}",
                 receipt.update_root.hex(), receipt.site.hex(), round_text(c),
                 of_site == leaves.end() ? "does not hold it" : "holds another one in its place"),
             .proof = evm::prove_omission(c, leaves, signed_receipt)});
    }
    return found;
}

std::vector<std::string> receipts_not_listed(const ChallengeTerms& terms, const RoundPapers& papers,
                                             std::span<const evm::SignedReceipt> receipts) {
    std::vector<std::string> found;
    const auto report = RoundReport::decode(*papers.report);
    if (!report) return found;
    for (const evm::SignedReceipt& given : receipts) {
        const crypto::UpdateReceipt& receipt = given.receipt;
        const bool listed =
            std::ranges::any_of(report->sites, [&receipt](const aggregation::SiteReport& site) {
                return site.site == receipt.site && site.update_root == receipt.update_root;
            });
        if (listed || !counts_for(terms, papers.commitment, given)) continue;
        found.push_back(fmt::format(
            "the coordinator signed a receipt for update {} of site {}, and the report does not "
            "list it: the leaves of {}, which only auditors have, show whether it was left out",
            receipt.update_root.hex(), receipt.site.hex(), round_text(papers.commitment)));
    }
    return found;
}

std::vector<Finding> find_in_report(const ChallengeTerms& terms, const RoundPapers& papers) {
    const crypto::RoundCommitment& c = papers.commitment;
    const std::string what = "the report of " + round_text(c);
    const auto report = RoundReport::decode(*papers.report);
    std::vector<Finding> found;
    if (report && papers.leaves) {
        const std::string problem = updates_problem(*report, *papers.leaves);
        if (!problem.empty()) {
            found.push_back(asked("updates", what, problem,
                                  evm::prove_updates_differ(c, *papers.leaves, *papers.report)));
        }
    }
    evm::RoundDocuments documents = documents_of(terms, papers);
    // Rules count only where the context names them; another digest is the context's fault.
    const auto context = RoundContext::decode(documents.context);
    if (!context || context->rules_digest != terms.rules->digest()) documents.rules.clear();
    found.push_back(
        asked("report", what, report_problem(terms, papers), evm::prove_bad_report(c, documents)));
    if (const auto copy = report ? accepted_copy(*report) : std::nullopt) {
        found.push_back(
            {.figure = "copy",
             .text = fmt::format("the updates of sites {} and {} have one content, and both were "
                                 "accepted",
                                 report->sites[copy->first].site.hex(),
                                 report->sites[copy->second].site.hex()),
             .proof = evm::prove_copy_accepted(c, *papers.report, copy->first, copy->second)});
    }
    return found;
}

Finding find_in_settlement(const ChallengeTerms& terms, const RoundPapers& papers) {
    return asked("settlement", "the settlement of " + round_text(papers.commitment),
                 settlement_problem(terms, papers),
                 evm::prove_bad_settlement(papers.commitment, documents_of(terms, papers)));
}

}  // namespace fedstake::client
