// fedstake-cohort: writes a synthetic clinical cohort, one CSV file a site.
#include <cstdio>
#include <filesystem>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "client/data/cohort.hpp"

int main(int argc, char** argv) {
    namespace data = fedstake::data;
    data::CohortOptions options;
    std::filesystem::path out;
    CLI::App app{
        "Writes a seeded synthetic clinical cohort: site-N.csv, clinical-cohort.toml, "
        "DATASHEET.md"};
    app.add_option("--sites", options.sites, "hospitals, 1 to 512")->capture_default_str();
    app.add_option("--rows", options.rows, "patients of the first site; others differ in size")
        ->capture_default_str();
    app.add_option("--seed", options.seed, "the same seed gives the same bytes")
        ->capture_default_str();
    app.add_option("--missing", options.missing_share, "share of missing cells, 0 to 0.5")
        ->capture_default_str();
    app.add_option("--out", out, "folder to write to")->required();
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    const auto written = data::write_cohort(options, out);
    if (!written) {
        fmt::print(stderr, "fedstake-cohort: {}\n", written.error().message);
        return written.error().code == fedstake::Errc::kInvalidInput ? 2 : 3;
    }
    for (std::size_t i = 0; i < written->files.size(); ++i) {
        fmt::print("{}  {} rows, prevalence {:.2f}\n", written->files[i].string(),
                   written->sites[i].rows, written->sites[i].prevalence);
    }
    fmt::print("{}\n{}\n", written->schema.string(), written->datasheet.string());
    return 0;
}
