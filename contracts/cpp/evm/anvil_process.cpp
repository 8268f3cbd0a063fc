// fork, exec, and waiting for the first answer.
#include "contracts/cpp/evm/anvil_process.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "contracts/cpp/evm/eth_node.hpp"
#include "contracts/cpp/evm/json_rpc.hpp"
#include "proto/base/check.hpp"

namespace fedstake::evm {

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 20> kDevSecrets{
    "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
    "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
    "5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
    "7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6",
    "47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a",
    "8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edffba",
    "92db14e403b83dfe3df233f83dfa3a0d7096f21ca9b0d6d6b8d88b2b4ec1564e",
    "4bbbf85ce3377467afe5d46f804f221813b2bb87f24d81f60f1fcdbf7cbf4356",
    "dbda1821b80551c9d65939329250298aa3472ba22feea921c0cf5d620ea67b97",
    "2a871d0798f97d79848a013d4936a73bf4cc922c825d33c1cf7073dff6d409c6",
    "f214f2b2cd398c806f84e317254e0f0b801d0643303237d97a22a48e01628897",
    "701b615bbdfb9de65240bc28bd21bbc0d996645a3dd57e7b12bc2bdf6f192c82",
    "a267530f49f8280200edf313ee7af6b827f2a8bce2897751d06a843f644967b1",
    "47c99abed3324a2707c28affff1267e45918ec8c3f20b8aa892e8b065d2942dd",
    "c526ee95bf44d8fc405a158bb884d9d1238d99f0612e9f33d006bb0789009aaa",
    "8166f546bab6da521a8369cab06c5d2b9e46670292d85c875ee9ec20e84ffb61",
    "ea6c44ac03bff858b476bba40716402b03e41b8e97e276d1baec7c37d42484a0",
    "689af8efa8c651a91ad287602527f3af2fe9f6501a7ac4b061667b5a93e037fd",
    "de9be858da4a475276426320d5e9262ecfc3ba460bfac56360bfa6c4c28b4ee0",
    "df57089febbacf7ba0bc227dafbffa9fc08a93fdc68e1e42411a14efcf23656e",
};

bool executable(const fs::path& path) {
    return access(path.c_str(), X_OK) == 0 && fs::is_regular_file(path);
}

// Binds the port (0: any) for a moment. RETURNS its number, or kConflict when somebody listens
// there: the child would end, and we would talk to the other one.
Result<std::uint16_t> free_port(std::uint16_t wanted) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return fail(Errc::kUnavailable, "cannot make a socket");
    const int yes = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(wanted);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    const bool bound =
        bind(fd, generic, size) == 0 && listen(fd, 1) == 0 && getsockname(fd, generic, &size) == 0;
    close(fd);
    if (!bound) {
        return fail(Errc::kConflict, "port " + std::to_string(wanted) +
                                         " on 127.0.0.1 is in use: stop what listens there, or "
                                         "choose another port (0 for any)");
    }
    return ntohs(address.sin_port);
}

std::vector<std::string> arguments(const fs::path& binary, const AnvilOptions& options,
                                   std::uint16_t port) {
    std::vector<std::string> list{binary.string(), "--silent",
                                  "--host",        "127.0.0.1",
                                  "--port",        std::to_string(port),
                                  "--hardfork",    "osaka",
                                  "--chain-id",    std::to_string(options.chain_id),
                                  "--accounts",    std::to_string(options.accounts)};
    if (options.state_file) {
        list.insert(list.end(), {"--state", options.state_file->string(), "--state-interval", "1"});
    }
    if (options.latest_state_only) list.emplace_back("--prune-history");
    if (options.block_time > 0) {
        list.insert(list.end(),
                    {"--block-time", std::to_string(options.block_time), "--mixed-mining"});
    }
    return list;
}

// Starts the program with its output discarded. The child dies with this process.
Result<pid_t> spawn(const std::vector<std::string>& list) {
    std::vector<char*> argv;
    for (const std::string& argument : list) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    const int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid < 0) {
        if (null_fd >= 0) close(null_fd);
        return fail(Errc::kUnavailable, std::string("cannot start anvil: ") + std::strerror(errno));
    }
    if (pid == 0) {
        // Only async-signal-safe calls between fork and exec.
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent) _exit(127);
        setpgid(0, 0);  // Ctrl-C goes to us; we stop the child
        dup2(null_fd, STDIN_FILENO);
        dup2(null_fd, STDOUT_FILENO);
        dup2(null_fd, STDERR_FILENO);
        execv(argv[0], argv.data());
        _exit(127);
    }
    if (null_fd >= 0) close(null_fd);
    return pid;
}

Status check_chain(EthNode& node, const AnvilOptions& options, bool fresh) {
    FS_ASSIGN(const std::uint64_t chain_id, node.chain_id());
    if (chain_id != options.chain_id) {
        return fail(Errc::kConflict, "another chain (id " + std::to_string(chain_id) +
                                         ") answers at " + node.name() + "; stop it");
    }
    FS_ASSIGN(const BlockHead head, node.latest_block());
    if (fresh && head.number != 0) {
        return fail(Errc::kConflict, "a chain with " + std::to_string(head.number) +
                                         " blocks answers at " + node.name() +
                                         ", which should be new: stop the old anvil");
    }
    return {};
}

}  // namespace

Result<fs::path> find_anvil() {
    if (const char* configured = std::getenv("FEDSTAKE_ANVIL"); configured != nullptr) {
        if (executable(configured)) return fs::path(configured);
        return fail(Errc::kNotFound, std::string("FEDSTAKE_ANVIL names '") + configured +
                                         "', which is not a program");
    }
    const fs::path beside = fs::path(FEDSTAKE_SOURCE_DIR) /
                            "contracts/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil";
    if (executable(beside)) return beside;
    const char* path = std::getenv("PATH");
    std::string_view rest = path == nullptr ? "" : path;
    while (!rest.empty()) {
        const std::size_t colon = rest.find(':');
        const fs::path candidate = fs::path(rest.substr(0, colon)) / "anvil";
        if (candidate.is_absolute() && executable(candidate)) return candidate;
        rest = colon == std::string_view::npos ? "" : rest.substr(colon + 1);
    }
    return fail(Errc::kNotFound,
                "anvil, the development chain node, is not installed: run tools/setup, or "
                "`npm ci` in contracts/, or set FEDSTAKE_ANVIL to the program");
}

crypto::SigningKey dev_key(std::size_t index) {
    FS_CHECK(index < kDevSecrets.size());
    auto key = crypto::SigningKey::from_hex(kDevSecrets[index]);
    FS_CHECK(key.has_value());
    return *std::move(key);
}

Result<AnvilProcess> AnvilProcess::start(const AnvilOptions& options) {
    FS_ASSIGN(const fs::path binary, find_anvil());
    AnvilProcess process;
    FS_ASSIGN(process.port_, free_port(options.port));
    process.url_ = "http://127.0.0.1:" + std::to_string(process.port_);
    const bool fresh = !options.state_file || !fs::exists(*options.state_file);
    FS_ASSIGN(process.pid_, spawn(arguments(binary, options, process.port_)));

    const auto end =
        std::chrono::steady_clock::now() + std::chrono::milliseconds(options.start_deadline.ms);
    FS_ASSIGN(const auto rpc, JsonRpc::open(process.url_, {.deadline = Duration{2000}}));
    EthNode node(*rpc);
    for (;;) {
        int status = 0;
        if (waitpid(process.pid_, &status, WNOHANG) == process.pid_) {
            process.pid_ = -1;
            return fail(Errc::kUnavailable, "anvil ended while starting on port " +
                                                std::to_string(process.port_) + ": run '" +
                                                binary.string() + "' by hand to see why");
        }
        const Status checked = check_chain(node, options, fresh);
        if (checked) return process;
        if (checked.error().code != Errc::kUnavailable) {
            return tl::unexpected<Error>(checked.error());
        }
        if (std::chrono::steady_clock::now() > end) {
            return with_context(checked.error(), "anvil did not start in time");
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

AnvilProcess::AnvilProcess(AnvilProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), port_(other.port_), url_(std::move(other.url_)) {}

AnvilProcess& AnvilProcess::operator=(AnvilProcess&& other) noexcept {
    if (this != &other) {
        stop();
        pid_ = std::exchange(other.pid_, -1);
        port_ = other.port_;
        url_ = std::move(other.url_);
    }
    return *this;
}

AnvilProcess::~AnvilProcess() {
    stop();
}

void AnvilProcess::stop() noexcept {
    if (pid_ <= 0) return;
    kill(pid_, SIGTERM);
    for (int tries = 0; tries < 200; ++tries) {
        if (waitpid(pid_, nullptr, WNOHANG) != 0) {
            pid_ = -1;
            return;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
}

}  // namespace fedstake::evm
