// JSON-RPC 2.0 over HTTP. The node is not trusted with our memory: bodies and nesting are bounded.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>

#include "contracts/cpp/evm/http_client.hpp"
#include "contracts/cpp/evm/rpc.hpp"
#include "proto/base/time.hpp"

namespace fedstake::evm {

struct JsonRpcOptions {
    Duration deadline{10'000};                           // one call, connection included
    std::size_t body_max = std::size_t{1} << 20U;        // answers
    std::size_t logs_body_max = std::size_t{16} << 20U;  // answers to eth_getLogs and to batches
    std::size_t batch_max = 100;                         // calls in one request
};

// Thread-safe: calls take turns on one kept connection.
class JsonRpc final : public Rpc {
public:
    [[nodiscard]] static Result<std::unique_ptr<JsonRpc>> open(std::string_view url,
                                                               JsonRpcOptions options = {});

    [[nodiscard]] Result<RpcReply> call(std::string_view method, const Json& params) override;
    // As batches of JSON-RPC 2.0, section 6. A node that takes none is asked one by one from then
    // on.
    [[nodiscard]] Result<std::vector<RpcReply>> call_all(std::span<const RpcCall> calls) override;
    [[nodiscard]] std::string name() const override { return url_; }

private:
    JsonRpc(std::string url, HttpUrl parsed, JsonRpcOptions options)
        : url_(std::move(url)), options_(options), http_(std::move(parsed)) {}
    // Nothing where the node refuses batches.
    [[nodiscard]] Result<std::optional<std::vector<RpcReply>>> batch(
        std::span<const RpcCall> calls);

    std::string url_;
    JsonRpcOptions options_;
    std::mutex mutex_;
    HttpClient http_;
    std::uint64_t next_id_ = 1;
    std::atomic<bool> batches_ = true;  // as far as is known
};

// Parses text with at most 64 levels of nesting. RETURNS kCorrupt or kLimitExceeded.
[[nodiscard]] Result<Json> parse_bounded_json(std::string_view text);

}  // namespace fedstake::evm
