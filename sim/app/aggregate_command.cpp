// Reads, converts, aggregates, reports.
#include "sim/app/aggregate_command.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "aggregation/aggregate.hpp"
#include "aggregation/registry.hpp"
#include "aggregation/score.hpp"
#include "aggregation/step_text.hpp"
#include "proto/base/bytes.hpp"
#include "proto/crypto/sha256.hpp"
#include "sim/app/aggregate_report.hpp"
#include "sim/app/row_signals.hpp"
#include "sim/app/vector_file.hpp"
#include "sim/matrix/fixed_point.hpp"
#include "sim/matrix/matrix_file.hpp"

namespace fedstake::sim {
namespace {

using aggregation::Combination;
using aggregation::MatrixResult;

Result<rules::AggregationRules> read_rules(const AggregateOptions& options) {
    rules::AggregationRules rules;
    FS_ASSIGN(rules.rule, aggregation::parse_step(options.rule));
    rules.f = options.f;
    for (const std::string& text : options.parameters) {
        FS_ASSIGN(rules::Parameter parameter, aggregation::parse_parameter(text));
        rules.rule.parameters.push_back(std::move(parameter));
    }
    for (const std::string& text : options.pre) {
        FS_ASSIGN(rules::Step step, aggregation::parse_step(text));
        rules.pre.push_back(std::move(step));
    }
    return rules;
}

// Before anything is computed for a result that could not be written.
Status check_output(const std::filesystem::path& path) {
    const std::filesystem::path folder =
        path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    std::error_code none;
    if (path.empty() || (std::filesystem::is_directory(folder, none) &&
                         !std::filesystem::is_directory(path, none))) {
        return {};
    }
    return fail(Errc::kInvalidInput,
                fmt::format("--output {}: must be a file in a folder that exists", path.string()));
}

Result<int> exponent_of(const AggregateOptions& options, const NumberRows& rows) {
    aggregation::WorkerPool pool(options.threads);
    FS_ASSIGN(const Largest largest, find_largest(rows, pool));
    if (!options.bits) {
        return choose_exponent(largest);
    }
    FS_TRY(check_exponent(largest, -*options.bits));
    return -*options.bits;
}

// Before the numbers are read. `m` is refused where the rule would lower it.
Status check_chain(const aggregation::Chain& chain, std::size_t n, std::uint32_t f) {
    FS_ASSIGN(const aggregation::Arguments arguments, aggregation::check_support(chain, n, f));
    return aggregation::check_selected(chain, arguments);
}

// A limit below one step would make every row zero.
Status check_norm(const rules::Step& step, int exponent) {
    for (const rules::Parameter& parameter : step.parameters) {
        if (parameter.name == "norm" && parameter.value < std::ldexp(1.0, exponent)) {
            return fail(Errc::kInvalidInput,
                        fmt::format("{}: norm is {}, below one step of the fixed point, 2^{}: "
                                    "every row would become zero",
                                    step.name, parameter.value, exponent));
        }
    }
    return {};
}

Status check_norms(const rules::AggregationRules& rules, int exponent) {
    for (const rules::Step& step : rules.pre) {
        FS_TRY(check_norm(step, exponent));
    }
    return check_norm(rules.rule, exponent);
}

Status check_claims(const AggregateOptions& options, const aggregation::RuleInfo& rule,
                    std::size_t n) {
    if (!rule.needs.claims) {
        return options.claims.empty()
                   ? Status{}
                   : fail(Errc::kInvalidInput,
                          fmt::format("--claims: rule {} takes no claimed weights", rule.name));
    }
    if (options.claims.size() != n) {
        return fail(Errc::kInvalidInput,
                    fmt::format("rule {} needs a claimed weight for each of {} rows, {} are given: "
                                "write them as --claims W,W,...",
                                rule.name, n, options.claims.size()));
    }
    return {};
}

Digest seed_digest(std::uint64_t seed) {
    ByteWriter writer;
    writer.text("fedstake-sim aggregate").u64(seed);
    return crypto::sha256(writer.bytes());
}

struct Computed {
    MatrixResult result;
    std::vector<aggregation::detect::SignCounts> signs;
    std::unique_ptr<Spool> steps;  // the aggregate
};

Result<Computed> compute(const AggregateOptions& options, const rules::AggregationRules& rules,
                         const NumberRows& numbers, int exponent) {
    std::vector<std::unique_ptr<aggregation::VectorSource>> sources;
    std::vector<const aggregation::VectorSource*> rows;
    for (std::size_t i = 0; i < numbers.rows(); ++i) {
        sources.push_back(fixed_point_row(numbers, i, exponent));
        rows.push_back(sources.back().get());
    }
    Computed computed{.result = {}, .signs = {}, .steps = std::make_unique<Spool>()};
    const aggregation::MatrixInput input{.rows = rows,
                                         .unit = std::ldexp(1.0, exponent),
                                         .rules = rules,
                                         .seed = seed_digest(options.seed),
                                         .claims = options.claims};
    const aggregation::MatrixOptions how{
        .threads = options.threads,
        .memory_bytes_max = options.memory_mib << 20U,
        .distances = true,
        .aggregate_sink = [steps = computed.steps.get()](ByteView bytes) {
            return steps->append(bytes);
        }};
    FS_ASSIGN(computed.result, aggregation::aggregate_matrix(input, how));
    aggregation::WorkerPool pool(options.threads);
    FS_ASSIGN(computed.signs, count_signs(rows, pool));
    return computed;
}

// The share of row i, or whether it has a part: see RowReport.
double weight_of(const Combination& effective, std::size_t i) {
    const double weight = effective.weights[i];
    return effective.columns == aggregation::ColumnRule::kWeightedMean
               ? weight / effective.denominator
               : weight;
}

void add_rows(AggregateReport& report, const Computed& computed) {
    const MatrixResult& result = computed.result;
    const double unit = std::ldexp(1.0, report.aggregate.exponent);
    const aggregation::Geometry geometry(result.distances);
    const std::vector<std::uint64_t> scores = aggregation::contribution_scores(geometry);
    const RowSignals signals = row_signals(result.distances, report.f, computed.signs);
    report.limits = signals.limits;
    for (std::size_t i = 0; i < geometry.rows(); ++i) {
        const double distance = std::sqrt(geometry.square(i, aggregation::Anchor::kCentre));
        report.rows.push_back(
            {.weight = weight_of(result.effective, i),
             .score = scores[i],
             .norm = geometry.norm(i) * unit,
             .distance = distance * unit,
             .signals = signals.figures[i],
             .fired = aggregation::detect::fired(signals.figures[i], signals.limits)});
    }
}

Status print(const AggregateReport& report, bool json) {
    if (json) {
        return print_json(report, stdout);
    }
    const bool colour = ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
    FS_ASSIGN(const std::string text, render_table(report, colour));
    if (std::fputs(text.c_str(), stdout) < 0 || std::fflush(stdout) != 0) {
        return fail(Errc::kUnavailable, "cannot write to standard output");
    }
    return {};
}

}  // namespace

Status aggregate(const AggregateOptions& options) {
    FS_ASSIGN(const rules::AggregationRules rules, read_rules(options));
    FS_ASSIGN(const aggregation::Chain chain, aggregation::find_chain(rules));
    FS_TRY(check_output(options.output));
    FS_ASSIGN(const NumberRows numbers, open_matrix(options.input));
    FS_TRY(check_chain(chain, numbers.rows(), rules.f));
    FS_TRY(check_claims(options, *chain.rule, numbers.rows()));
    const auto exponent = exponent_of(options, numbers);
    if (!exponent) {
        return with_context(exponent.error(), shown_path(options.input));
    }
    FS_TRY(check_norms(rules, *exponent));
    FS_ASSIGN(const Computed computed, compute(options, rules, numbers, *exponent));
    AggregateReport report{.rule = rules.rule.name,
                           .pre = {},
                           .f = rules.f,
                           .aggregate = {.steps = computed.steps.get(), .exponent = *exponent},
                           .rows = {}};
    add_rows(report, computed);
    for (const rules::Step& step : rules.pre) {
        report.pre.push_back(step.name);
    }
    if (!options.output.empty()) {
        FS_TRY(write_npy_vector(
            options.output, report.aggregate,
            numbers.single_precision() ? ElementType::kFloat32 : ElementType::kFloat64));
    }
    return print(report, options.json);
}

}  // namespace fedstake::sim
