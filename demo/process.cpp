// fork, exec, waitpid and kill behind the Process owner.
#include "demo/process.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <deque>
#include <fstream>
#include <thread>
#include <utility>

namespace fedstake::demo {

namespace {

constexpr std::chrono::milliseconds kPollEvery{10};
constexpr std::chrono::seconds kStopGrace{5};

int exit_code_of(int status) noexcept {
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// In the child, between fork and exec: only calls that are safe there. Does not return.
[[noreturn]] void become(const Command& command, const std::vector<char*>& argv, pid_t parent,
                         int failure) noexcept {
    // Nobody is left to end it when the demo is killed outright.
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(127);
    // A group of its own: Ctrl-C reaches the demo alone, which then ends its children in order.
    ::setpgid(0, 0);
    const int input = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    const int log = ::open(command.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    const bool redirected = input >= 0 && log >= 0 && ::dup2(input, STDIN_FILENO) >= 0 &&
                            ::dup2(log, STDERR_FILENO) >= 0 &&
                            (command.shows_output || ::dup2(log, STDOUT_FILENO) >= 0);
    if (redirected) ::execv(command.program.c_str(), argv.data());
    const int error = errno;
    (void)!::write(failure, &error, sizeof(error));
    ::_exit(127);
}

}  // namespace

Result<Process> Process::start(const Command& command) {
    std::vector<std::string> words = {command.program.string()};
    words.insert(words.end(), command.arguments.begin(), command.arguments.end());
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);

    // The child's errno comes back through a pipe that closes by itself when exec works.
    std::array<int, 2> failure{-1, -1};
    if (::pipe2(failure.data(), O_CLOEXEC) != 0) {
        return fail(Errc::kUnavailable, std::string("cannot make a pipe: ") + std::strerror(errno));
    }
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid == 0) become(command, argv, parent, failure[1]);
    const int fork_error = errno;
    ::close(failure[1]);
    int error = 0;
    const bool failed =
        pid > 0 && ::read(failure[0], &error, sizeof(error)) == ssize_t{sizeof(error)};
    ::close(failure[0]);
    if (pid < 0) {
        return fail(Errc::kUnavailable,
                    "cannot start " + command.program.string() + ": " + std::strerror(fork_error));
    }
    if (failed) {
        (void)::waitpid(pid, nullptr, 0);
        return fail(Errc::kNotFound, "cannot start " + command.program.string() + ": " +
                                         std::strerror(error) + "; run tools/build first");
    }
    Process process;
    process.name_ = command.name;
    process.log_ = command.log;
    process.pid_ = pid;
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
