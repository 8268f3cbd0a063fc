// Balance, allowance, approval.
#include "contracts/cpp/evm/bond.hpp"

#include <fmt/format.h>

namespace fedstake::evm {

namespace {

// An unlimited allowance does not fit 128 bits.
Result<Amount> token_amount(EthNode& node, const ContractAddresses& at, const ContractAbis& abis,
                            std::string_view function, std::vector<AbiValue> arguments) {
    FS_ASSIGN(const auto result,
              call_view(node, at.token, abis.token, function, std::move(arguments)));
    return result[0].as_amount().value_or(~Amount{0});
}

}  // namespace

Status provide_bond(TransactionSender& sender, const ContractAddresses& contracts,
                    const ContractAbis& abis, const Address& spender, Amount amount,
                    std::string_view what) {
    const AbiValue self = AbiValue::address(sender.address());
    FS_ASSIGN(const Amount balance,
              token_amount(sender.node(), contracts, abis, "balanceOf", {self}));
    if (balance < amount) {
        return fail(Errc::kInvalidInput,
                    fmt::format("{} needs a bond of {} wei of the token {}, the account {} has {}: "
                                "send it tokens",
                                what, amount_to_string(amount), contracts.token.hex(),
                                sender.address().hex(), amount_to_string(balance)));
    }
    FS_ASSIGN(const Amount allowed, token_amount(sender.node(), contracts, abis, "allowance",
                                                 {self, AbiValue::address(spender)}));
    if (allowed >= amount) return {};
    FS_TRY(sender.call(contracts.token, abis.token, "approve",
                       {AbiValue::address(spender), AbiValue::number(amount)}));
    return {};
}

}  // namespace fedstake::evm
