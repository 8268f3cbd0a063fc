// Reads the event log line by line; everything else is the demo's federation.
#include "tests/integration/running_federation.hpp"

#include <cstdlib>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

namespace fedstake::testing {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kLookEvery{10};

std::uint64_t status_figure(pid_t pid, const std::string& name) {
    std::ifstream in("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with(name + ":")) {
            return std::strtoull(line.c_str() + name.size() + 1, nullptr, 10) * 1024;
        }
    }
    return 0;
}

}  // namespace

bool wait_until(const std::function<bool()>& condition, std::chrono::seconds limit) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(kLookEvery);
    }
    return true;
}

fs::path bin_dir() {
    const char* configured = std::getenv("FEDSTAKE_BIN_DIR");
    return configured != nullptr ? fs::path(configured) : fs::path(FEDSTAKE_BIN_DIR);
}

fs::path test_bin_dir() {
    return FEDSTAKE_BIN_DIR;
}

demo::Options small_options() {
    demo::Options options;
    options.rounds = 3;
    options.sites = 4;
    options.attack = "none";
    options.rules_file = fs::path(FEDSTAKE_SOURCE_DIR) / "configs" / "rules" / "heart.toml";
    options.bin_dir = bin_dir();
    options.chain = false;
    options.shows_rounds = false;
    return options;
}

std::uint64_t resident_bytes(pid_t pid) {
    return status_figure(pid, "VmRSS");
}

std::uint64_t peak_resident_bytes(pid_t pid) {
    return status_figure(pid, "VmHWM");
}

RunningFederation::RunningFederation(const demo::Options& options)
    : federation_(options, folder_.path(), stop_) {}

Status RunningFederation::start_rounds() {
    return start_rounds_without(federation_.sites().size());
}

Status RunningFederation::start_rounds_without(std::size_t left_out) {
    FS_TRY(federation_.start_coordinator(demo::Federation::CoordinatorMode::kRounds));
    for (std::size_t i = 0; i < federation_.sites().size(); ++i) {
        if (i != left_out) FS_TRY(federation_.start_site(federation_.sites()[i]));
    }
    return {};
}

std::vector<RunningFederation::Event> RunningFederation::events(const std::string& kind,
                                                                const Filter& filter) const {
    std::vector<Event> found;
    std::ifstream in(federation_.events_file());
    for (std::string line; std::getline(in, line);) {
        Event event = Event::parse(line, nullptr, false);  // the last line may be on its way
        if (event.is_object() && event.value("event", "") == kind && (!filter || filter(event))) {
            found.push_back(std::move(event));
        }
    }
    return found;
}

bool RunningFederation::wait_for_event(const std::string& kind, const Filter& filter,
                                       std::chrono::seconds limit) const {
    return wait_until([&] { return !events(kind, filter).empty(); }, limit);
}

int RunningFederation::wait_for_end(std::chrono::seconds limit) {
    const auto code = federation_.coordinator().wait_for(limit);
    if (!code) return -1;
    for (demo::Process& client : federation_.clients()) (void)client.wait_for(limit);
    return *code;
}

std::string RunningFederation::log() const {
    return demo::log_tail(folder() / "coordinator.log", 20);
}

RunningFederation::Filter in_round(RoundNumber round) {
    return [round](const RunningFederation::Event& event) {
        return event.value("round", RoundNumber{0}) == round;
    };
}

RunningFederation::Filter in_round_of(RoundNumber round, const std::string& site) {
    return [round, site](const RunningFederation::Event& event) {
        return event.value("round", RoundNumber{0}) == round && event.value("name", "") == site;
    };
}

}  // namespace fedstake::testing
