// Training, attacks, and the files of the hospitals.
#include "tests/aggregation/contribution/heart_sites.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <numeric>
#include <span>
#include <utility>

#include "aggregation/rules/real_math.hpp"
#include "client/data/csv.hpp"
#include "client/data/schema.hpp"
#include "client/data/split.hpp"

namespace fedstake::aggregation::contribution::heart {
namespace {

constexpr int kSteps = 100;
constexpr int kBatch = 16;
constexpr double kRate = 0.01;
constexpr double kPoison = -4.0;
constexpr double kSmallNoise = 0.01;

double norm_of(const Row& row) {
    double sum = 0.0;
    for (const double value : row) {
        sum += value * value;
    }
    return std::sqrt(sum);
}

// About normal, of this length: twelve uniform values less six in each coordinate.
Row noise_of_norm(Rng& rng, std::size_t coordinates, double norm) {
    Row row(coordinates);
    for (double& value : row) {
        value = -6.0;
        for (int k = 0; k < 12; ++k) {
            value += rng.uniform();
        }
    }
    const double factor = norm / norm_of(row);
    for (double& value : row) {
        value *= factor;
    }
    return row;
}

Row with_noise(const Row& row, Rng& rng) {
    Row result = noise_of_norm(rng, row.size(), kSmallNoise * norm_of(row));
    for (std::size_t k = 0; k < row.size(); ++k) {
        result[k] += row[k];
    }
    return result;
}

double probability(std::span<const float> x, const Row& model, double intercept) {
    double z = intercept;
    for (std::size_t k = 0; k < x.size(); ++k) {
        z += model[k] * static_cast<double>(x[k]);
    }
    return 1.0 / (1.0 + exponential(-z));
}

Steps to_steps(const Row& row) {
    Steps steps;
    for (const double value : row) {
        steps.push_back(static_cast<std::int32_t>(std::lround(value / kUnit)));
    }
    return steps;
}

double median_norm(const std::vector<Row>& rows) {
    std::vector<double> norms;
    std::transform(rows.begin(), rows.end(), std::back_inserter(norms), norm_of);
    std::sort(norms.begin(), norms.end());
    return 0.5 * (norms[(norms.size() - 1) / 2] + norms[norms.size() / 2]);
}

}  // namespace

double log_loss(const data::Dataset& data, const Row& model, double intercept) {
    double sum = 0.0;
    for (std::size_t i = 0; i < data.rows(); ++i) {
        const double p = probability(data.row(i), model, intercept);
        sum -= natural_log(std::max(1e-12, data.labels[i] != 0 ? p : 1.0 - p));
    }
    return sum / static_cast<double>(data.rows());
}

Sites::Sites(const std::vector<Hospital>& hospitals, Scenario scenario, std::uint64_t seed)
    : scenario_(scenario), rng_(seed) {
    for (const Hospital& hospital : hospitals) {
        sites_.push_back({.rows = hospital.train});
        names_.push_back(hospital.name);
    }
    switch (scenario_) {
        case Scenario::kHonest: break;
        case Scenario::kPoisoner:
            names_.emplace_back("poisoner");
            poisoner_.rows = data::bootstrap(sites_[rng_.below(sites_.size())].rows, rng_);
            break;
        case Scenario::kFreeRider: names_.emplace_back("free-rider"); break;
        case Scenario::kCopyCat: names_.emplace_back("copy-cat"); break;
        case Scenario::kSplit:
            split_first();
            names_[0] += ", first half";
            names_.push_back(hospitals[0].name + ", second half");
            break;
        case Scenario::kTwice:
            names_[0] += ", first";
            names_.push_back(hospitals[0].name + ", second");
            break;
    }
}

// What training adds to the model. The intercept is trained on the way.
Row Sites::train(Site& site, const Row& model) {
    Row w = model;
    for (int step = 0; step < kSteps; ++step) {
        Row gradient(w.size(), 0.0);
        double sum = 0.0;
        for (int b = 0; b < kBatch; ++b) {
            const auto row = static_cast<std::size_t>(rng_.below(site.rows.rows()));
            const auto x = site.rows.row(row);
            const double error =
                probability(x, w, site.intercept) - static_cast<double>(site.rows.labels[row]);
            for (std::size_t k = 0; k < x.size(); ++k) {
                gradient[k] += error * static_cast<double>(x[k]);
            }
            sum += error;
        }
        for (std::size_t k = 0; k < w.size(); ++k) {
            w[k] -= kRate / kBatch * gradient[k];
        }
        site.intercept -= kRate / kBatch * sum;
    }
    for (std::size_t k = 0; k < w.size(); ++k) {
        w[k] -= model[k];
    }
    return w;
}

std::vector<Steps> Sites::updates(const Row& model) {
    std::vector<Row> rows;
    for (Site& site : sites_) {
        rows.push_back(train(site, model));
    }
    switch (scenario_) {
        case Scenario::kPoisoner:
            rows.push_back(train(poisoner_, model));
            for (double& value : rows.back()) {
                value *= kPoison;
            }
            break;
        case Scenario::kFreeRider:
            rows.push_back(noise_of_norm(rng_, model.size(), median_norm(rows)));
            break;
        case Scenario::kTwice:
            rows.push_back(with_noise(rows[0], rng_));
            rows[0] = with_noise(rows[0], rng_);
            break;
        case Scenario::kCopyCat: rows.push_back(with_noise(rows[0], rng_)); break;
        case Scenario::kHonest:
        case Scenario::kSplit: break;
    }
    std::vector<Steps> steps;
    std::transform(rows.begin(), rows.end(), std::back_inserter(steps), to_steps);
    return steps;
}

void Sites::split_first() {
    std::vector<std::size_t> order(sites_[0].rows.rows());
    std::iota(order.begin(), order.end(), std::size_t{0});
    rng_.shuffle(std::span(order));
    const std::span<const std::size_t> rows(order);
    const std::size_t half = rows.size() / 2;
    sites_.push_back({.rows = data::select_rows(sites_[0].rows, rows.subspan(half))});
    sites_[0].rows = data::select_rows(sites_[0].rows, rows.first(half));
}

Result<std::vector<Hospital>> load_hospitals(const std::filesystem::path& folder,
                                             std::uint64_t seed) {
    FS_ASSIGN(const data::Schema schema, data::builtin_schema("uci-heart"));
    std::vector<Hospital> hospitals;
    const std::array<std::pair<const char*, const char*>, 4> files{
        {{"Cleveland", "cleveland"},
         {"Hungary", "hungarian"},
         {"Long Beach", "va"},
         {"Switzerland", "switzerland"}}};
    for (const auto& [name, file] : files) {
        FS_ASSIGN(const data::LoadedCsv csv,
                  data::load_csv(folder / (std::string("processed.") + file + ".data"), schema));
        FS_ASSIGN(data::PreparedData prepared, data::prepare(csv.data, seed));
        hospitals.push_back(
            {.name = name, .train = std::move(prepared.train), .test = std::move(prepared.test)});
    }
    return hospitals;
}

std::string_view scenario_name(Scenario scenario) {
    constexpr std::array<std::string_view, kScenarios> kNames = {
        "honest only",
        "poisoner, -4 x own",
        "free-rider, noise of the right size",
        "copy-cat of Cleveland",
        "Cleveland split, half of the rows each",
        "Cleveland twice, one update"};
    return kNames[static_cast<std::size_t>(scenario)];
}

}  // namespace fedstake::aggregation::contribution::heart
