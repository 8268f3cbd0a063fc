// Tokens for a bond: of a dispute or a demand.
#pragma once

#include <string_view>

#include "contracts/cpp/evm/contract_set.hpp"
#include "contracts/cpp/evm/transaction_sender.hpp"

namespace fedstake::evm {

// Lets `spender` take up to `amount` from the sender. what: "a dispute", for messages. RETURNS
// kInvalidInput where the sender has not that many tokens.
[[nodiscard]] Status provide_bond(TransactionSender& sender, const ContractAddresses& contracts,
                                  const ContractAbis& abis, const Address& spender, Amount amount,
                                  std::string_view what);

}  // namespace fedstake::evm
