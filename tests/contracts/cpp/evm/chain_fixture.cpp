// Building the federation.
#include "tests/contracts/cpp/evm/chain_fixture.hpp"

#include "proto/crypto/keccak256.hpp"

namespace fedstake::testing {

using evm::AbiValue;

namespace {

Digest label(const std::string& text) {
    return crypto::keccak256(as_bytes(text));
}

template <class T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().message);
    return *std::move(result);
}

void must(const Status& status) {
    if (!status) throw std::runtime_error(status.error().message);
}

}  // namespace

crypto::SigningKey owner_key(std::size_t site) {
    return evm::dev_key(kFirstOwner + site);
}

crypto::SigningKey signer_key(std::size_t site) {
    return evm::dev_key(kFirstSigner + site);
}

FederationId test_federation() {
    return label("a federation");
}

std::vector<Address> auditor_addresses() {
    return {signer_key(0).address(), signer_key(1).address(), signer_key(2).address()};
}

evm::DeploymentConfig deployment_config() {
    evm::DeploymentConfig config;
    config.federation = test_federation();
    config.coordinator = evm::dev_key(kCoordinator).address();
    config.auditors = auditor_addresses();
    config.threshold = kThreshold;
    config.challenge_window = kChallengeWindow;
    config.slash_delay = kSlashDelay;
    config.unbonding_delay = kUnbonding;
    config.reward_fund = kRewardFund;
    return config;
}

crypto::RoundCommitment sample_commitment(RoundNumber round, Amount reward_total,
                                          const Digest& parent) {
    const std::string suffix = " of round " + std::to_string(round);
    crypto::RoundCommitment c;
    c.federation = test_federation();
    c.round = round;
    c.sites = kSites;
    c.coordinates = 13;
    c.reward_total = reward_total;
    c.score_sum = 1000;
    c.context_digest = label("context" + suffix);
    c.parent_model = parent;
    c.model = label("model" + suffix);
    c.updates_root = label("updates" + suffix);
    c.aggregate_root = label("aggregate" + suffix);
    c.report_digest = label("report" + suffix);
    c.scores_root = label("scores" + suffix);
    c.rewards_root = label("rewards" + suffix);
    return c;
}

std::vector<chain::AuditorSignature> audited(const crypto::Eip712Domain& domain,
                                             const Digest& struct_hash, std::size_t signatures) {
    const Digest digest = crypto::typed_data_digest(domain, struct_hash);
    std::vector<chain::AuditorSignature> list;
    for (std::size_t i = 0; i < signatures; ++i) {
        list.push_back({static_cast<std::uint8_t>(i), signer_key(i).sign(digest)});
    }
    return list;
}

TestChain::TestChain(const evm::AnvilOptions& options, const evm::DeploymentConfig& config)
    : anvil_(std::make_unique<evm::AnvilProcess>(must(evm::AnvilProcess::start(options)))),
      rpc_(must(evm::JsonRpc::open(anvil_->url()))),
      node_(std::make_unique<evm::EthNode>(*rpc_)),
      abis_(must(evm::ContractAbis::load())) {
    contracts_ = must(evm::deploy_contracts(*node_, evm::dev_key(kDeployer), config)).contracts;
}

std::unique_ptr<evm::Rpc> TestChain::connect() const {
    return must(evm::JsonRpc::open(anvil_->url(), {.deadline = Duration{5000}}));
}

std::unique_ptr<evm::EvmLedger> TestChain::ledger(std::size_t key_index,
                                                  std::unique_ptr<evm::OutboxStore> store,
                                                  evm::OutboxOptions options) {
    evm::EvmLedgerOptions all{contracts_, test_federation(), options};
    return must(evm::EvmLedger::open(connect(), evm::dev_key(key_index), std::move(store), all));
}

void TestChain::enroll(std::size_t site, Amount stake) {
    const auto owner = owner_key(site);
    must(evm::mint_test_tokens(*node_, evm::dev_key(kDeployer), contracts_.token, owner.address(),
                               stake));
    auto account = must(evm::SiteAccount::open(*node_, owner, contracts_));
    must(account.set_signer(signer_key(site)));
    must(account.stake_up_to(stake));
}

void TestChain::advance(std::uint64_t seconds) {
    must(node_->raw("evm_increaseTime", evm::Json::array({seconds})));
    mine();
}

void TestChain::set_next_time(std::uint64_t time) {
    must(node_->raw("evm_setNextBlockTimestamp", evm::Json::array({time})));
}

void TestChain::mine() {
    must(node_->raw("evm_mine", evm::Json::array()));
}

Status TestChain::send(std::size_t key_index, const Address& contract, const evm::ContractAbi& abi,
                       std::string_view function, std::vector<AbiValue> arguments) {
    const auto key = evm::dev_key(key_index);
    FS_TRY(evm::TransactionSender(*node_, key).call(contract, abi, function, std::move(arguments)));
    return {};
}

Amount TestChain::tokens_of(const Address& account) {
    const auto result = must(evm::call_view(*node_, contracts_.token, abis_.token, "balanceOf",
                                            {AbiValue::address(account)}));
    return must(result[0].as_amount());
}

}  // namespace fedstake::testing
