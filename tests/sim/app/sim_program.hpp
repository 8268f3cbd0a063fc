// Runs fedstake-sim to its end.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace fedstake::sim {

struct ProgramRun {
    int exit_code = -1;  // -1: did not start, or died of a signal
    std::string out;
    std::string error;
};

// output: a file that standard output goes to instead of ProgramRun::out.
[[nodiscard]] ProgramRun run_sim(const std::vector<std::string>& arguments,
                                 const std::string& input = "", const std::string& output = "");

// The JSON that a run printed; a failed expectation and null where there is none.
[[nodiscard]] nlohmann::json json_of(const ProgramRun& run);

[[nodiscard]] std::string file_text(const std::string& path);

}  // namespace fedstake::sim
