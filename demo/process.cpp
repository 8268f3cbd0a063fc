// posix_spawn, waitpid and kill behind the Process owner.
#include "demo/process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <deque>
#include <fstream>
#include <thread>
#include <utility>

extern char** environ;

namespace fedstake::demo {

namespace {

constexpr std::chrono::milliseconds kPollEvery{10};
constexpr std::chrono::seconds kStopGrace{5};

int exit_code_of(int status) noexcept {
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Result<Process> Process::start(const Command& command) {
    std::vector<std::string> words = {command.program.string()};
    words.insert(words.end(), command.arguments.begin(), command.arguments.end());
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, command.log.c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (!command.shows_output) {
        posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    }
    // A group of its own: Ctrl-C reaches the demo alone, which then ends its children in order.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setpgroup(&attributes, 0);

    Process process;
    process.name_ = command.name;
    process.log_ = command.log;
    const int error = posix_spawn(&process.pid_, command.program.c_str(), &actions, &attributes,
                                  argv.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
        process.pid_ = -1;
        return fail(Errc::kNotFound, "cannot start " + command.program.string() + ": " +
                                         std::strerror(error) + "; run tools/build first");
    }
    return process;
}

Process::~Process() {
    stop();
}

Process::Process(Process&& other) noexcept
    : name_(std::move(other.name_)),
      log_(std::move(other.log_)),
      pid_(std::exchange(other.pid_, -1)),
      exit_code_(other.exit_code_) {}

Process& Process::operator=(Process&& other) noexcept {
    if (this != &other) {
        stop();
        name_ = std::move(other.name_);
        log_ = std::move(other.log_);
        pid_ = std::exchange(other.pid_, -1);
        exit_code_ = other.exit_code_;
    }
    return *this;
}

std::optional<int> Process::poll() {
    if (exit_code_ || pid_ < 0) return exit_code_;
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == pid_) exit_code_ = exit_code_of(status);
    return exit_code_;
}

std::optional<int> Process::wait_for(std::chrono::milliseconds limit) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!poll()) {
        if (std::chrono::steady_clock::now() >= end) return std::nullopt;
        std::this_thread::sleep_for(kPollEvery);
    }
    return exit_code_;
}

void Process::signal(int number) const noexcept {
    if (pid_ > 0 && !exit_code_) ::kill(pid_, number);
}

void Process::stop() noexcept {
    if (pid_ < 0 || poll()) return;
    signal(SIGTERM);
    if (!wait_for(kStopGrace)) {
        signal(SIGKILL);
        (void)wait_for(kStopGrace);
    }
}

Status run_to_end(const Command& command, std::chrono::seconds limit) {
    FS_ASSIGN(Process process, Process::start(command));
    const auto code = process.wait_for(limit);
    if (!code) {
        return fail(Errc::kUnavailable, command.name + " did not finish within " +
                                            std::to_string(limit.count()) + " s; see " +
                                            command.log.string());
    }
    if (*code != 0) {
        return fail(Errc::kUnavailable, command.name + " ended with exit code " +
                                            std::to_string(*code) + ":\n" +
                                            log_tail(command.log, 12));
    }
    return {};
}

std::string log_tail(const std::filesystem::path& log, std::size_t lines) {
    std::ifstream in(log);
    std::deque<std::string> last;
    for (std::string line; std::getline(in, line);) {
        last.push_back(line);
        if (last.size() > lines) last.pop_front();
    }
    std::string text;
    for (const auto& line : last) text += "    " + line + "\n";
    return text + "    (whole log: " + log.string() + ")";
}

}  // namespace fedstake::demo
