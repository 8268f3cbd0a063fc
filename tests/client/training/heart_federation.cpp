// Rounds of real training around a plain double-precision aggregation.
#include "tests/client/training/heart_federation.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "client/data/csv.hpp"

namespace fedstake::testing {

namespace {

using Row = std::vector<double>;

double squared_distance(const Row& a, const Row& b) {
    double sum = 0.0;
    for (std::size_t j = 0; j < a.size(); ++j) sum += (a[j] - b[j]) * (a[j] - b[j]);
    return sum;
}

Row mean_of(const std::vector<Row>& rows, const std::vector<std::size_t>& chosen) {
    Row mean(rows.front().size(), 0.0);
    for (const std::size_t i : chosen) {
        for (std::size_t j = 0; j < mean.size(); ++j) mean[j] += rows[i][j];
    }
    for (double& value : mean) value /= static_cast<double>(chosen.size());
    return mean;
}

// Drops `f` values at each end of every coordinate; f = (n - 1) / 2 is the median.
Row trimmed(const std::vector<Row>& rows, std::size_t f) {
    Row out;
    for (std::size_t j = 0; j < rows.front().size(); ++j) {
        Row column;
        for (const Row& row : rows) column.push_back(row[j]);
        std::sort(column.begin(), column.end());
        const auto first = column.begin() + static_cast<std::ptrdiff_t>(f);
        const auto last = column.end() - static_cast<std::ptrdiff_t>(f);
        out.push_back(std::accumulate(first, last, 0.0) / static_cast<double>(last - first));
    }
    return out;
}

// Mean of the n - f rows with the smallest sums of squared distances to n - f - 1 neighbours.
Row multi_krum(const std::vector<Row>& rows, std::size_t f) {
    const std::size_t n = rows.size();
    std::vector<double> scores;
    for (const Row& row : rows) {
        std::vector<double> distances;
        for (const Row& other : rows) distances.push_back(squared_distance(row, other));
        std::sort(distances.begin(), distances.end());
        scores.push_back(std::accumulate(
            distances.begin() + 1, distances.begin() + static_cast<std::ptrdiff_t>(n - f), 0.0));
    }
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
    order.resize(n - f);
    return mean_of(rows, order);
}

Row aggregate(HeartRule rule, const std::vector<Row>& rows) {
    const std::size_t n = rows.size();
    std::vector<std::size_t> all(n);
    std::iota(all.begin(), all.end(), std::size_t{0});
    switch (rule) {
        case HeartRule::kMean: return mean_of(rows, all);
        case HeartRule::kMedian: return trimmed(rows, (n - 1) / 2);
        case HeartRule::kTrimmedMean: return trimmed(rows, 1);
        case HeartRule::kMultiKrum: return multi_krum(rows, 1);
    }
    return {};
}

void add_figures(RoundNumber round, const std::vector<Row>& rows, HeartOutcome& outcome) {
    const Row centre = trimmed(rows, (rows.size() - 1) / 2);
    const Row zero(centre.size(), 0.0);
    const double centre_norm = std::sqrt(squared_distance(centre, zero));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const double norm = std::sqrt(squared_distance(rows[i], zero));
        const double dot = std::inner_product(rows[i].begin(), rows[i].end(), centre.begin(), 0.0);
        outcome.figures.push_back({.round = round,
                                   .row = i,
                                   .norm = norm,
                                   .cosine = dot / (norm * centre_norm),
                                   .distance = std::sqrt(squared_distance(rows[i], centre))});
    }
}

SiteId site_of(std::size_t hospital) {
    SiteId site;
    site.bytes.back() = static_cast<std::uint8_t>(hospital + 1);
    return site;
}

double pooled_accuracy(const std::array<training::Evaluation, kHospitals>& all) {
    std::uint64_t correct = 0;
    std::uint64_t rows = 0;
    for (const auto& one : all) {
        correct += one.correct;
        rows += one.rows;
    }
    return static_cast<double>(correct) / static_cast<double>(rows);
}

}  // namespace

const char* heart_rule_name(HeartRule rule) {
    switch (rule) {
        case HeartRule::kMean: return "mean";
        case HeartRule::kMedian: return "median";
        case HeartRule::kTrimmedMean: return "trimmed-mean";
        case HeartRule::kMultiKrum: return "multi-krum";
    }
    return "";
}

double HeartOutcome::pooled() const {
    return pooled_accuracy(federated);
}

double HeartOutcome::pooled_alone() const {
    return pooled_accuracy(alone);
}

rules::RoundRules heart_rules() {
    rules::RoundRules rules;
    rules.model.kind = "logistic";
    rules.model.inputs = 13;
    rules.model.site_local = {"*.bias"};
    rules.training.learning_rate = 0.01;
    rules.training.batch_size = 16;
    rules.coordinates = 13;
    return rules;
}

Result<std::vector<data::Dataset>> load_hospitals(const std::filesystem::path& folder) {
    FS_ASSIGN(const data::Schema schema, data::builtin_schema("uci-heart"));
    std::vector<data::Dataset> hospitals;
    for (const char* name : kHospitalNames) {
        FS_ASSIGN(data::LoadedCsv csv,
                  data::load_csv(folder / (std::string("processed.") + name + ".data"), schema));
        hospitals.push_back(std::move(csv.data));
    }
    return hospitals;
}

Result<HeartOutcome> run_heart(const std::vector<data::Dataset>& hospitals, const HeartPlan& plan) {
    FS_ASSIGN(auto trainer, training::Trainer::create(plan.rules));
    std::vector<data::PreparedData> sites;
    std::vector<data::Dataset> rows_of;
    for (const data::Dataset& hospital : hospitals) {
        FS_ASSIGN(data::PreparedData prepared, data::prepare(hospital, plan.split_seed));
        rows_of.push_back(prepared.train);
        sites.push_back(std::move(prepared));
    }
    if (plan.attack) {
        Rng rng(plan.split_seed);
        rows_of.push_back(data::bootstrap(sites[plan.victim].train, rng));
    }
    std::vector<float> model = trainer.initial().shared;
    std::vector<training::LocalState> local(rows_of.size());
    HeartOutcome outcome;
    const double unit = std::ldexp(1.0, -int{plan.rules.aggregation.scale_bits});
    for (RoundNumber round = 1; round <= plan.rounds; ++round) {
        std::vector<Row> updates;
        for (std::size_t i = 0; i < rows_of.size(); ++i) {
            FS_ASSIGN(training::TrainedUpdate trained,
                      trainer.train(model, local[i], rows_of[i], site_of(i), round));
            local[i] = std::move(trained.local);
            const double factor = i == kHospitals ? plan.attack_factor : 1.0;
            Row update;
            for (const std::int32_t value : trained.update) update.push_back(factor * value * unit);
            updates.push_back(std::move(update));
        }
        add_figures(round, updates, outcome);
        const Row step = aggregate(plan.rule, updates);
        for (std::size_t j = 0; j < model.size(); ++j) {
            model[j] = static_cast<float>(static_cast<double>(model[j]) + step[j]);
        }
    }
    for (std::size_t i = 0; i < kHospitals; ++i) {
        FS_ASSIGN(outcome.federated[i], trainer.evaluate(model, local[i], sites[i].test));
        FS_ASSIGN(const training::FullModel alone,
                  trainer.train_alone(sites[i].train, site_of(i), plan.rounds));
        FS_ASSIGN(outcome.alone[i], trainer.evaluate(alone.shared, alone.local, sites[i].test));
    }
    return outcome;
}

}  // namespace fedstake::testing
