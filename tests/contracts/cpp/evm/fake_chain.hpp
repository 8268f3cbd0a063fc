// A node with one account's transactions, for the outbox: it mines, forgets, reorganises, takes
// nonces and fails on command. No contract runs; `refusal` stands for its answer.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "contracts/cpp/evm/rpc.hpp"
#include "proto/base/ids.hpp"

namespace fedstake::testing {

class FakeChain final : public evm::Rpc {
public:
    struct Mined {
        Digest hash;
        std::uint64_t block = 0;
        bool succeeded = true;
    };

    // Behaviour, to be changed by tests at will.
    std::uint64_t chain_id = 31337;
    bool automine = true;          // mine whatever is sent, one block each
    bool drop_broadcasts = false;  // answer, but forget the transaction
    std::optional<std::string> broadcast_fault;
    std::optional<Bytes> refusal;  // revert data of estimates
    bool with_event = true;
    bool mined_fail = false;  // mine with status 0
    Amount balance = Amount{1} << 100U;
    Amount base_fee = 1'000'000'000;
    Address contract;
    Digest event_topic;
    // Fails the call number `fail_at` (counted from 1) as a dead connection does; 0 never.
    // `after` lets the call take effect first: the answer is lost.
    std::size_t fail_at = 0;
    bool fail_after_effect = false;

    // What is there.
    std::vector<Mined> mined;              // by nonce
    std::vector<std::string> broadcasts;   // raw hex of every eth_sendRawTransaction, in order
    std::map<std::uint64_t, Digest> pool;  // by nonce
    std::uint64_t head = 10;
    std::size_t calls = 0;

    void mine_block();    // with what the pool has for the next nonces
    void mine_foreign();  // another transaction of the same account takes the next nonce
    void reorganise();    // the last mined transaction leaves the chain, into nowhere

    [[nodiscard]] Result<evm::RpcReply> call(std::string_view method,
                                             const evm::Json& params) override;
    [[nodiscard]] std::string name() const override { return "http://fake"; }

private:
    [[nodiscard]] evm::RpcReply answer(std::string_view method, const evm::Json& params);
    [[nodiscard]] evm::RpcReply send_raw(const std::string& raw);
    [[nodiscard]] evm::Json receipt(const std::string& hash) const;
};

}  // namespace fedstake::testing
