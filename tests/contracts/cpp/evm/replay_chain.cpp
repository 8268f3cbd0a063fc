// The code of driver, forwarder and refusing token, by hand: some tens of bytes each.
#include "tests/contracts/cpp/evm/replay_chain.hpp"

#include <algorithm>
#include <stdexcept>

#include "contracts/cpp/evm/quantity.hpp"

namespace fedstake::testing {

using evm::Json;

namespace {

// Input: entries address(20) | length(4) | data. Calls each address with its data; logs and returns
// success(32) | size(32) | output of each.
constexpr std::string_view kDriverCode =
    "60006000"                        // positions in input and output: 0
    "5b"                              // 04: next entry
    "36821015604e57"                  // no input is left: to 4e
    "8135"                            // the entry's first word
    "8060401c63ffffffff16"            // its length
    "80846018018437"                  // calldatacopy(output, position + 24, length)
    "60006000828560008660601c5af1"    // call(gas, address, 0, output, length, 0, 0)
    "8352"                            // mstore(output, success)
    "3d8360200152"                    // mstore(output + 32, returndatasize)
    "3d6000846040013e"                // returndatacopy(output + 64, 0, returndatasize)
    "9050601801903d0160400191019060"  // both positions move on
    "0456"                            // to 04
    "5b806000a0"                      // 4e: log0(0, output)
    "6000f3";                         // return(0, output)

// Input: target(32) | data. Calls the target with the data and ends as that call did.
constexpr std::string_view kForwarderCode =
    "602036036020600037"                  // calldatacopy(0, 32, calldatasize - 32)
    "6000600060203603600060006000355af1"  // call(gas, target, 0, 0, calldatasize - 32, 0, 0)
    "3d600060003e"                        // returndatacopy(0, 0, returndatasize)
    "6027573d6000fd"                      // it failed: revert(0, returndatasize)
    "5b3d6000f3";                         // 27: return(0, returndatasize)

// Before and behind the address of the token's own code. Input of transfer: refused where the word
// at the slot of the receiver's address is set. Input 00000001 | account | word: sets it.
// Everything else is the token's.
constexpr std::string_view kRefusingToken[2] = {
    "60003560e01c8063a9059cbb14604d57"            // transfer: to 4d
    "600114606c57"                                // set: to 6c
    "5b3660006000376000600036600073",             // 16: delegatecall(gas, address, ...)
    "5af43d600060003e6048573d6000fd5b3d6000f3"    // 48: return what it returned
    "5b600435541560165763ec442f0560e01b600052"    // 4d: ERC20InvalidReceiver(
    "60043560045260246000fd5b6024356004355500"};  // receiver); 6c: sstore(account, word)

constexpr std::size_t kSender = 5;          // dev key that pays for the driver's transactions
constexpr std::uint64_t kGas = 29'000'000;  // anvil's blocks have 30 million

Address filled(std::uint8_t byte) {
    Address address;
    address.bytes.fill(byte);
    return address;
}

evm::AnvilOptions latest_state_only() {
    evm::AnvilOptions options;
    options.latest_state_only = true;
    return options;
}

template <class T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().message);
    return *std::move(result);
}

Bytes encode(const std::vector<ActorCall>& calls) {
    ByteWriter out;
    for (const ActorCall& call : calls) {
        const bool direct = call.actor.is_zero();
        out.raw((direct ? call.target : call.actor).view());
        out.u32(static_cast<std::uint32_t>(call.data.size() + (direct ? 0 : 32)));
        if (!direct) out.u64(0).u32(0).raw(call.target.view());
        out.raw(call.data);
    }
    return out.take();
}

void decode(ByteView data, std::vector<ActorOutcome>& outcomes) {
    while (data.size() >= 64) {
        ActorOutcome outcome;
        outcome.succeeded = data[31] == 1;
        std::size_t size = 0;
        for (std::size_t i = 60; i < 64; ++i) size = size << 8U | data[i];
        if (data.size() < 64 + size) throw std::runtime_error("the driver's log is cut off");
        outcome.output.assign(data.begin() + 64,
                              data.begin() + 64 + static_cast<std::ptrdiff_t>(size));
        outcomes.push_back(std::move(outcome));
        data = data.subspan(64 + size);
    }
    if (!data.empty()) throw std::runtime_error("the driver's log is cut off");
}

}  // namespace

ReplayChain::ReplayChain(const evm::DeploymentConfig& config, const std::vector<Address>& actors)
    : chain_(latest_state_only(), config),
      driver_(filled(0xd1)),
      sender_(evm::dev_key(kSender).address()) {
    find_contracts();
    must(
        node().raw("anvil_setCode", Json::array({driver_.hex(), "0x" + std::string(kDriverCode)})));
    // The deployer too, which mints the tokens.
    std::vector<Address> all = actors;
    all.push_back(evm::dev_key(kDeployer).address());
    for (const Address& actor : all) {
        must(node().raw("anvil_setCode",
                        Json::array({actor.hex(), "0x" + std::string(kForwarderCode)})));
    }
    make_token_refuse();
    must(node().raw("evm_setAutomine", Json::array({false})));
    first_block_ = next_block_ = must(node().latest_block()).number + 1;
}

void ReplayChain::find_contracts() {
    const auto found = must(evm::call_view(node(), at().access, abis().access, "contracts", {}));
    const auto list = must(found[0].as_list());
    result_prover_ = must(list.at(3).as_address());
    settlement_prover_ = must(list.at(4).as_address());
    disputes_ = must(list.at(6).as_address());
    demands_ = must(list.at(8).as_address());
}

void ReplayChain::make_token_refuse() {
    const Address own = filled(0xd2);
    const Json code = must(node().raw("eth_getCode", Json::array({at().token.hex(), "latest"})));
    must(node().raw("anvil_setCode", Json::array({own.hex(), code})));
    const std::string wrapper = "0x" + std::string(kRefusingToken[0]) + own.hex().substr(2) +
                                std::string(kRefusingToken[1]);
    must(node().raw("anvil_setCode", Json::array({at().token.hex(), wrapper})));
}

ActorCall ReplayChain::set_refused(const Address& account, bool refused) const {
    ByteWriter data;
    data.u32(1).u64(0).u32(0).raw(account.view()).u128(0).u64(0).u64(refused ? 1 : 0);
    return {Address{}, at().token, data.take()};
}

void ReplayChain::run(std::uint64_t time, const std::vector<ActorCall>& calls) {
    const Json transaction{{"from", sender_.hex()},
                           {"to", driver_.hex()},
                           {"gas", evm::to_quantity(kGas)},
                           {"data", to_hex0x(encode(calls))}};
    must(node().raw("eth_sendTransaction", Json::array({transaction})));
    must(node().raw("evm_mine", Json::array({Json{{"timestamp", time}}})));
    ++next_block_;
}

std::vector<ActorOutcome> ReplayChain::take_outcomes() {
    std::vector<ActorOutcome> outcomes;
    if (first_block_ == next_block_) return outcomes;
    const auto page = must(node().log_page({driver_, {}, first_block_, next_block_ - 1}));
    if (page.logs.size() != next_block_ - first_block_) {
        throw std::runtime_error("of " + std::to_string(next_block_ - first_block_) +
                                 " transactions of the driver " + std::to_string(page.logs.size()) +
                                 " succeeded: out of gas?");
    }
    for (const evm::Log& log : page.logs) decode(log.data, outcomes);
    first_block_ = next_block_;
    return outcomes;
}

void ReplayChain::keep() {
    snapshot_ = must(node().raw("evm_snapshot", Json::array())).get<std::string>();
}

void ReplayChain::go_back() {
    must(node().raw("evm_revert", Json::array({snapshot_})));
    keep();
    first_block_ = next_block_ = must(node().latest_block()).number + 1;
}

std::uint64_t ReplayChain::time() {
    return must(node().latest_block()).timestamp;
}

}  // namespace fedstake::testing
