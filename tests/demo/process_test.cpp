#include "demo/process.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <iterator>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"

namespace fedstake::demo {
namespace {

using namespace std::chrono_literals;

std::string text_of(const std::filesystem::path& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

Command shell(const testing::TempDir& folder, const std::string& script) {
    return {
        .name = "shell", .program = "/bin/sh", .arguments = {"-c", script}, .log = folder / "log"};
}

// Gone, or dead and not yet collected by whoever inherited it.
bool has_ended(pid_t pid) {
    const std::string status = text_of("/proc/" + std::to_string(pid) + "/status");
    return status.empty() || status.find("State:\tZ") != std::string::npos;
}

TEST(DemoProcess, KeepsOutputAndExitCode) {
    const testing::TempDir folder;
    auto process = Process::start(shell(folder, "echo out; echo err >&2; exit 7"));
    ASSERT_TRUE(process) << process.error().message;
    EXPECT_EQ(process->wait_for(10s), 7);
    EXPECT_EQ(text_of(folder / "log"), "out\nerr\n");
}

TEST(DemoProcess, NamesAProgramThatIsNotThere) {
    const testing::TempDir folder;
    Command command = shell(folder, "");
    command.program = folder / "no-such-program";
    const auto process = Process::start(command);
    ASSERT_FALSE(process);
    EXPECT_EQ(process.error().code, Errc::kNotFound);
    EXPECT_NE(process.error().message.find("no-such-program"), std::string::npos);
}

TEST(DemoProcess, StopEndsIt) {
    const testing::TempDir folder;
    auto process = Process::start(shell(folder, "exec sleep 60"));
    ASSERT_TRUE(process) << process.error().message;
    process->stop();
    EXPECT_EQ(process->poll(), 128 + SIGTERM);
}

// A starter that is killed cannot run any destructor.
TEST(DemoProcess, EndsWhenItsStarterIsKilled) {
    const testing::TempDir folder;
    std::array<int, 2> line{};
    ASSERT_EQ(::pipe(line.data()), 0);
    const pid_t starter = ::fork();
    ASSERT_GE(starter, 0);
    if (starter == 0) {
        auto child = Process::start(shell(folder, "exec sleep 60"));
        const pid_t pid = child ? child->pid() : -1;
        (void)!::write(line[1], &pid, sizeof(pid));
        for (;;) ::pause();
    }
    pid_t child = -1;
    ASSERT_EQ(::read(line[0], &child, sizeof(child)), ssize_t{sizeof(child)});
    ASSERT_GT(child, 0);
    EXPECT_FALSE(has_ended(child));
    ASSERT_EQ(::kill(starter, SIGKILL), 0);
    ASSERT_EQ(::waitpid(starter, nullptr, 0), starter);
    for (int i = 0; i < 500 && !has_ended(child); ++i) std::this_thread::sleep_for(10ms);
    EXPECT_TRUE(has_ended(child));
    if (!has_ended(child)) ::kill(child, SIGKILL);
    ::close(line[0]);
    ::close(line[1]);
}

}  // namespace
}  // namespace fedstake::demo
