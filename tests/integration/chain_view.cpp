// View calls and development-node calls.
#include "tests/integration/chain_view.hpp"

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "contracts/cpp/evm/anvil_process.hpp"
#include "contracts/cpp/evm/quantity.hpp"
#include "contracts/cpp/evm/site_account.hpp"
#include "contracts/cpp/evm/transaction_sender.hpp"
#include "tests/integration/program_output.hpp"

namespace fedstake::testing {

namespace {

using evm::AbiValue;

// The value, or a failed test and the type's own zero.
template <class T>
T expected(Result<T> result, std::string_view what) {
    if (result) return *std::move(result);
    ADD_FAILURE() << what << ": " << result.error().message;
    return T{};
}

}  // namespace

ChainView::ChainView(std::unique_ptr<evm::JsonRpc> rpc, std::unique_ptr<chain::Ledger> ledger,
                     evm::ContractAbis abis, manifest::ChainEntry at)
    : rpc_(std::move(rpc)),
      ledger_(std::move(ledger)),
      node_(*rpc_),
      abis_(std::move(abis)),
      at_(at) {}

Result<std::unique_ptr<ChainView>> ChainView::open(const demo::Federation& federation) {
    FS_ASSIGN(auto rpc,
              evm::JsonRpc::open("http://127.0.0.1:" + std::to_string(federation.ports().chain)));
    FS_ASSIGN(auto ledger, federation.read_ledger());
    FS_ASSIGN(auto abis, evm::ContractAbis::load());
    return std::unique_ptr<ChainView>(new ChainView(std::move(rpc), std::move(ledger),
                                                    std::move(abis), federation.manifest().chain));
}

Amount ChainView::amount_at(const Address& contract, const evm::ContractAbi& abi,
                            std::string_view function, std::vector<AbiValue> arguments) {
    const auto values =
        expected(evm::call_view(node_, contract, abi, function, std::move(arguments)), function);
    return values.empty() ? Amount{0} : expected(values.front().as_amount(), function);
}

Amount ChainView::tokens_of(const Address& account) {
    return amount_at(at_.token, abis_.token, "balanceOf", {AbiValue::address(account)});
}

chain::StakeAccount ChainView::account_of(const Address& account) {
    return expected(ledger_->stake_of(account), "stake of " + account.hex());
}

Amount ChainView::bounty_of(const Address& account) {
    return amount_at(at_.stake_vault, abis_.stake_vault, "bountyOf", {AbiValue::address(account)});
}

Amount ChainView::slash_pool() {
    return amount_at(at_.stake_vault, abis_.stake_vault, "slashPoolBalance", {});
}

Amount ChainView::total_bonded() {
    return amount_at(at_.stake_vault, abis_.stake_vault, "totalBonded", {});
}

std::uint64_t ChainView::window(std::size_t position) {
    const auto values = expected(
        evm::call_view(node_, at_.stake_vault, abis_.stake_vault, "windows", {}), "windows");
    if (values.empty()) return 0;
    const auto fields = expected(values.front().as_list(), "windows");
    return position < fields.size() ? expected(fields[position].as_u64(), "windows") : 0;
}

RoundNumber ChainView::head() {
    return expected(ledger_->committed_head(), "head");
}

Digest ChainView::committed(RoundNumber round) {
    auto commitment = ledger_->committed(round);
    if (!commitment && commitment.error().code == Errc::kNotFound) return {};
    return expected(std::move(commitment), "round " + std::to_string(round));
}

bool ChainView::is_final(RoundNumber round) {
    return expected(ledger_->is_final(round), "finality of round " + std::to_string(round));
}

std::uint64_t ChainView::transactions_of(const Address& account) {
    return expected(node_.nonce(account, false), "transactions of " + account.hex());
}

std::uint64_t ChainView::time() {
    return expected(node_.latest_block(), "newest block").timestamp;
}

std::size_t ChainView::count_events(const Address& contract, const evm::ContractAbi& abi,
                                    std::string_view event) {
    const auto known = abi.event(event);
    if (!known) {
        ADD_FAILURE() << known.error().message;
        return 0;
    }
    const std::uint64_t last = expected(node_.latest_block(), "newest block").number;
    std::size_t count = 0;
    for (std::uint64_t next = at_.deployed_block; next <= last;) {
        const auto page = node_.log_page({.address = contract,
                                          .topics = {known->topic()},
                                          .from_block = next,
                                          .to_block = last});
        if (!page) {
            ADD_FAILURE() << page.error().message;
            return 0;
        }
        count += page->logs.size();
        next = page->last_block + 1;
    }
    return count;
}

Result<Place> ChainView::place_of(const Digest& transaction) {
    FS_ASSIGN(const evm::Json receipt,
              node_.raw("eth_getTransactionReceipt", evm::Json::array({transaction.hex()})));
    Place place;
    FS_ASSIGN(place.block, evm::parse_quantity_u64(evm::member(receipt, "blockNumber"), "block"));
    FS_ASSIGN(place.index,
              evm::parse_quantity_u64(evm::member(receipt, "transactionIndex"), "index"));
    FS_ASSIGN(const evm::BlockHead block, node_.block(place.block));
    place.time = block.timestamp;
    return place;
}

Result<Place> ChainView::send(const crypto::SigningKey& key, const Address& contract,
                              const evm::ContractAbi& abi, std::string_view function,
                              std::vector<AbiValue> arguments) {
    evm::TransactionSender sender(node_, key);
    FS_ASSIGN(const evm::Receipt receipt,
              sender.call(contract, abi, function, std::move(arguments)));
    return place_of(receipt.transaction);
}

Status ChainView::stake_coordinator(const demo::Federation& federation, Amount amount) {
    FS_TRY(evm::mint_test_tokens(node_, evm::dev_key(0), at_.token,
                                 federation.manifest().coordinator, amount));
    const auto config = federation.coordinator_folder() / "coordinator.toml";
    const ProgramOutput done =
        run_program("fedstake-coordinator",
                    {"stake", "--amount", amount_to_string(amount), "--config", config.string()});
    return done.exit_code == 0 ? Status{} : Status(fail(Errc::kUnavailable, done.text));
}

Status ChainView::advance(std::uint64_t seconds) {
    FS_TRY(node_.raw("evm_increaseTime", evm::Json::array({seconds})));
    FS_TRY(node_.raw("evm_mine", evm::Json::array()));
    return {};
}

Status ChainView::mine(std::uint64_t blocks) {
    FS_TRY(node_.raw("anvil_mine", evm::Json::array({blocks})));
    return {};
}

}  // namespace fedstake::testing
