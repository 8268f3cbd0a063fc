// fedstake-sim: the researcher's program. Aggregates numbers out of a file, and lists what exists.
#include <algorithm>
#include <iostream>
#include <optional>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>

#include "proto/base/exit_code.hpp"
#include "proto/base/open_files.hpp"
#include "sim/app/aggregate_command.hpp"
#include "sim/app/list_command.hpp"
#include "sim/matrix/fixed_point.hpp"

namespace {

namespace sim = fedstake::sim;
using fedstake::ExitCode;
using fedstake::Status;

constexpr unsigned kThreadsMax = 256;
constexpr std::size_t kMemoryMibMax = std::size_t{1} << 20U;

struct Verbs {
    sim::AggregateOptions aggregate;
    std::string what;
    bool json = false;
    bool markdown = false;
};

int finish(const Status& status) {
    if (status) {
        return 0;
    }
    std::cerr << "fedstake-sim: " << status.error().message << "\n";
    return fedstake::exit_code(fedstake::exit_code_for(status.error().code));
}

void add_aggregate(CLI::App& app, sim::AggregateOptions& o) {
    auto* verb = app.add_subcommand("aggregate", "aggregate the rows of a matrix");
    verb->add_option("--rule", o.rule,
                     "aggregation rule, NAME or NAME:PARAMETER=VALUE,...; `fedstake-sim list "
                     "rules` shows them")
        ->required();
    verb->add_option("--param", o.parameters, "more parameters of the rule, NAME=VALUE");
    verb->add_option("--pre", o.pre,
                     "pre-aggregations in their order, NAME or NAME:PARAMETER=VALUE,...");
    verb->add_option("--f", o.f, "rows that may be hostile")->capture_default_str();
    verb->add_option("--claims", o.claims,
                     "weights that the sites claim, one for each row, between commas; of rules "
                     "that take them")
        ->delimiter(',');
    verb->add_option("--input", o.input,
                     "JSON, .npy or safetensors file with one row for each site; - is standard "
                     "input")
        ->capture_default_str();
    verb->add_option("--bits", o.bits,
                     "compute in steps of 2^-BITS; left out, in the smallest steps that the "
                     "largest magnitude allows")
        ->check(CLI::Range(-sim::kExponentMax, -sim::kExponentMin));
    verb->add_option("--seed", o.seed, "of random choices")->capture_default_str();
    verb->add_option("--threads", o.threads, "threads; no result depends on them")
        ->check(CLI::Range(1U, kThreadsMax))
        ->capture_default_str();
    verb->add_option("--memory", o.memory_mib, "MiB for blocks of the matrix")
        ->check(CLI::Range(std::size_t{1}, kMemoryMibMax))
        ->capture_default_str();
    verb->add_flag("--json", o.json, "print JSON");
    verb->add_option("--output", o.output,
                     "write the aggregate as .npy: float32 when every input value is one, else "
                     "float64");
}

void add_list(CLI::App& app, Verbs& verbs) {
    auto* verb = app.add_subcommand("list", "what exists: rules, pre, attacks or signals");
    verb->add_option("what", verbs.what, "rules, pre, attacks or signals")->required();
    auto* json = verb->add_flag("--json", verbs.json, "print JSON");
    verb->add_flag("--markdown", verbs.markdown,
                   "print the document of all rules and pre-aggregations")
        ->excludes(json);
}

}  // namespace

int main(int argc, char** argv) {
    fedstake::allow_many_open_files();
    CLI::App app{"Robust aggregation of numbers in files, as the federation does it."};
    app.name("fedstake-sim");
    app.set_version_flag("--version", "fedstake-sim 0.1.0");
    app.require_subcommand(1);
    app.failure_message([](const CLI::App*, const CLI::Error& error) {
        return std::string("fedstake-sim: ") + error.what() +
               "; fedstake-sim --help and fedstake-sim VERB --help show what is possible\n";
    });
    Verbs verbs;
    verbs.aggregate.threads = std::clamp(std::thread::hardware_concurrency(), 1U, kThreadsMax);
    add_aggregate(app, verbs.aggregate);
    add_list(app, verbs);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : fedstake::exit_code(ExitCode::kBadInput);
    }
    if (app.got_subcommand("aggregate")) {
        return finish(sim::aggregate(verbs.aggregate));
    }
    return finish(sim::list(verbs.what, verbs.json       ? sim::Listing::kJson
                                        : verbs.markdown ? sim::Listing::kMarkdown
                                                         : sim::Listing::kText));
}
