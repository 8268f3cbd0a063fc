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
    FS_TRY(sender_.call(at_.stake_vault, abis_.stake_vault, "setSigner",
                        {AbiValue::address(signer.address()),
                         AbiValue::bytes({possession.bytes.begin(), possession.bytes.end()})}));
    return {};
}

Status SiteAccount::stake_up_to(Amount target) {
    FS_ASSIGN(const Amount staked, active_stake());
    return staked >= target ? Status{} : stake(target - staked);
}

Status SiteAccount::stake(Amount amount) {
    FS_ASSIGN(const Amount balance, token_balance());
    if (balance < amount) {
        return fail(Errc::kInvalidInput, "account " + address().hex() + " has " +
                                             amount_to_string(balance) + " tokens of " +
                                             at_.token.hex() + " and wants to stake " +
                                             amount_to_string(amount));
    }
    FS_ASSIGN(const Amount allowed, token_view("allowance", {AbiValue::address(address()),
                                                             AbiValue::address(at_.stake_vault)}));
    if (allowed < amount) {
        FS_TRY(sender_.call(at_.token, abis_.token, "approve",
                            {AbiValue::address(at_.stake_vault), AbiValue::number(amount)}));
    }
    FS_TRY(sender_.call(at_.stake_vault, abis_.stake_vault, "stake", {AbiValue::number(amount)}));
    return {};
}

Status SiteAccount::request_exit(Amount amount) {
    FS_TRY(sender_.call(at_.stake_vault, abis_.stake_vault, "requestExit",
                        {AbiValue::number(amount)}));
    return {};
}

Status SiteAccount::withdraw() {
    FS_TRY(sender_.call(at_.stake_vault, abis_.stake_vault, "withdraw", {}));
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

Status mint_test_tokens(EthNode& node, const crypto::SigningKey& minter, const Address& token,
                        const Address& to, Amount amount) {
    FS_ASSIGN(const ContractAbis abis, ContractAbis::load());
    TransactionSender sender(node, minter);
    FS_TRY(
        sender.call(token, abis.token, "mint", {AbiValue::address(to), AbiValue::number(amount)}));
    return {};
}

}  // namespace fedstake::evm
