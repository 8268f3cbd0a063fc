// Port to an Ethereum node: one JSON-RPC 2.0 call at a time.
#pragma once

#include <optional>
#include <string>
#include <string_view>

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

class Rpc {
public:
    virtual ~Rpc() = default;
    // RETURNS kUnavailable when the node cannot be reached in time, kCorrupt for an answer that is
    // no JSON-RPC answer to this call, kLimitExceeded for one that is too big or nested too deeply.
    [[nodiscard]] virtual Result<RpcReply> call(std::string_view method, const Json& params) = 0;
    // For messages: "http://127.0.0.1:8545".
    [[nodiscard]] virtual std::string name() const = 0;
};

}  // namespace fedstake::evm
