// Every rule on rows in files that together are larger than memory allows the rules: time, bytes
// read, what the storage gave, and the largest resident size, beside the rate at which the same
// files are read one after the other in the same run.
//
//   bench_aggregation_files --rows=50 --coordinates=100000000 --dir=DIR [--threads=2]
//       [--memory_mib=64] [--sample=5] [Google Benchmark's options]
//
// Missing files are made first: DIR/row-<i>.i32, little-endian int32 of 24 bits. They stay. Before
// each measurement the page cache is asked to forget them.
//
// Counters. f: a fifth of the rows, or the most that the rule can stand; gb_read: asked for by the
// rule; passes: that over the input; gb_storage: what came from storage and not from the page
// cache; gb_s: gb_read by second; cold_gb_s, the bound: `sample` files read in order right before,
// from storage; peak_mib: resident at most, the program included.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "aggregation/aggregate.hpp"
#include "aggregation/registry.hpp"
#include "proto/base/rng.hpp"

namespace fedstake::aggregation {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr double kGiga = 1e9;

struct Settings {
    std::size_t rows = 10;
    std::uint64_t coordinates = 1'000'000;
    fs::path dir;
    unsigned threads = 1;
    std::size_t memory_mib = 64;
    std::size_t sample = 5;
};

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

// An open file that is closed in the end.
class File {
public:
    File(const fs::path& path, int flags)
        : descriptor_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {
        if (descriptor_ < 0) {
            throw std::runtime_error(
                fmt::format("cannot open {}: {}", path.string(), std::strerror(errno)));
        }
    }
    ~File() { ::close(descriptor_); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

private:
    int descriptor_;
};

// Counts what the rule asks for.
class CountedSource final : public VectorSource {
public:
    CountedSource(std::unique_ptr<VectorSource> source, std::atomic<std::uint64_t>& values)
        : source_(std::move(source)), values_(values) {}
    [[nodiscard]] std::uint64_t size() const noexcept override { return source_->size(); }
    [[nodiscard]] Status read_int32(std::uint64_t first,
                                    std::span<std::int32_t> out) const override {
        values_ += out.size();
        return source_->read_int32(first, out);
    }
    [[nodiscard]] Status read_float32(std::uint64_t first, std::span<float> out) const override {
        return source_->read_float32(first, out);
    }

private:
    std::unique_ptr<VectorSource> source_;
    std::atomic<std::uint64_t>& values_;
};

std::vector<fs::path> paths_of(const Settings& settings) {
    std::vector<fs::path> paths;
    for (std::size_t i = 0; i < settings.rows; ++i) {
        paths.push_back(settings.dir / fmt::format("row-{}.i32", i));
    }
    return paths;
}

void make_file(const fs::path& path, std::uint64_t coordinates, std::uint64_t seed) {
    const File file(path, O_WRONLY | O_CREAT | O_TRUNC);
    Rng rng(seed);
    std::vector<std::int32_t> values(std::size_t{1} << 20U);
    for (std::uint64_t done = 0; done < coordinates;) {
        const auto count =
            static_cast<std::size_t>(std::min<std::uint64_t>(values.size(), coordinates - done));
        for (std::size_t j = 0; j < count; ++j) {
            values[j] = static_cast<std::int32_t>(rng.next() >> 40U) - (1 << 23);
        }
        const std::size_t bytes = count * sizeof(std::int32_t);
        if (::write(file.descriptor(), values.data(), bytes) != static_cast<ssize_t>(bytes)) {
            throw std::runtime_error(
                fmt::format("cannot write {}: {}", path.string(), std::strerror(errno)));
        }
        done += count;
    }
    if (::fsync(file.descriptor()) != 0) {
        throw std::runtime_error(
            fmt::format("cannot sync {}: {}", path.string(), std::strerror(errno)));
    }
}

void make_files(const Settings& settings) {
    fs::create_directories(settings.dir);
    const std::vector<fs::path> paths = paths_of(settings);
    for (std::size_t i = 0; i < paths.size(); ++i) {
        if (!fs::exists(paths[i]) || fs::file_size(paths[i]) != settings.coordinates * 4) {
            make_file(paths[i], settings.coordinates, i);
        }
    }
}

void forget(const std::vector<fs::path>& paths) {
    for (const fs::path& path : paths) {
        const File file(path, O_RDONLY);
        static_cast<void>(::posix_fadvise(file.descriptor(), 0, 0, POSIX_FADV_DONTNEED));
    }
}

// GB a second of the first files, one after the other in pieces of a megabyte.
double cold_rate(const Settings& settings) {
    std::vector<fs::path> paths = paths_of(settings);
    forget(paths);
    paths.resize(std::min(settings.sample, paths.size()));
    std::vector<char> buffer(std::size_t{1} << 20U);
    std::uint64_t total = 0;
    const auto start = Clock::now();
    for (const fs::path& path : paths) {
        const File file(path, O_RDONLY);
        ssize_t got = 0;
        while ((got = ::read(file.descriptor(), buffer.data(), buffer.size())) > 0) {
            total += static_cast<std::uint64_t>(got);
        }
    }
    const double rate = static_cast<double>(total) / kGiga / seconds_since(start);
    forget(paths);
    return rate;
}

// The number behind a key of a file of /proc, 0 where there is none.
std::uint64_t proc_value(const char* file, std::string_view key) {
    std::ifstream in(file);
    std::string word;
    while (in >> word) {
        std::uint64_t value = 0;
        if (word == key && in >> value) {
            return value;
        }
    }
    return 0;
}

void forget_peak() {
    std::ofstream("/proc/self/clear_refs") << "5";
}

rules::Step step_of(const RuleInfo& rule) {
    static const std::map<std::string_view, double> kRequired{
        {"beta", 0.25},     {"tau", 1.0}, {"norm", 1.0}, {"trusted", 0},
        {"threshold", 3.0}, {"cap", 2.0}, {"alpha", 0.5}};
    rules::Step step{.name = std::string(rule.name), .parameters = {}};
    for (const ParameterInfo& parameter : rule.parameters) {
        if (parameter.required) {
            step.parameters.push_back(
                {.name = std::string(parameter.name), .value = kRequired.at(parameter.name)});
        }
    }
    return step;
}

void run_rule(benchmark::State& state, const Settings& settings, const RuleInfo& rule) {
    std::atomic<std::uint64_t> values_read{0};
    std::vector<std::unique_ptr<VectorSource>> owned;
    std::vector<const VectorSource*> rows;
    for (const fs::path& path : paths_of(settings)) {
        owned.push_back(std::make_unique<CountedSource>(file_source(path).value(), values_read));
        rows.push_back(owned.back().get());
    }
    const std::vector<double> claims(rule.needs.claims ? rows.size() : 0, 1.0);
    // Norms are around one.
    const double unit = 0x1p-23 * std::sqrt(3.0 / static_cast<double>(settings.coordinates));
    MatrixInput input{.rows = rows, .unit = unit, .rules = {}, .seed = {}, .claims = claims};
    input.rules.rule = step_of(rule);
    input.rules.f = static_cast<std::uint32_t>(rows.size() / 5);
    const Chain chain = find_chain(input.rules).value();
    while (input.rules.f > 0 && !check_support(chain, rows.size(), input.rules.f)) {
        --input.rules.f;
    }
    const double cold = cold_rate(settings);
    forget_peak();
    const std::uint64_t storage_before = proc_value("/proc/self/io", "read_bytes:");
    double seconds = 0.0;
    for (auto _ : state) {
        const auto start = Clock::now();
        const auto result = aggregate_matrix(
            input, {.threads = settings.threads, .memory_bytes_max = settings.memory_mib << 20U});
        if (!result) {
            state.SkipWithError(result.error().message.c_str());
            return;
        }
        seconds += seconds_since(start);
    }
    const std::uint64_t storage = proc_value("/proc/self/io", "read_bytes:") - storage_before;
    const double gb_read = 4.0 * static_cast<double>(values_read.load()) / kGiga;
    const double gb_input = 4.0 * static_cast<double>(settings.rows * settings.coordinates) / kGiga;
    state.counters["f"] = input.rules.f;
    state.counters["gb_read"] = gb_read;
    state.counters["passes"] = gb_read / gb_input;
    state.counters["gb_storage"] = static_cast<double>(storage) / kGiga;
    state.counters["gb_s"] = gb_read / seconds;
    state.counters["cold_gb_s"] = cold;
    state.counters["peak_mib"] =
        static_cast<double>(proc_value("/proc/self/status", "VmHWM:")) / 1024.0;
}

// Takes our options out of the arguments. RETURNS false for a bad one.
bool read_settings(int& argc, char** argv, Settings& settings) {
    int kept = 1;
    for (int k = 1; k < argc; ++k) {
        const std::string_view word = argv[k];
        const std::size_t equals = word.find('=');
        const std::string_view name = word.substr(0, equals);
        const std::string value(equals == word.npos ? "" : word.substr(equals + 1));
        if (name == "--dir") {
            settings.dir = value;
        } else if (name == "--rows") {
            settings.rows = std::strtoull(value.c_str(), nullptr, 10);
        } else if (name == "--coordinates") {
            settings.coordinates = std::strtoull(value.c_str(), nullptr, 10);
        } else if (name == "--threads") {
            settings.threads = static_cast<unsigned>(std::strtoul(value.c_str(), nullptr, 10));
        } else if (name == "--memory_mib") {
            settings.memory_mib = std::strtoull(value.c_str(), nullptr, 10);
        } else if (name == "--sample") {
            settings.sample = std::strtoull(value.c_str(), nullptr, 10);
        } else {
            argv[kept++] = argv[k];
        }
    }
    argc = kept;
    return !settings.dir.empty() && settings.rows > 0 && settings.coordinates > 0 &&
           settings.threads > 0;
}

int run(int argc, char** argv) {
    Settings settings;
    if (!read_settings(argc, argv, settings)) {
        std::fputs(
            "usage: bench_aggregation_files --dir=DIR [--rows=10] [--coordinates=1000000] "
            "[--threads=1] [--memory_mib=64] [--sample=5] [--benchmark_...]\n",
            stderr);
        return 2;
    }
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
        return 2;
    }
    make_files(settings);
    for (const RuleInfo* rule : all_rules()) {
        benchmark::RegisterBenchmark(
            ("Files/" + std::string(rule->name)).c_str(),
            [settings, rule](benchmark::State& state) { run_rule(state, settings, *rule); })
            ->Unit(benchmark::kSecond)
            ->Iterations(1)
            ->UseRealTime();
    }
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}

}  // namespace
}  // namespace fedstake::aggregation

int main(int argc, char** argv) {
    try {
        return fedstake::aggregation::run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
