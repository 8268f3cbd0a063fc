// What a site's owner account does on the chain itself: bind its signer key, stake, leave, appeal.
//
// Every call is first tried without sending it, so that a refusal costs nothing; then it waits for
// its receipt. Calls do nothing when the chain is in the wanted state already, so that what was
// interrupted is simply run again.
#pragma once

#include <string>
#include <vector>

#include "contracts/cpp/evm/contract_set.hpp"
#include "contracts/cpp/evm/slash_cases.hpp"
#include "contracts/cpp/evm/transaction_sender.hpp"

namespace fedstake::evm {

// IStakeVault.Account. Amounts in token wei, times in Unix seconds.
struct SiteStanding {
    Amount stake = 0;    // active
    Amount exiting = 0;  // on its way out, still slashable
    std::uint64_t exit_ready_at = 0;
    std::uint32_t open_cases = 0;
    bool jailed = false;
    Address signer;
    Amount held = 0;  // what open cases may take

    // What a withdrawal pays once the delay has passed.
    [[nodiscard]] Amount withdrawable() const noexcept;
};

// One transaction that was made, or, in a dry run, would be.
struct AccountStep {
    std::string function;
    Digest transaction;  // zero in a dry run
    std::uint64_t gas =
        0;            // used; in a dry run an estimate, or 0 where it depends on a step before
    Amount cost = 0;  // wei of ether, at most; dry run only
};

class SiteAccount {
public:
    // Keeps references: node and key outlive it.
    [[nodiscard]] static Result<SiteAccount> open(EthNode& node, const crypto::SigningKey& owner,
                                                  const ContractAddresses& contracts,
                                                  SenderOptions options = {});
    static Result<SiteAccount> open(EthNode&, crypto::SigningKey&&, const ContractAddresses&,
                                    SenderOptions = {}) = delete;

    // From now on nothing is sent: steps() says what would be.
    void dry_run() noexcept { dry_run_ = true; }
    // Transactions since open(), in order.
    [[nodiscard]] const std::vector<AccountStep>& steps() const noexcept { return steps_; }

    // Makes the key the account's signer; the key signs that it wants to be. Keys bound before stay
    // bound to the account for ever.
    [[nodiscard]] Status set_signer(const crypto::SigningKey& signer);
    // Raises the active stake to `target`, approving the vault for what is missing.
    [[nodiscard]] Status stake_up_to(Amount target);
    // Adds `amount` to the stake.
    [[nodiscard]] Status stake(Amount amount);
    // Starts the unbonding delay of the whole exit anew.
    [[nodiscard]] Status request_exit(Amount amount);
    [[nodiscard]] Status withdraw();
    // Approves the court for the bond, and appeals; RETURNS kInvalidInput when the account has not
    // that many tokens.
    [[nodiscard]] Status appeal(const Digest& case_id, Amount bond);
    [[nodiscard]] Status escalate(const Digest& case_id, Amount bond);
    // Ends an appeal that nobody ruled on; gives the bond of a vetoed case back.
    [[nodiscard]] Status lapse(const Digest& case_id);
    // Closes a case about a round that was voided.
    [[nodiscard]] Status drop_voided(const TriedCase& tried);
    [[nodiscard]] Status settle_vetoed(const Digest& case_id);

    [[nodiscard]] Result<Amount> token_balance();
    // Active stake, without what is leaving.
    [[nodiscard]] Result<Amount> active_stake();
    [[nodiscard]] Result<SiteStanding> standing();
    [[nodiscard]] const Address& address() const noexcept { return sender_.address(); }
    [[nodiscard]] EthNode& node() noexcept { return sender_.node(); }
    [[nodiscard]] const ContractAbis& abis() const noexcept { return abis_; }
    [[nodiscard]] const ContractAddresses& contracts() const noexcept { return at_; }

private:
    SiteAccount(TransactionSender sender, ContractAbis abis, const ContractAddresses& contracts)
        : sender_(sender), abis_(std::move(abis)), at_(contracts) {}
    [[nodiscard]] Status call(const Address& contract, const ContractAbi& abi,
                              std::string_view function, std::vector<AbiValue> arguments);
    // Lets `spender` take the amount. RETURNS kInvalidInput where the account has less.
    [[nodiscard]] Status approve(const Address& spender, Amount amount, const std::string& purpose);
    [[nodiscard]] Result<Amount> token_view(std::string_view function,
                                            std::vector<AbiValue> arguments);

    TransactionSender sender_;
    ContractAbis abis_;
    ContractAddresses at_;
    bool dry_run_ = false;
    std::vector<AccountStep> steps_;
};

// Mints test tokens. RETURNS kNotNow unless `minter` deployed the TestToken.
[[nodiscard]] Status mint_test_tokens(EthNode& node, const crypto::SigningKey& minter,
                                      const Address& token, const Address& to, Amount amount);

}  // namespace fedstake::evm
