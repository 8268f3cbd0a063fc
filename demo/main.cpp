// fedstake-demo: the whole main job on one machine, from keys to settled stakes.
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <system_error>

#include <fmt/format.h>

#include "demo/federation.hpp"
#include "demo/options.hpp"
#include "demo/rules.hpp"
#include "proto/base/exit_code.hpp"

namespace {

namespace fs = std::filesystem;
using fedstake::ExitCode;
using fedstake::Status;
using fedstake::demo::demo_rules;
using fedstake::demo::Federation;
using fedstake::demo::Options;
using fedstake::demo::site_count;

std::atomic<bool> g_stop{false};

void on_signal(int /*number*/) {
    g_stop = true;
}

bool colours() {
    return ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
}

// Says what begins, and when it is done how long it took.
template <class Step>
Status narrated(const std::string& what, Step step) {
    std::cout << what << "\n" << std::flush;
    const auto start = std::chrono::steady_clock::now();
    const Status status = step();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    if (status) std::cout << fmt::format("  done in {:.1f} s\n\n", took.count()) << std::flush;
    return status;
}

// Before anything starts: a whole run for a result that cannot be written would be lost.
Status check_writable(const fs::path& file) {
    if (file.empty() || std::ofstream(file, std::ios::app)) return {};
    return fedstake::fail(fedstake::Errc::kInvalidInput,
                          "--json: cannot write " + file.string() +
                              "; its folder must exist and be yours to write in");
}

Status run(const Options& options, const fs::path& folder) {
    FS_TRY(check_writable(options.json));
    // Before a chain node and contracts are there for a rule that cannot run.
    if (const auto rules = demo_rules(options, site_count(options)); !rules) {
        return tl::unexpected(rules.error());
    }
    Federation federation(options, folder, g_stop);
    FS_TRY(narrated("founding a federation: keys, enrolment, chain node, contracts, stakes",
                    [&federation] { return federation.found(); }));
    FS_TRY(narrated("training", [&federation] { return federation.train(); }));
    FS_TRY(narrated("checking: an auditor recomputes the first and the last round over the wire",
                    [&federation] { return federation.check(); }));
    FS_TRY(narrated("settling: sites claim their rewards",
                    [&federation] { return federation.settle(); }));
    std::cout << fedstake::demo::render_table(federation.record(), colours());
    if (!options.json.empty()) {
        std::ofstream out(options.json);
        out << fedstake::demo::render_json(federation.record());
        out.close();
        if (!out) {
            return fedstake::fail(fedstake::Errc::kUnavailable,
                                  "cannot write " + options.json.string());
        }
        std::cout << "result written to " << options.json.string() << "\n";
    }
    return {};
}

// The folder of the run, removed at the end unless the user keeps it.
class Folder {
public:
    explicit Folder(const fs::path& keep) : keep_(!keep.empty()) {
        if (keep_) {
            path_ = fs::absolute(keep);
            fs::create_directories(path_, error_);
            if (!error_ && !fs::is_empty(path_, error_)) {
                error_ = std::make_error_code(std::errc::directory_not_empty);
            }
        } else {
            std::string name = (fs::temp_directory_path() / "fedstake-demo-XXXXXX").string();
            if (::mkdtemp(name.data()) == nullptr)
                error_ = std::error_code(errno, std::generic_category());
            path_ = name;
        }
    }
    ~Folder() {
        std::error_code ignored;
        if (!keep_) fs::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    [[nodiscard]] const fs::path& path() const noexcept { return path_; }
    [[nodiscard]] const std::error_code& error() const noexcept { return error_; }
    void keep() noexcept { keep_ = true; }

private:
    fs::path path_;
    std::error_code error_;
    bool keep_;
};

}  // namespace

int main(int argc, char** argv) {
    fedstake::demo::Parsed parsed = fedstake::demo::parse_options(argc, argv);
    if (parsed.exit_code) return *parsed.exit_code;
    std::signal(SIGINT, on_signal);
    std::signal(SIGTERM, on_signal);
    if (std::signal(SIGHUP, SIG_IGN) != SIG_IGN) std::signal(SIGHUP, on_signal);  // not under nohup
    // Nobody reads any more ("| head"): the run goes on, and what it started is ended in order.
    std::signal(SIGPIPE, SIG_IGN);
    if (parsed.options.bin_dir.empty()) {
        parsed.options.bin_dir = fs::read_symlink("/proc/self/exe").parent_path();
    }
    Folder folder(parsed.options.keep);
    if (folder.error()) {
        std::cerr << "demo: " << folder.path().string() << ": " << folder.error().message()
                  << "; --keep takes a new or empty folder\n";
        return fedstake::exit_code(ExitCode::kBadInput);
    }
    const Status status = run(parsed.options, folder.path());
    if (status) {
        if (!parsed.options.keep.empty())
            std::cout << "everything is kept in " << folder.path().string() << "\n";
        return 0;
    }
    if (g_stop) {
        std::cerr << "demo: interrupted; every process that it started has been ended\n";
        return fedstake::exit_code(ExitCode::kInterrupted);
    }
    std::cerr << "demo: " << status.error().message << "\n";
    if (!fs::is_empty(folder.path())) {
        folder.keep();
        std::cerr << "demo: logs are in " << folder.path().string() << "\n";
    }
    return fedstake::exit_code(fedstake::exit_code_for(status.error().code));
}
