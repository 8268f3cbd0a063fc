// Aggregates five updates, of which one is hostile, with a robust rule of fedstake.
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <iostream>
#include <memory>
#include <vector>

#include "aggregation/aggregate.hpp"
#include "aggregation/detect/detect.hpp"

namespace {

using namespace fedstake;

constexpr int kScaleBits = 24;  // one fixed-point step is 2^-24

std::vector<std::int32_t> fixed_point(const std::vector<double>& row) {
    std::vector<std::int32_t> steps;
    for (const double value : row) {
        steps.push_back(static_cast<std::int32_t>(std::nearbyint(std::ldexp(value, kScaleBits))));
    }
    return steps;
}

}  // namespace

int main() {
    const std::array<std::vector<double>, 5> updates{{{0.9, -0.4, 0.2},
                                                      {1.1, -0.5, 0.1},
                                                      {1.0, -0.6, 0.3},
                                                      {1.2, -0.5, 0.2},
                                                      {-40.0, 20.0, -8.0}}};  // the hostile one
    std::vector<std::vector<std::int32_t>> values;
    for (const std::vector<double>& update : updates) {
        values.push_back(fixed_point(update));
    }
    std::vector<std::unique_ptr<aggregation::VectorSource>> sources;
    std::vector<const aggregation::VectorSource*> rows;
    for (const std::vector<std::int32_t>& row : values) {
        sources.push_back(aggregation::memory_source(row));
        rows.push_back(sources.back().get());
    }

    rules::AggregationRules rules;
    rules.pre = {{.name = "nnm", .parameters = {}}};
    rules.rule = {.name = "trimmed-mean", .parameters = {}};
    rules.f = 1;
    const aggregation::MatrixInput input{.rows = rows,
                                         .unit = std::ldexp(1.0, -kScaleBits),
                                         .rules = rules,
                                         .seed = {},
                                         .memory = {},
                                         .memory_rows = {}};
    std::vector<std::int32_t> aggregate;
    aggregation::MatrixOptions options;
    options.distances = true;
    options.aggregate_sink = [&aggregate](ByteView bytes) -> Status {
        const std::size_t before = aggregate.size();
        aggregate.resize(before + bytes.size() / sizeof(std::int32_t));
        std::memcpy(aggregate.data() + before, bytes.data(), bytes.size());
        return {};
    };
    const auto result = aggregation::aggregate_matrix(input, options);
    if (!result) {
        std::cerr << result.error().message << "\n";
        return 1;
    }

    std::cout << "aggregate";
    for (const std::int32_t steps : aggregate) {
        std::cout << " " << std::ldexp(steps, -kScaleBits);
    }
    std::cout << "\n";
    // The anomaly signals of the rows by themselves.
    const aggregation::Geometry geometry(result->distances);
    const auto limits = aggregation::detect::limits_for(geometry.rows());
    const auto detection = aggregation::detect::detect_rows(geometry, input.rules.f, {}, limits);
    for (std::size_t i = 0; i < geometry.rows(); ++i) {
        const bool unusual = aggregation::detect::fired(detection.figures[i], limits) != 0;
        const auto cosine =
            detection.figures[i][static_cast<std::size_t>(aggregation::detect::Signal::kCosine)];
        std::cout << "row " << i << " norm " << std::ldexp(geometry.norm(i), -kScaleBits)
                  << " cosine " << cosine.value_or(0.0) << (unusual ? " unusual" : "") << "\n";
    }
    return 0;
}
