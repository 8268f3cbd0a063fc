// Command-line options of the demo.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "proto/base/result.hpp"

namespace fedstake::demo {

struct Options {
    std::uint32_t rounds = 15;
    std::uint32_t sites = 4;            // honest ones; the attacker comes on top
    std::string attack = "sign_flip";   // or "none"
    std::string rule = "trimmed-mean";  // or "multi-krum:m=2"
    std::filesystem::path heart_dir;    // empty: synthetic cohort
    std::uint64_t seed = 1;
    std::filesystem::path json;        // empty: no JSON
    std::filesystem::path keep;        // empty: a temporary folder, removed at the end
    std::uint16_t port_base = 0;       // 0: any free ports
    bool exclude_anomalies = true;     // false: verdicts are reported but exclude nobody
    std::filesystem::path rules_file;  // rules that the demo starts from
    std::filesystem::path bin_dir;     // where the fedstake programs are

    // Not on the command line: for programs that start the parts one by one.
    bool chain = true;             // false: nothing is settled on a chain
    bool chain_remembers = false;  // the chain node can be stopped and started again
    bool shows_rounds = true;      // the coordinator writes its trees to standard output
    std::int64_t collect_deadline_ms = 30'000;
    std::uint64_t challenge_window_s = 3;  // days in production; shortened, not left out
    std::uint32_t quorum = 0;              // updates that a round needs; 0: all sites but one
};

// Parses argv. A value: run with these options. std::nullopt in `exit_code`: see there.
struct Parsed {
    Options options;
    std::optional<int> exit_code;  // set: print nothing more and leave with it (--help, bad usage)
};
[[nodiscard]] Parsed parse_options(int argc, const char* const* argv);

}  // namespace fedstake::demo
