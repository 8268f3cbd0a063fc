// EIP-1559 (type 2) transactions: encoding, signing, hash.
//
// Source: EIP-1559 "Specification", EIP-2718. The access list is always empty.
#pragma once

#include <cstdint>
#include <optional>

#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"
#include "proto/crypto/secp256k1.hpp"

namespace fedstake::evm {

struct Transaction {
    std::uint64_t chain_id = 0;
    std::uint64_t nonce = 0;
    Amount max_priority_fee = 0;  // wei per gas, to the block producer
    Amount max_fee = 0;           // wei per gas, in all
    std::uint64_t gas_limit = 0;
    std::optional<Address> to;  // nothing: creates a contract
    Amount value = 0;           // wei
    Bytes data;

    // keccak256 of the unsigned envelope: what the key signs.
    [[nodiscard]] Digest signing_hash() const;
};

// Bytes for eth_sendRawTransaction, and the transaction's hash.
struct SignedTransaction {
    Bytes raw;
    Digest hash;
    friend bool operator==(const SignedTransaction&, const SignedTransaction&) = default;
};
[[nodiscard]] SignedTransaction sign_transaction(const Transaction& transaction,
                                                 const crypto::SigningKey& key);

// Address of the contract that `sender` creates with its transaction number `nonce`.
[[nodiscard]] Address created_contract(const Address& sender, std::uint64_t nonce);

}  // namespace fedstake::evm
