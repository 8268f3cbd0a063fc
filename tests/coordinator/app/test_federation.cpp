// A founded federation, sites by hand, and the coordinator as a child process.
#include "tests/coordinator/app/test_federation.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "coordinator/app/commands.hpp"
#include "coordinator/app/text_file.hpp"
#include "proto/base/check.hpp"
#include "proto/crypto/content_tree.hpp"
#include "proto/crypto/sha256.hpp"
#include "proto/manifest/enrolment.hpp"
#include "proto/manifest/rules_toml.hpp"
#include "proto/transport/memory_blob.hpp"
#include "proto/transport/transfer_upload.hpp"
#include "proto/wire/codec.hpp"

extern char** environ;

namespace fedstake::coordinator::testing {

namespace {

constexpr std::chrono::seconds kPatience{20};

bool can_bind(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    const bool good = ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    ::close(fd);
    return good;
}

// A port that was free a moment ago, below those that the system gives to outgoing connections.
std::uint16_t free_port() {
    static std::uint32_t next = static_cast<std::uint32_t>(::getpid()) * 97;
    for (;;) {
        const auto port = static_cast<std::uint16_t>(20'000 + next++ % 10'000);
        if (can_bind(port)) {
            return port;
        }
    }
}

rules::RoundRules make_rules(const TestRules& options) {
    rules::RoundRules rules;
    rules.coordinates = options.coordinates;
    // Ten outputs for models with more weights than a model may have inputs.
    const std::uint32_t outputs = options.coordinates > 1'000'000 ? 10 : 1;
    rules.model.inputs = static_cast<std::uint32_t>(options.coordinates) / outputs;
    rules.model.outputs = outputs;
    rules.model.site_local = {"linear.bias"};
    rules.aggregation.rule.name = options.rule;
    rules.aggregation.f = 0;
    rules.schedule.quorum = options.quorum;
    rules.schedule.auditors_needed = options.auditors_needed;
    rules.schedule.collect_deadline = Duration{options.collect_deadline_ms};
    rules.settlement.round_budget = 1000;
    return rules;
}

void must(const Status& status) {
    if (!status) {
        fmt::print(stderr, "{}\n", status.error().message);
        FS_CHECK(false);
    }
}

}  // namespace

TestFederation::TestFederation(std::size_t count, const TestRules& options) : port(free_port()) {
    ::setenv("FEDSTAKE_PASSPHRASE", "test", 1);
    ::testing::internal::CaptureStdout();  // what init tells the operator
    const auto rules_file = dir_.path() / "rules.toml";
    must(write_new_file(rules_file, manifest::rules_to_toml(make_rules(options))));
    InitOptions found;
    found.rules = rules_file;
    found.name = "test";
    found.out = folder();
    found.endpoint = fmt::format("tcp://127.0.0.1:{}", port);
    found.no_chain = true;
    found.http_port = 0;
    found.light = true;
    found.json = true;
    must(init(found));
    static_cast<void>(::testing::internal::GetCapturedStdout());
    for (std::size_t i = 0; i < count; ++i) {
        admit_site(/*auditor=*/i == 0);
    }
}

void TestFederation::admit_site(bool auditor) {
    sites.push_back({.owner = crypto::SigningKey::generate(),
                     .signer = crypto::SigningKey::generate(),
                     .curve = transport::generate_curve_keys(),
                     .name = fmt::format("site-{}", sites.size())});
    const SiteKeys& site = sites.back();
    const auto request = manifest::make_enrolment({.federation = manifest().federation,
                                                   .owner = site.owner.address(),
                                                   .signer = site.signer.address(),
                                                   .curve_key = site.curve.public_key,
                                                   .name = site.name},
                                                  31337, site.owner, site.signer);
    const auto file = dir_.path() / (site.name + ".json");
    must(write_new_file(file, manifest::to_json(request)));
    AdmitOptions let_in;
    let_in.config = config();
    let_in.requests = {file};
    let_in.auditor = auditor;
    let_in.json = true;
    ::testing::internal::CaptureStdout();
    must(admit(let_in));
    static_cast<void>(::testing::internal::GetCapturedStdout());
}

manifest::Manifest TestFederation::manifest() const {
    auto loaded = manifest::load_manifest(folder() / "federation.toml");
    if (!loaded) {
        ADD_FAILURE() << loaded.error().message;
        FS_CHECK(false);
    }
    return *std::move(loaded);
}

std::vector<std::string> TestFederation::events_named(const std::string& name) const {
    std::ifstream in(events());
    std::vector<std::string> found;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("{\"event\":\"" + name + "\"")) {
            found.push_back(line);
        }
    }
    return found;
}

// ---- ChildCoordinator --------------------------------------------------------------------------

ChildCoordinator::ChildCoordinator(const TestFederation& federation,
                                   const std::vector<std::string>& arguments) {
    std::vector<std::string> words{
        FEDSTAKE_COORDINATOR_PROGRAM, "run",      "--config",
        federation.config().string(), "--events", federation.events().string()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    const std::string log = federation.log().string();
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, log.c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND, 0644);
    posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
    FS_CHECK(::posix_spawn(&pid_, argv[0], &files, nullptr, argv.data(), environ) == 0);
    posix_spawn_file_actions_destroy(&files);
}

ChildCoordinator::~ChildCoordinator() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
}

void ChildCoordinator::kill(int signal) {
    ::kill(pid_, signal);
    if (signal == SIGKILL) {
        ::waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }
}

std::size_t ChildCoordinator::memory_mib(const std::string& line) const {
    std::ifstream in(fmt::format("/proc/{}/status", pid_));
    for (std::string text; std::getline(in, text);) {
        if (text.starts_with(line + ":")) {
            return std::stoul(text.substr(line.size() + 1)) / 1024;
        }
    }
    ADD_FAILURE() << line << " is not there";
    return 0;
}

std::optional<int> ChildCoordinator::wait(std::chrono::seconds longest) {
    const auto limit = std::chrono::steady_clock::now() + longest;
    while (std::chrono::steady_clock::now() < limit) {
        int status = 0;
        if (::waitpid(pid_, &status, WNOHANG) == pid_) {
            pid_ = -1;
            return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return std::nullopt;
}

// ---- TestSite ----------------------------------------------------------------------------------

TestSite::TestSite(const TestFederation& federation, std::size_t index)
    : manifest_(federation.manifest()),
      keys_(&federation.sites.at(index)),
      id_(keys_->owner.address()) {
    transport::DealerOptions options;
    options.endpoint = manifest_.endpoint;
    options.server_key = manifest_.coordinator_curve_key;
    options.secret_key = keys_->curve.secret_key;
    options.reconnect_first = std::chrono::milliseconds(50);
    options.reconnect_last = std::chrono::milliseconds(200);
    auto client = transport::DealerClient::start(std::move(options));
    FS_CHECK(client.has_value());
    client_ = *std::move(client);
}

std::optional<wire::Message> TestSite::next() {
    const auto limit = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < limit) {
        auto input = client_->next(std::chrono::milliseconds(100));
        if (!input) {
            continue;
        }
        if (const auto* payload = std::get_if<Bytes>(&*input)) {
            auto message = wire::decode(*payload);
            EXPECT_TRUE(message.has_value()) << message.error().message;
            return message ? std::optional<wire::Message>(*std::move(message)) : std::nullopt;
        }
    }
    ADD_FAILURE() << keys_->name << ": no message in time";
    return std::nullopt;
}

void TestSite::send(const wire::Message& message) {
    auto payload = wire::encode(message);
    ASSERT_TRUE(payload.has_value()) << payload.error().message;
    send_raw(*std::move(payload));
}

void TestSite::send_raw(Bytes payload) {
    const Status sent = client_->send(std::move(payload));
    EXPECT_TRUE(sent.has_value()) << sent.error().message;
}

wire::Welcome TestSite::join() {
    const auto limit = std::chrono::steady_clock::now() + kPatience;
    for (bool up = false; !up;) {
        if (std::chrono::steady_clock::now() > limit) {
            ADD_FAILURE() << keys_->name << ": no connection in time";
            return {};
        }
        const auto input = client_->next(std::chrono::milliseconds(100));
        const auto* link = input ? std::get_if<transport::LinkEvent>(&*input) : nullptr;
        up = link != nullptr && link->state == transport::LinkState::kUp;
    }
    send(wire::Hello{.federation = manifest_.federation,
                     .site = id_,
                     .protocol_version = wire::kProtocolVersion,
                     .software = "test"});
    return expect<wire::Welcome>();
}

rules::RoundContext TestSite::wait_for_round() {
    auto context = rules::RoundContext::decode(expect<wire::RoundOpen>().context);
    EXPECT_TRUE(context.has_value());
    return context ? *context : rules::RoundContext{};
}

rules::SignedUpdate TestSite::sign(const crypto::UpdateStatement& statement,
                                   const Bytes& details) const {
    return {.statement = statement,
            .signature = crypto::sign_statement(manifest_.domain(), statement, keys_->signer),
            .details = details};
}

TestSite::Update TestSite::make_update(const rules::RoundContext& context,
                                       const std::vector<std::int32_t>& values) const {
    Update update;
    for (const std::int32_t value : values) {
        for (unsigned shift = 0; shift < 32; shift += 8) {
            update.bytes.push_back(
                static_cast<std::uint8_t>(static_cast<std::uint32_t>(value) >> shift));
        }
    }
    const Bytes details{7, 7, 7};
    crypto::UpdateStatement statement;
    statement.federation = context.federation;
    statement.round = context.round;
    statement.attempt = context.attempt;
    statement.site = id_;
    statement.base_model = context.base_model;
    statement.update_root = crypto::content_root_of(update.bytes);
    statement.coordinates = values.size();
    statement.details_digest = crypto::sha256(details);
    update.signed_update = sign(statement, details);
    return update;
}

wire::Message TestSite::upload(const Update& update) {
    crypto::ContentHasher hasher;
    hasher.update(update.bytes);
    crypto::FileContent content = std::move(hasher).finish();
    transport::UploadSender sender(
        update.signed_update.encode(),
        {.root = update.signed_update.statement.update_root,
         .total_bytes = content.total_bytes,
         .chunk_roots = std::move(content.chunk_roots)},
        std::make_shared<transport::MemoryBlobReader>(std::make_shared<Bytes>(update.bytes)));
    send(sender.begin());
    for (;;) {
        auto message = next();
        if (!message) {
            return wire::Bye{"nothing came"};
        }
        if (std::holds_alternative<wire::Receipt>(*message) ||
            std::holds_alternative<wire::Refusal>(*message)) {
            return *std::move(message);
        }
        if (const auto* state = std::get_if<wire::UploadState>(&*message)) {
            EXPECT_TRUE(sender.on_state(*state).has_value());
        } else if (const auto* ack = std::get_if<wire::UploadAck>(&*message)) {
            EXPECT_TRUE(sender.on_ack(*ack).has_value());
        }
        for (auto out = sender.next(); out && *out; out = sender.next()) {
            chunks_sent += std::holds_alternative<wire::UploadChunk>(**out) ? 1U : 0U;
            send(**out);
        }
    }
}

std::optional<Bytes> TestSite::fetch(const Digest& root) {
    send(wire::FetchBegin{root});
    Bytes bytes;
    std::uint64_t chunks = 0;
    for (;;) {
        const auto message = next();
        if (!message || std::holds_alternative<wire::Refusal>(*message)) {
            return std::nullopt;
        }
        if (const auto* info = std::get_if<wire::FetchInfo>(&*message)) {
            chunks = info->chunk_roots.size();
            send(wire::FetchChunk{root, 0});
        } else if (const auto* data = std::get_if<wire::FetchData>(&*message)) {
            bytes.insert(bytes.end(), data->data.begin(), data->data.end());
            if (data->index + 1 == chunks) {
                return bytes;
            }
            send(wire::FetchChunk{root, data->index + 1});
        }
    }
}

void TestSite::attest(const wire::AttestRequest& request) {
    wire::Attestation answer{.round = request.round,
                             .attempt = request.attempt,
                             .commitment_signature = crypto::sign_statement(
                                 manifest_.domain(), request.commitment, keys_->signer),
                             .fault_signatures = {}};
    for (const crypto::AttestedFault& fault : request.faults) {
        answer.fault_signatures.push_back(
            crypto::sign_statement(manifest_.domain(), fault, keys_->signer));
    }
    send(answer);
}

}  // namespace fedstake::coordinator::testing
