// Stands between one program and the chain node. It can end the program at the very moment at which
// a transaction is signed and stored but not yet sent, or sent but not yet answered.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "contracts/cpp/evm/http_client.hpp"
#include "tests/contracts/cpp/evm/fake_http_server.hpp"

namespace fedstake::testing {

class RpcProxy {
public:
    enum class AtSend : std::uint8_t {
        kPass,
        kKillBefore,  // the node never sees it
        kKillAfter,   // the program never hears of it
    };
    // What to do about the n-th transaction that the program sends, from 1.
    using Plan = std::function<AtSend(std::uint64_t number)>;

    // node: "http://127.0.0.1:8545".
    [[nodiscard]] static Result<std::unique_ptr<RpcProxy>> start(const std::string& node,
                                                                 Plan plan);

    [[nodiscard]] std::string url() const { return server_->url(); }
    // Whom to end. 0: nobody; the plan is then not asked.
    void aim_at(pid_t program) noexcept { program_ = program; }

    struct Kill {
        AtSend when = AtSend::kPass;
        std::string raw;          // the transaction, as it was in the request
        bool sent_again = false;  // the same bytes came later
    };
    [[nodiscard]] std::vector<Kill> kills() const;
    [[nodiscard]] std::uint64_t sends() const noexcept { return sends_; }

private:
    RpcProxy(evm::HttpUrl node, Plan plan);
    FakeReply answer(const std::string& body);
    FakeReply forward(const std::string& body);
    FakeReply end_program();
    AtSend take(const std::string& raw);

    Plan plan_;
    evm::HttpClient node_;
    std::atomic<pid_t> program_{0};
    std::atomic<std::uint64_t> sends_{0};
    mutable std::mutex mutex_;
    std::vector<Kill> kills_;
    std::unique_ptr<FakeHttpServer> server_;  // last: its thread uses the rest
};

}  // namespace fedstake::testing
