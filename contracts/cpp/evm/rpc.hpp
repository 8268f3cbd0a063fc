// Port to an Ethereum node: JSON-RPC 2.0 calls, one or several at a time.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "proto/base/bytes.hpp"
#include "proto/base/result.hpp"

namespace fedstake::evm {

using Json = nlohmann::json;

// The node's own error object: the call was understood and refused.
struct RpcFault {
    int code = 0;
    std::string message;  // printable, at most 300 characters
    Bytes data;           // revert data, where there is some
};

struct RpcReply {
    Json result;
    std::optional<RpcFault> fault;
};

struct RpcCall {
    std::string method;
    Json params;
};

class Rpc {
public:
    virtual ~Rpc() = default;
    // RETURNS kUnavailable when the node cannot be reached in time, kCorrupt for an answer that is
    // no JSON-RPC answer to this call, kLimitExceeded for one that is too big or nested too deeply.
    [[nodiscard]] virtual Result<RpcReply> call(std::string_view method, const Json& params) = 0;
    // Several calls, answered in their order; a refusal of one is its reply's fault. One after the
    // other here; in one request where the port can. RETURNS what call() does, for all of them.
    [[nodiscard]] virtual Result<std::vector<RpcReply>> call_all(std::span<const RpcCall> calls) {
        std::vector<RpcReply> replies;
        replies.reserve(calls.size());
        for (const RpcCall& one : calls) {
            FS_ASSIGN(RpcReply reply, call(one.method, one.params));
            replies.push_back(std::move(reply));
        }
        return replies;
    }
    // For messages: "http://127.0.0.1:8545".
    [[nodiscard]] virtual std::string name() const = 0;
};

}  // namespace fedstake::evm
