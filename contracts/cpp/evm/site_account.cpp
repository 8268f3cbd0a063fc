// Calls of the owner account.
#include "contracts/cpp/evm/site_account.hpp"

#include "proto/crypto/statements.hpp"

namespace fedstake::evm {

Result<SiteAccount> SiteAccount::open(EthNode& node, const crypto::SigningKey& owner,
                                      const ContractAddresses& contracts, SenderOptions options) {
    FS_TRY(check_contracts(node, contracts));
    FS_ASSIGN(ContractAbis abis, ContractAbis::load());
    return SiteAccount(TransactionSender(node, owner, options), std::move(abis), contracts);
}

Status SiteAccount::set_signer(const crypto::SigningKey& signer) {
    FS_ASSIGN(const auto current, call_view(sender_.node(), at_.stake_vault, abis_.stake_vault,
                                            "signerOf", {AbiValue::address(address())}));
    FS_ASSIGN(const Address bound, current[0].as_address());
    if (bound == signer.address()) return {};
    const crypto::Signature possession =
        crypto::sign_statement({at_.chain_id, at_.stake_vault},
                               crypto::SignerBinding{address(), signer.address()}, signer);
    return call(at_.stake_vault, abis_.stake_vault, "setSigner",
                {AbiValue::address(signer.address()),
                 AbiValue::bytes({possession.bytes.begin(), possession.bytes.end()})});
}

Status SiteAccount::stake_up_to(Amount target) {
    FS_ASSIGN(const Amount staked, active_stake());
    return staked >= target ? Status{} : stake(target - staked);
}

Status SiteAccount::approve(const Address& spender, Amount amount, const std::string& purpose) {
    FS_ASSIGN(const Amount balance, token_balance());
    if (balance < amount) {
        return fail(Errc::kInvalidInput, "account " + address().hex() + " has " +
                                             amount_to_string(balance) + " tokens of " +
                                             at_.token.hex() + " and wants to " + purpose + " " +
                                             amount_to_string(amount));
    }
    FS_ASSIGN(const Amount allowed,
              token_view("allowance", {AbiValue::address(address()), AbiValue::address(spender)}));
    if (allowed >= amount) return {};
    return call(at_.token, abis_.token, "approve",
                {AbiValue::address(spender), AbiValue::number(amount)});
}

Status SiteAccount::stake(Amount amount) {
    FS_TRY(approve(at_.stake_vault, amount, "stake"));
    return call(at_.stake_vault, abis_.stake_vault, "stake", {AbiValue::number(amount)});
}

Status SiteAccount::request_exit(Amount amount) {
    return call(at_.stake_vault, abis_.stake_vault, "requestExit", {AbiValue::number(amount)});
}

Status SiteAccount::withdraw() {
    return call(at_.stake_vault, abis_.stake_vault, "withdraw", {});
}

Status SiteAccount::appeal(const Digest& case_id, Amount bond) {
    FS_TRY(approve(at_.slash_court, bond, "pay a bond of"));
    return call(at_.slash_court, abis_.slash_court, "appeal", {AbiValue::word(case_id)});
}

Status SiteAccount::escalate(const Digest& case_id, Amount bond) {
    FS_TRY(approve(at_.slash_court, bond, "pay a bond of"));
    return call(at_.slash_court, abis_.slash_court, "escalate", {AbiValue::word(case_id)});
}

Status SiteAccount::lapse(const Digest& case_id) {
    return call(at_.slash_court, abis_.slash_court, "lapse", {AbiValue::word(case_id)});
}

Status SiteAccount::drop_voided(const TriedCase& tried) {
    return call(at_.slash_court, abis_.slash_court, "dropVoided",
                {AbiValue::number(tried.round), AbiValue::address(tried.site),
                 AbiValue::number(tried.kind), AbiValue::word(tried.evidence)});
}

Status SiteAccount::settle_vetoed(const Digest& case_id) {
    return call(at_.slash_court, abis_.slash_court, "settleVetoed", {AbiValue::word(case_id)});
}

Status SiteAccount::call(const Address& contract, const ContractAbi& abi, std::string_view function,
                         std::vector<AbiValue> arguments) {
    AccountStep step{.function = std::string(function), .transaction = {}, .gas = 0, .cost = 0};
    if (!dry_run_) {
        FS_ASSIGN(const Receipt receipt,
                  sender_.call(contract, abi, function, std::move(arguments)));
        step.transaction = receipt.transaction;
        step.gas = receipt.gas_used;
    } else if (steps_.empty() || steps_.back().function != "approve") {
        FS_ASSIGN(const CallTrial trial,
                  sender_.attempt(contract, abi, function, std::move(arguments)));
        step.gas = trial.gas;
        step.cost = trial.cost;
    }
    steps_.push_back(std::move(step));
    return {};
}

Result<Amount> SiteAccount::token_view(std::string_view function, std::vector<AbiValue> arguments) {
    FS_ASSIGN(const auto result,
              call_view(sender_.node(), at_.token, abis_.token, function, std::move(arguments)));
    // An unlimited allowance does not fit 128 bits.
    return result[0].as_amount().value_or(~Amount{0});
}

Result<Amount> SiteAccount::token_balance() {
    return token_view("balanceOf", {AbiValue::address(address())});
}

Result<Amount> SiteAccount::active_stake() {
    FS_ASSIGN(const auto result, call_view(sender_.node(), at_.stake_vault, abis_.stake_vault,
                                           "stakeOf", {AbiValue::address(address())}));
    return result[0].as_amount();
}

Amount SiteStanding::withdrawable() const noexcept {
    if (open_cases == 0) return exiting;
    const Amount back = held > stake ? held - stake : 0;
    return exiting > back ? exiting - back : 0;
}

Result<SiteStanding> SiteAccount::standing() {
    FS_ASSIGN(const auto result, call_view(sender_.node(), at_.stake_vault, abis_.stake_vault,
                                           "accountOf", {AbiValue::address(address())}));
    // (stake, exit, exitReadyAt, openCases, jailed, attestedBps, lastAccusedAt, signer, held)
    FS_ASSIGN(const std::vector<AbiValue> fields, result[0].as_list());
    SiteStanding standing;
    FS_ASSIGN(standing.stake, fields[0].as_amount());
    FS_ASSIGN(standing.exiting, fields[1].as_amount());
    FS_ASSIGN(standing.exit_ready_at, fields[2].as_u64());
    FS_ASSIGN(const std::uint64_t cases, fields[3].as_u64());
    standing.open_cases = static_cast<std::uint32_t>(cases);
    FS_ASSIGN(standing.jailed, fields[4].as_bool());
    FS_ASSIGN(standing.signer, fields[7].as_address());
    FS_ASSIGN(standing.held, fields[8].as_amount());
    return standing;
}

Status mint_test_tokens(EthNode& node, const crypto::SigningKey& minter, const Address& token,
                        const Address& to, Amount amount) {
    FS_ASSIGN(const ContractAbis abis, ContractAbis::load());
    TransactionSender sender(node, minter);
    FS_TRY(
        sender.call(token, abis.token, "mint", {AbiValue::address(to), AbiValue::number(amount)}));
    return {};
}

}  // namespace fedstake::evm
