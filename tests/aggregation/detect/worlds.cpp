#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "aggregation/rules/real_math.hpp"
#include "client/data/csv.hpp"
#include "client/data/schema.hpp"
#include "client/data/split.hpp"
#include "tests/aggregation/detect/federation.hpp"

namespace fedstake::aggregation::detect::testing {
namespace {

constexpr std::size_t kKinds = 5;
constexpr double kKindWeight = 0.6;
constexpr double kSamplingError = 4.0;  // over the root of the rows
constexpr double kBatchNoise = 0.05;
constexpr double kRate = 0.1;
constexpr int kSteps = 10;

class MixedSites final : public World {
public:
    MixedSites(std::size_t honest, std::size_t extra, std::size_t coordinates, std::uint64_t seed)
        : honest_(honest) {
        Rng rng(seed);
        common_ = random_row(rng, coordinates);
        for (std::size_t k = 0; k <= kKinds; ++k) kinds_.push_back(random_row(rng, coordinates));
        for (std::size_t k = 0; k < coordinates; ++k) curvature_.push_back(0.05 + rng.uniform());
        for (std::size_t i = 0; i < honest + extra; ++i) {
            add_site(rng, i + 1 == honest);
        }
        for (std::size_t k = 0; k < coordinates; ++k) {
            target_.push_back(common_[k] + 1.5 * about_normal(rng));
        }
    }

    [[nodiscard]] std::size_t honest() const override { return honest_; }
    [[nodiscard]] std::size_t coordinates() const override { return common_.size(); }
    [[nodiscard]] Row train(std::size_t site, const Row& model, Rng& rng) const override {
        return steps(optima_[site], noise_[site], model, rng);
    }
    [[nodiscard]] Row poisoned(const Row& model, Rng& rng) const override {
        return steps(target_, kBatchNoise, model, rng);
    }

private:
    void add_site(Rng& rng, bool tiny) {
        const double rows = tiny ? 46.0 : 50.0 + static_cast<double>(rng.below(451));
        std::vector<double> parts(kKinds + 1, 0.0);
        double sum = 0.0;
        for (std::size_t k = 0; k < kKinds; ++k) {
            const double normal = about_normal(rng);
            parts[k] = tiny ? 0.0 : normal * normal;
            sum += parts[k];
        }
        if (tiny) parts[kKinds] = sum = 1.0;
        Row optimum = common_;
        for (std::size_t k = 0; k < parts.size(); ++k) {
            optimum = sum_of(optimum, scaled(kinds_[k], kKindWeight * parts[k] / sum));
        }
        const double error = kSamplingError / std::sqrt(rows);
        optima_.push_back(sum_of(optimum, scaled(random_row(rng, optimum.size()), error)));
        noise_.push_back(kBatchNoise * std::sqrt(200.0 / rows));
    }

    [[nodiscard]] Row steps(const Row& optimum, double noise, const Row& model, Rng& rng) const {
        Row update(model.size());
        for (std::size_t k = 0; k < model.size(); ++k) {
            double left = 1.0;
            for (int step = 0; step < kSteps; ++step) left *= 1.0 - kRate * curvature_[k];
            update[k] = (1.0 - left) * (optimum[k] - model[k]) + noise * about_normal(rng);
        }
        return update;
    }

    std::size_t honest_;
    Row common_;
    Row target_;
    Row curvature_;
    std::vector<Row> kinds_;
    std::vector<Row> optima_;
    std::vector<double> noise_;
};

class HeartSites final : public World {
public:
    HeartSites(std::vector<data::Dataset> hospitals, std::size_t extra, std::uint64_t seed)
        : honest_(hospitals.size()), sites_(std::move(hospitals)) {
        Rng rng(seed);
        const std::size_t base = rng.below(honest_);
        for (std::size_t k = 0; k <= extra; ++k) sites_.push_back(bootstrap(sites_[base], rng));
        for (std::int32_t& label : sites_.back().labels) label = 1 - label;
    }

    [[nodiscard]] std::size_t honest() const override { return honest_; }
    [[nodiscard]] std::size_t coordinates() const override { return sites_[0].inputs + 1; }
    [[nodiscard]] Row train(std::size_t site, const Row& model, Rng& rng) const override {
        return descend(sites_[site], model, rng);
    }
    [[nodiscard]] Row poisoned(const Row& model, Rng& rng) const override {
        return descend(sites_.back(), model, rng);
    }

private:
    static Row descend(const data::Dataset& data, const Row& model, Rng& rng) {
        constexpr int kBatch = 16;
        Row w = model;
        for (int step = 0; step < 50; ++step) {
            Row gradient(w.size(), 0.0);
            for (int b = 0; b < kBatch; ++b) {
                const std::size_t row = rng.below(data.rows());
                const auto x = data.row(row);
                double z = w.back();
                for (std::size_t k = 0; k < x.size(); ++k) z += w[k] * static_cast<double>(x[k]);
                const double error =
                    1.0 / (1.0 + exponential(-z)) - static_cast<double>(data.labels[row]);
                for (std::size_t k = 0; k < x.size(); ++k) {
                    gradient[k] += error * static_cast<double>(x[k]);
                }
                gradient.back() += error;
            }
            w = sum_of(w, scaled(gradient, -0.05 / kBatch));
        }
        return sum_of(w, scaled(model, -1.0));
    }

    std::size_t honest_;
    std::vector<data::Dataset> sites_;  // hospitals, extra ones, the poisoned one
};

}  // namespace

std::unique_ptr<World> mixed_sites(std::size_t honest, std::size_t extra, std::size_t coordinates,
                                   std::uint64_t seed) {
    return std::make_unique<MixedSites>(honest, extra, coordinates, seed);
}

std::unique_ptr<World> heart_sites(const std::filesystem::path& folder, std::size_t extra,
                                   std::uint64_t seed) {
    const auto schema = data::builtin_schema("uci-heart");
    std::vector<data::Dataset> hospitals;
    for (const char* name : {"cleveland", "hungarian", "va", "switzerland"}) {
        const auto csv =
            data::load_csv(folder / (std::string("processed.") + name + ".data"), *schema);
        if (!csv) return nullptr;
        auto prepared = data::prepare(csv->data, seed);
        if (!prepared) return nullptr;
        hospitals.push_back(std::move(prepared->train));
    }
    return std::make_unique<HeartSites>(std::move(hospitals), extra, seed);
}

}  // namespace fedstake::aggregation::detect::testing
