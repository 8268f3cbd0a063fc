// One federation: five auditors of which three sign, five owners, bonds of some hundreds.
#include "tests/contracts/cpp/evm/replay_people.hpp"

#include <algorithm>
#include <stdexcept>

#include "proto/crypto/keccak256.hpp"

namespace fedstake::testing {

using evm::AbiValue;

namespace {

constexpr std::size_t kAuditors = 5;
constexpr std::size_t kBound = 4;  // owners with an auditor's key
constexpr Amount kBond = 500;
constexpr std::uint64_t kAnswerTime = 1'500;

void must(const Status& status) {
    if (!status) throw std::runtime_error(status.error().message);
}

crypto::SigningKey key_named(const std::string& name) {
    return *crypto::SigningKey::from_secret(replay_label("key of " + name).bytes);
}

Address account_named(const std::string& name) {
    Address address;
    const Digest hash = replay_label("account of " + name);
    std::copy_n(hash.bytes.begin(), 20, address.bytes.begin());
    return address;
}

Address replay_pool() {
    return account_named("slash pool");
}

AbiValue unlimited() {
    evm::Word word;
    word.fill(0xff);
    return AbiValue::raw_word(word);
}

}  // namespace

Digest replay_label(const std::string& text) {
    return crypto::keccak256(as_bytes(text));
}

ReplayPeople::ReplayPeople()
    : council(account_named("council")),
      governor(account_named("governor")),
      outsider(account_named("outsider")),
      whale(account_named("whale")) {
    for (const char* name : {"coordinator one", "coordinator two"}) {
        coordinators.push_back(key_named(name));
    }
    for (std::size_t i = 0; i <= kAuditors; ++i) {
        signers.push_back(key_named("signer " + std::to_string(i)));
    }
    for (std::size_t i = 0; i < kAuditors; ++i) {
        owners.push_back(account_named("owner " + std::to_string(i)));
    }
}

std::vector<Address> ReplayPeople::actors() const {
    std::vector<Address> all{council, governor, outsider, whale, signers[0].address()};
    for (const crypto::SigningKey& key : coordinators) all.push_back(key.address());
    all.insert(all.end(), owners.begin(), owners.end());
    return all;
}

const crypto::SigningKey& ReplayPeople::key_of(const Address& address) const {
    for (const auto* keys : {&signers, &coordinators}) {
        for (const crypto::SigningKey& key : *keys) {
            if (key.address() == address) return key;
        }
    }
    throw std::runtime_error("nobody has the key of " + address.hex());
}

chain::VaultWindows replay_windows() {
    return {.unbonding = 20'000,
            .challenge = 4'000,
            .resolution = 3'000,
            .slash_delay = 5'000,
            .appeal = 2'500,
            .evidence_age = 3'000};
}

evm::DeploymentConfig replay_deployment(const ReplayPeople& people) {
    evm::DeploymentConfig config;
    config.federation = replay_label("a federation");
    config.coordinator = people.coordinators[0].address();
    config.council = people.council;
    config.governor = people.governor;
    config.slash_pool = replay_pool();
    for (std::size_t i = 0; i < kAuditors; ++i) {
        config.auditors.push_back(people.signers[i].address());
    }
    config.threshold = 3;
    const chain::VaultWindows windows = replay_windows();
    config.challenge_window = windows.challenge;
    config.slash_delay = windows.slash_delay;
    config.unbonding_delay = windows.unbonding;
    config.evidence_age = windows.evidence_age;
    config.upgrade_delay = config.parameter_delay = 0;
    config.appeal_bond = config.dispute_bond = kBond;
    config.demand_bond = kBond;
    config.answer_time = kAnswerTime;
    config.reward_fund = kReplayFund;
    return config;
}

std::unique_ptr<chain::MemoryChain> replay_model(const ReplayPeople& people,
                                                 const ReplayChain& chain,
                                                 std::uint64_t start_time) {
    const evm::DeploymentConfig config = replay_deployment(people);
    const chain::VaultWindows windows = replay_windows();
    chain::MemoryChainOptions options;
    options.federation = config.federation;
    options.domain = chain.at().domain();
    options.addresses = {
        chain.at().stake_vault,
        chain.at().slash_court,
        chain.disputes(),
        {chain.at().fault_prover, chain.result_prover(), chain.settlement_prover()},
        chain.demands()};
    options.coordinator = config.coordinator;
    options.council = people.council;
    options.governor = people.governor;
    options.slash_pool = config.slash_pool;
    options.auditors = config.auditors;
    options.threshold = config.threshold;
    options.challenge_window = windows.challenge;
    options.resolution = windows.resolution;
    options.slash_delay = windows.slash_delay;
    options.appeal = windows.appeal;
    options.unbonding_delay = windows.unbonding;
    options.evidence_age = windows.evidence_age;
    options.appeal_bond = options.dispute_bond = options.demand_bond = kBond;
    options.answer_time = kAnswerTime;
    options.withheld_bps = config.withheld_bps;
    options.start_time = start_time;
    auto model = std::make_unique<chain::MemoryChain>(options);
    const Address deployer = evm::dev_key(kDeployer).address();
    must(model->token().mint(deployer, kReplayFund));
    must(model->fund(deployer, kReplayFund));
    for (const Address& actor : people.actors()) {
        must(model->token().mint(actor, actor == people.whale ? kWhaleTokens : kOwnerTokens));
    }
    for (std::size_t i = 0; i < kBound; ++i) {
        must(model->vault().set_signer(people.owners[i], people.signers[i].address()));
    }
    return model;
}

void replay_prepare(const ReplayPeople& people, ReplayChain& chain) {
    const evm::ContractAbis& abis = chain.abis();
    std::vector<ActorCall> calls;
    const auto plan = [&](const Address& actor, const Address& target, const evm::ContractAbi& abi,
                          std::string_view function, std::vector<AbiValue> arguments) {
        calls.push_back({actor, target, *abi.encode_call(function, std::move(arguments))});
    };
    for (const Address& actor : people.actors()) {
        plan(evm::dev_key(kDeployer).address(), chain.at().token, abis.token, "mint",
             {AbiValue::address(actor),
              AbiValue::number(actor == people.whale ? kWhaleTokens : kOwnerTokens)});
        for (const Address& spender : {chain.at().stake_vault, chain.at().round_manager,
                                       chain.at().slash_court, chain.disputes(), chain.demands()}) {
            plan(actor, chain.at().token, abis.token, "approve",
                 {AbiValue::address(spender), unlimited()});
        }
    }
    const crypto::Eip712Domain domain{chain.at().chain_id, chain.at().stake_vault};
    for (std::size_t i = 0; i < kBound; ++i) {
        const crypto::SigningKey& key = people.signers[i];
        const crypto::Signature word = crypto::sign_statement(
            domain, crypto::SignerBinding{people.owners[i], key.address()}, key);
        plan(people.owners[i], chain.at().stake_vault, abis.stake_vault, "setSigner",
             {AbiValue::address(key.address()),
              AbiValue::bytes({word.bytes.begin(), word.bytes.end()})});
    }
    const chain::VaultWindows w = replay_windows();
    plan(people.governor, chain.at().stake_vault, abis.stake_vault, "setWindows",
         {AbiValue::list({AbiValue::number(w.unbonding), AbiValue::number(w.challenge),
                          AbiValue::number(w.resolution), AbiValue::number(w.slash_delay),
                          AbiValue::number(w.appeal), AbiValue::number(w.evidence_age)})});
    chain.run(chain.time() + 1, calls);
    for (const ActorOutcome& outcome : chain.take_outcomes()) {
        if (!outcome.succeeded) {
            throw std::runtime_error("preparing: " +
                                     abis.round_manager.decode_revert(outcome.output).text());
        }
    }
}

}  // namespace fedstake::testing
