// What a site's owner account does on the chain itself: bind its signer key, stake, leave.
//
// Every call waits for its receipt and does nothing when the chain is in the wanted state already,
// so that an interrupted enrolment is simply run again.
#pragma once

#include "contracts/cpp/evm/contract_set.hpp"
#include "contracts/cpp/evm/transaction_sender.hpp"

namespace fedstake::evm {

class SiteAccount {
public:
    // Keeps references: node and key outlive it.
    [[nodiscard]] static Result<SiteAccount> open(EthNode& node, const crypto::SigningKey& owner,
                                                  const ContractAddresses& contracts,
                                                  SenderOptions options = {});
    static Result<SiteAccount> open(EthNode&, crypto::SigningKey&&, const ContractAddresses&,
                                    SenderOptions = {}) = delete;

    // Binds the key to the account for ever; the key signs that it wants to be.
    [[nodiscard]] Status set_signer(const crypto::SigningKey& signer);
    // Raises the active stake to `target`, approving the vault for what is missing.
    [[nodiscard]] Status stake_up_to(Amount target);
    // Adds `amount` to the stake.
    [[nodiscard]] Status stake(Amount amount);
    [[nodiscard]] Status request_exit(Amount amount);
    [[nodiscard]] Status withdraw();

    [[nodiscard]] Result<Amount> token_balance();
    // Active stake, without what is leaving.
    [[nodiscard]] Result<Amount> active_stake();
    [[nodiscard]] const Address& address() const noexcept { return sender_.address(); }

private:
    SiteAccount(TransactionSender sender, ContractAbis abis, const ContractAddresses& contracts)
        : sender_(sender), abis_(std::move(abis)), at_(contracts) {}
    [[nodiscard]] Result<Amount> token_view(std::string_view function,
                                            std::vector<AbiValue> arguments);

    TransactionSender sender_;
    ContractAbis abis_;
    ContractAddresses at_;
};

// Mints test tokens. RETURNS kNotNow unless `minter` deployed the TestToken.
[[nodiscard]] Status mint_test_tokens(EthNode& node, const crypto::SigningKey& minter,
                                      const Address& token, const Address& to, Amount amount);

}  // namespace fedstake::evm
