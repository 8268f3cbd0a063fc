// Runs one command to its end and keeps what it said.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace fedstake::testing {

struct ProgramOutput {
    int exit_code = -1;  // -1: did not start or did not end in time
    std::string text;    // standard output and error
};

// program: a name in bin_dir().
[[nodiscard]] ProgramOutput run_program(const char* program, std::vector<std::string> arguments);

[[nodiscard]] std::string read_text(const std::filesystem::path& path);
void write_text(const std::filesystem::path& path, const std::string& text);

}  // namespace fedstake::testing
