// posix_spawn with files for the three streams.
#include "tests/sim/app/sim_program.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"

namespace fedstake::sim {

std::string file_text(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

ProgramRun run_sim(const std::vector<std::string>& arguments, const std::string& input,
                   const std::string& output) {
    const fedstake::testing::TempDir folder;
    const std::string in = folder / "in";
    const std::string out = output.empty() ? std::string(folder / "out") : output;
    const std::string error = folder / "error";
    std::ofstream(in, std::ios::binary) << input;

    std::vector<std::string> words = {FEDSTAKE_SIM_PROGRAM};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    constexpr int kWrite = O_WRONLY | O_CREAT | O_TRUNC;
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, in.c_str(), O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), kWrite, 0600);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, error.c_str(), kWrite, 0600);
    pid_t child = -1;
    const int failed = posix_spawn(&child, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    EXPECT_EQ(failed, 0) << "cannot start " << words[0];
    int status = 0;
    if (failed != 0 || ::waitpid(child, &status, 0) != child) {
        return {};
    }
    return {.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
            .out = output.empty() ? file_text(out) : std::string(),
            .error = file_text(error)};
}

nlohmann::json json_of(const ProgramRun& run) {
    EXPECT_EQ(run.exit_code, 0) << run.error;
    EXPECT_EQ(run.error, "");
    auto value = nlohmann::json::parse(run.out, nullptr, /*allow_exceptions=*/false);
    EXPECT_FALSE(value.is_discarded()) << run.out;
    return value.is_discarded() ? nlohmann::json() : value;
}

}  // namespace fedstake::sim
