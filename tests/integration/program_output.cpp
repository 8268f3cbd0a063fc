// A child process with its output in a file.
#include "tests/integration/program_output.hpp"

#include <fstream>
#include <iterator>

#include "demo/process.hpp"
#include "tests/integration/running_federation.hpp"

namespace fedstake::testing {

ProgramOutput run_program(const char* program, std::vector<std::string> arguments) {
    const TempDir folder;
    auto process = demo::Process::start({.name = program,
                                         .program = bin_dir() / program,
                                         .arguments = std::move(arguments),
                                         .log = folder / "output"});
    if (!process) return {.exit_code = -1, .text = process.error().message};
    const auto code = process->wait_for(kPatience);
    return {.exit_code = code.value_or(-1), .text = read_text(folder / "output")};
}

std::string read_text(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void write_text(const std::filesystem::path& path, const std::string& text) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << text;
}

}  // namespace fedstake::testing
