// A child process with its output in a log file, ended by its own process id.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "proto/base/result.hpp"

namespace fedstake::demo {

struct Command {
    std::string name;  // for messages: "coordinator", "site cleveland"
    std::filesystem::path program;
    std::vector<std::string> arguments;  // without the program itself
    std::filesystem::path log;           // standard output and error go here
    bool shows_output = false;           // standard output goes where the demo's own does
};

// Move-only owner of a running child. The destructor ends the child: SIGTERM, then SIGKILL after 5
// s. The child also gets SIGTERM when the thread that started it ends, however it ends.
class Process {
public:
    // RETURNS kNotFound when the program cannot be started.
    [[nodiscard]] static Result<Process> start(const Command& command);
    ~Process();
    Process(Process&& other) noexcept;
    Process& operator=(Process&& other) noexcept;

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    [[nodiscard]] const std::filesystem::path& log() const noexcept { return log_; }

    // The exit code (128 + signal when killed) once the child has ended; does not block.
    [[nodiscard]] std::optional<int> poll();
    // Waits until the child ends or the time is over.
    [[nodiscard]] std::optional<int> wait_for(std::chrono::milliseconds limit);
    void signal(int number) const noexcept;
    void stop() noexcept;

private:
    Process() = default;
    std::string name_;
    std::filesystem::path log_;
    pid_t pid_ = -1;
    std::optional<int> exit_code_;
};

// Runs a command to its end. RETURNS kUnavailable with the last lines of its log when it exits with
// another code than 0, or takes longer than the limit.
[[nodiscard]] Status run_to_end(const Command& command, std::chrono::seconds limit);

// The last lines of a log file, indented, for error messages.
[[nodiscard]] std::string log_tail(const std::filesystem::path& log, std::size_t lines);

}  // namespace fedstake::demo
