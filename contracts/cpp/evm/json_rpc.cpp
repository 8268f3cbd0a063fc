// Requests, and the checks that an answer is an answer to the request.
#include "contracts/cpp/evm/json_rpc.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <vector>

namespace fedstake::evm {

namespace {

constexpr unsigned kNestingMax = 64;
constexpr std::size_t kMessageMax = 300;

// Deepest nesting of brackets outside strings; the parser itself has no bound.
bool too_deep(std::string_view text) {
    unsigned depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') {
                ++i;
            } else if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > kNestingMax) return true;
        } else if ((c == ']' || c == '}') && depth > 0) {
            --depth;
        }
    }
    return false;
}

std::string printable(std::string_view text) {
    std::string out(text.substr(0, kMessageMax));
    std::replace_if(
        out.begin(), out.end(),
        [](char c) {
            const auto byte = static_cast<unsigned char>(c);
            return byte < 0x20 || byte >= 0x7f;
        },
        '?');
    return out;
}

// Nodes put revert data in error.data as text, or as an object with a "data" member.
Bytes revert_data(const Json& error) {
    const auto found = error.find("data");
    if (found == error.end()) return {};
    const Json* data = &*found;
    if (data->is_object() && data->contains("data")) data = &data->at("data");
    if (!data->is_string()) return {};
    const auto& text = data->get_ref<const std::string&>();
    if (!text.starts_with("0x")) return {};
    auto bytes = from_hex(text);
    return bytes ? *std::move(bytes) : Bytes{};
}

RpcFault parse_fault(const Json& error) {
    RpcFault fault;
    if (!error.is_object()) {
        fault.message = "an error without explanation";
        return fault;
    }
    if (const auto code = error.find("code"); code != error.end() && code->is_number_integer()) {
        const auto value = code->get<std::int64_t>();
        fault.code = static_cast<int>(std::clamp<std::int64_t>(value, -1'000'000, 1'000'000));
    }
    if (const auto text = error.find("message"); text != error.end() && text->is_string()) {
        fault.message = printable(text->get_ref<const std::string&>());
    }
    fault.data = revert_data(error);
    return fault;
}

Json request_of(std::uint64_t id, std::string_view method, const Json& params) {
    return {{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}};
}

// The reply in one object of an answer; its id was checked.
Result<RpcReply> read_reply(const Json& reply, const std::string& context) {
    const auto fault = reply.find("error");
    if (fault != reply.end() && !fault->is_null()) return RpcReply{Json(), parse_fault(*fault)};
    const auto result = reply.find("result");
    if (result == reply.end()) return fail(Errc::kCorrupt, context + ": no result in the answer");
    return RpcReply{*result, std::nullopt};
}

bool is_reply(const Json& reply) {
    return reply.is_object() && reply.value("jsonrpc", Json()) == "2.0";
}

}  // namespace

Result<Json> parse_bounded_json(std::string_view text) {
    if (too_deep(text)) {
        return fail(Errc::kLimitExceeded,
                    "JSON nested more than " + std::to_string(kNestingMax) + " levels deep");
    }
    Json json = Json::parse(text, nullptr, false);
    if (json.is_discarded()) {
        return fail(Errc::kCorrupt, "not JSON: '" + printable(text.substr(0, 60)) + "'");
    }
    return json;
}

Result<std::unique_ptr<JsonRpc>> JsonRpc::open(std::string_view url, JsonRpcOptions options) {
    FS_ASSIGN(HttpUrl parsed, HttpUrl::parse(url));
    return std::unique_ptr<JsonRpc>(new JsonRpc(std::string(url), std::move(parsed), options));
}

Result<RpcReply> JsonRpc::call(std::string_view method, const Json& params) {
    const std::lock_guard lock(mutex_);
    const std::uint64_t id = next_id_++;
    const Json request = request_of(id, method, params);
    const std::size_t body_max =
        method == "eth_getLogs" ? options_.logs_body_max : options_.body_max;
    FS_ASSIGN(const HttpReply http, http_.post(request.dump(), options_.deadline, body_max));

    const std::string context = "chain node " + url_ + ", " + std::string(method);
    auto parsed = parse_bounded_json(http.body);
    if (http.status != 200 && (!parsed || !parsed->is_object() || !parsed->contains("error"))) {
        const bool later = http.status == 429 || http.status >= 500;
        return fail(later ? Errc::kUnavailable : Errc::kCorrupt,
                    context + ": HTTP status " + std::to_string(http.status));
    }
    if (!parsed) return with_context(parsed.error(), context);
    const Json& reply = *parsed;
    if (!is_reply(reply)) {
        return fail(Errc::kCorrupt, context + ": the answer is not a JSON-RPC 2.0 object");
    }
    const auto fault = reply.find("error");
    const bool refused = fault != reply.end() && !fault->is_null();
    const Json reply_id = reply.value("id", Json());
    if (reply_id != Json(id) && !(refused && reply_id.is_null())) {
        return fail(Errc::kCorrupt, context + ": the answer belongs to another call");
    }
    return read_reply(reply, context);
}

Result<std::optional<std::vector<RpcReply>>> JsonRpc::batch(std::span<const RpcCall> calls) {
    const std::lock_guard lock(mutex_);
    const std::uint64_t first = next_id_;
    Json request = Json::array();
    for (const RpcCall& call : calls) {
        request.push_back(request_of(next_id_++, call.method, call.params));
    }
    FS_ASSIGN(const HttpReply http,
              http_.post(request.dump(), options_.deadline, options_.logs_body_max));
    const std::string context =
        "chain node " + url_ + ", batch of " + std::to_string(calls.size()) + " calls";
    if (http.status == 429 || http.status >= 500) {
        return fail(Errc::kUnavailable, context + ": HTTP status " + std::to_string(http.status));
    }
    auto parsed = parse_bounded_json(http.body);
    // One object instead of a list, or a status of its own: the node does not take batches.
    if (http.status != 200 || (parsed && is_reply(*parsed))) {
        return std::optional<std::vector<RpcReply>>();
    }
    if (!parsed) return with_context(parsed.error(), context);
    if (!parsed->is_array() || parsed->size() != calls.size()) {
        return fail(Errc::kCorrupt, context + ": the answer is not a list of as many replies");
    }
    std::vector<std::optional<RpcReply>> found(calls.size());  // nodes answer in any order
    for (const Json& reply : *parsed) {
        const Json id = is_reply(reply) ? reply.value("id", Json()) : Json();
        const std::uint64_t place =
            id.is_number_unsigned() ? id.get<std::uint64_t>() - first : calls.size();
        if (place >= calls.size() || found[place]) {
            return fail(Errc::kCorrupt, context + ": a reply belongs to no call, or to another's");
        }
        FS_ASSIGN(found[place], read_reply(reply, context));
    }
    std::vector<RpcReply> replies;
    replies.reserve(found.size());
    for (auto& reply : found) replies.push_back(*std::move(reply));
    return std::optional(std::move(replies));
}

Result<std::vector<RpcReply>> JsonRpc::call_all(std::span<const RpcCall> calls) {
    if (!batches_ || calls.size() < 2) return Rpc::call_all(calls);
    std::vector<RpcReply> replies;
    replies.reserve(calls.size());
    for (std::size_t begin = 0; begin < calls.size(); begin += options_.batch_max) {
        const auto part = calls.subspan(begin, std::min(options_.batch_max, calls.size() - begin));
        FS_ASSIGN(auto answered, batch(part));
        if (!answered) {
            batches_ = false;
            return Rpc::call_all(calls);
        }
        std::ranges::move(*answered, std::back_inserter(replies));
    }
    return replies;
}

}  // namespace fedstake::evm
