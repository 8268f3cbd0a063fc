// All scores of each round.
#include "tests/aggregation/contribution/heart_rounds.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <utility>

#include "aggregation/aggregate.hpp"
#include "aggregation/contribution/cgsv.hpp"
#include "aggregation/contribution/disagreement.hpp"
#include "aggregation/contribution/exact_values.hpp"
#include "aggregation/contribution/integer_scores.hpp"
#include "aggregation/contribution/sampled_values.hpp"
#include "aggregation/contribution/subset_combination.hpp"
#include "aggregation/contribution/utility.hpp"
#include "aggregation/geometry.hpp"
#include "aggregation/score.hpp"
#include "proto/base/bytes.hpp"
#include "proto/base/limits.hpp"
#include "proto/base/rng.hpp"
#include "proto/crypto/sha256.hpp"

namespace fedstake::aggregation::contribution::heart {
namespace {

constexpr std::size_t kSamples = 200;
constexpr UtilityLimits kLimits{.low = -8.0, .high = 0.0};

// One hospital's view of a subset.
class HeldOutLoss final : public Utility {
public:
    HeldOutLoss(const data::Dataset& test, double intercept, const Row& model,
                const std::vector<Steps>& rows, const Combination& combination)
        : test_(&test),
          intercept_(intercept),
          model_(&model),
          rows_(&rows),
          combination_(&combination) {}

    [[nodiscard]] Result<double> evaluate(std::span<const std::size_t> rows) override {
        Subset subset;
        for (const std::size_t row : rows) {
            subset.insert(row);
        }
        FS_ASSIGN(const Combination own, subset_combination(*combination_, rows_->size(), subset));
        Row model = *model_;
        for (const std::size_t row : rows) {
            const double weight = static_cast<double>(own.weights[row]) / own.denominator;
            for (std::size_t k = 0; k < model.size(); ++k) {
                model[k] += weight * (*rows_)[row][k] * kUnit;
            }
        }
        return -log_loss(*test_, model, intercept_);
    }

private:
    const data::Dataset* test_;
    double intercept_;
    const Row* model_;
    const std::vector<Steps>* rows_;
    const Combination* combination_;
};

struct Aggregated {
    MatrixResult result;
    Steps aggregate;
};

Result<Aggregated> aggregate(const std::vector<Steps>& rows, const Setting& setting,
                             std::uint64_t round) {
    std::vector<std::unique_ptr<VectorSource>> sources;
    std::vector<const VectorSource*> pointers;
    for (const Steps& row : rows) {
        sources.push_back(memory_source(std::span<const std::int32_t>(row)));
        pointers.push_back(sources.back().get());
    }
    ByteWriter seed;
    seed.u64(setting.seed).u64(round);
    MatrixInput input{
        .rows = pointers, .unit = kUnit, .rules = {}, .seed = crypto::sha256(seed.bytes())};
    input.rules.rule = {.name = setting.rule, .parameters = {}};
    input.rules.f = setting.f;
    Aggregated out;
    const MatrixOptions options{
        .distances = true, .aggregate_sink = [&out](ByteView bytes) {
            const std::size_t before = out.aggregate.size();
            out.aggregate.resize(before + bytes.size() / sizeof(std::int32_t));
            std::memcpy(out.aggregate.data() + before, bytes.data(), bytes.size());
            return Status{};
        }};
    FS_ASSIGN(out.result, aggregate_matrix(input, options));
    return out;
}

using Values = std::vector<double>;

void add(std::vector<SiteScores>& sites, double SiteScores::*member, const Values& values) {
    for (std::size_t i = 0; i < sites.size(); ++i) {
        sites[i].*member += values[i];
    }
}

Values shares_of(const std::vector<std::uint64_t>& scores) {
    Values shares;
    for (const std::uint64_t score : scores) {
        shares.push_back(static_cast<double>(score) / static_cast<double>(limits::kScoreMax));
    }
    return shares;
}

Status add_measured(std::vector<SiteScores>& sites, Utility& utility, Rng& rng, Values& banzhaf) {
    FS_ASSIGN(CachedUtility cached, CachedUtility::make(utility, sites.size(), kLimits));
    FS_ASSIGN(const Values one_out, leave_one_out(cached));
    FS_ASSIGN(const Values shapley, shapley_exact(cached));
    FS_ASSIGN(banzhaf, banzhaf_exact(cached));
    FS_ASSIGN(const std::vector<std::uint64_t> scores, banzhaf_scores(cached));
    FS_ASSIGN(const SampledValues sampled, banzhaf_sampled(cached, kSamples, rng));
    FS_ASSIGN(const GtgValues gtg, gtg_shapley(cached, {}, rng));
    add(sites, &SiteScores::leave_one_out, one_out);
    add(sites, &SiteScores::shapley, shapley);
    add(sites, &SiteScores::banzhaf, banzhaf);
    add(sites, &SiteScores::banzhaf_score, shares_of(scores));
    add(sites, &SiteScores::banzhaf_sampled, sampled.values);
    add(sites, &SiteScores::gtg, gtg.values);
    return {};
}

// By the direction of the rows alone.
Status add_unmeasured(std::vector<SiteScores>& sites, const Aggregated& round, Values& reputation,
                      const Values& banzhaf) {
    FS_ASSIGN(CgsvRound cosines, cgsv(Geometry(round.result.distances), reputation));
    reputation = std::move(cosines.reputation);
    const Values scores = shares_of(contribution_scores(Geometry(round.result.distances)));
    add(sites, &SiteScores::cosine, cosines.cosines);
    add(sites, &SiteScores::score, scores);
    for (std::size_t i = 0; i < sites.size(); ++i) {
        sites[i].weight += static_cast<double>(round.result.effective.weights[i]) /
                           round.result.effective.denominator;
    }
    FS_ASSIGN(const Disagreement alarm, disagreement(banzhaf, cosines.cosines));
    for (const std::size_t row : alarm.named) {
        ++sites[row].alarms;
    }
    FS_ASSIGN(const Disagreement score_alarm, disagreement(banzhaf, scores));
    for (const std::size_t row : score_alarm.named) {
        ++sites[row].score_alarms;
    }
    return {};
}

Values column(const std::vector<SiteScores>& sites, double SiteScores::*member) {
    Values values;
    for (const SiteScores& site : sites) {
        values.push_back(site.*member);
    }
    return values;
}

Status name_by_sums(std::vector<SiteScores>& sites) {
    const Values banzhaf = column(sites, &SiteScores::banzhaf);
    FS_ASSIGN(const Disagreement by_cosine,
              disagreement(banzhaf, column(sites, &SiteScores::cosine)));
    FS_ASSIGN(const Disagreement by_score,
              disagreement(banzhaf, column(sites, &SiteScores::score)));
    for (const std::size_t row : by_cosine.named) {
        sites[row].named = true;
    }
    for (const std::size_t row : by_score.named) {
        sites[row].named_by_score = true;
    }
    return {};
}

double median_loss(const std::vector<Hospital>& hospitals, std::size_t validators,
                   const Sites& sites, const Row& model) {
    Values losses;
    for (std::size_t v = 0; v < validators; ++v) {
        losses.push_back(log_loss(hospitals[v].test, model, sites.intercept(v)));
    }
    std::sort(losses.begin(), losses.end());
    return 0.5 * (losses[(validators - 1) / 2] + losses[validators / 2]);
}

}  // namespace

Result<Campaign> run_campaign(const std::vector<Hospital>& hospitals, const Setting& setting) {
    Sites sites(hospitals, setting.scenario, setting.seed);
    Rng rng(setting.seed ^ 0x5eedU);
    Row model(hospitals[0].train.inputs, 0.0);
    Campaign campaign;
    campaign.loss_before = median_loss(hospitals, setting.validators, sites, model);
    for (const std::string& name : sites.names()) {
        campaign.sites.push_back({.name = name});
    }
    Values reputation = first_reputation(campaign.sites.size());
    for (std::uint64_t round = 1; round <= setting.rounds; ++round) {
        const std::vector<Steps> rows = sites.updates(model);
        FS_ASSIGN(const Aggregated aggregated, aggregate(rows, setting, round));
        std::vector<HeldOutLoss> losses;
        for (std::size_t v = 0; v < setting.validators; ++v) {
            losses.emplace_back(hospitals[v].test, sites.intercept(v), model, rows,
                                aggregated.result.effective);
        }
        std::vector<Utility*> validators;
        for (HeldOutLoss& loss : losses) {
            validators.push_back(&loss);
        }
        MedianUtility utility(validators);
        Values banzhaf;
        FS_TRY(add_measured(campaign.sites, utility, rng, banzhaf));
        FS_TRY(add_unmeasured(campaign.sites, aggregated, reputation, banzhaf));
        for (std::size_t k = 0; k < model.size(); ++k) {
            model[k] += aggregated.aggregate[k] * kUnit;
        }
    }
    FS_TRY(name_by_sums(campaign.sites));
    campaign.loss_after = median_loss(hospitals, setting.validators, sites, model);
    return campaign;
}

}  // namespace fedstake::aggregation::contribution::heart
