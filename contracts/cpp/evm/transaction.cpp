// The type 2 envelope.
#include "contracts/cpp/evm/transaction.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "contracts/cpp/evm/rlp.hpp"
#include "proto/crypto/keccak256.hpp"

namespace fedstake::evm {

namespace {

constexpr std::uint8_t kDynamicFeeType = 0x02;

std::vector<Bytes> unsigned_fields(const Transaction& tx) {
    return {rlp_number(tx.chain_id),
            rlp_number(tx.nonce),
            rlp_number(tx.max_priority_fee),
            rlp_number(tx.max_fee),
            rlp_number(tx.gas_limit),
            tx.to ? rlp_bytes(tx.to->view()) : rlp_bytes({}),
            rlp_number(tx.value),
            rlp_bytes(tx.data),
            rlp_list({})};
}

Bytes envelope(const std::vector<Bytes>& fields) {
    Bytes raw{kDynamicFeeType};
    const Bytes payload = rlp_list(fields);
    raw.insert(raw.end(), payload.begin(), payload.end());
    return raw;
}

// A 32-byte signature half as RLP wants integers: without leading zeros.
Bytes rlp_scalar(ByteView bytes) {
    const auto first = std::find_if(bytes.begin(), bytes.end(), [](auto b) { return b != 0; });
    return rlp_bytes(bytes.subspan(static_cast<std::size_t>(first - bytes.begin())));
}

}  // namespace

Digest Transaction::signing_hash() const {
    return crypto::keccak256(envelope(unsigned_fields(*this)));
}

SignedTransaction sign_transaction(const Transaction& transaction, const crypto::SigningKey& key) {
    const crypto::Signature signature = key.sign(transaction.signing_hash());
    const ByteView bytes = signature.view();
    std::vector<Bytes> fields = unsigned_fields(transaction);
    fields.push_back(rlp_number(bytes[64] == 28 ? 1 : 0));
    fields.push_back(rlp_scalar(bytes.subspan(0, 32)));
    fields.push_back(rlp_scalar(bytes.subspan(32, 32)));
    SignedTransaction made;
    made.raw = envelope(fields);
    made.hash = crypto::keccak256(made.raw);
    return made;
}

Address created_contract(const Address& sender, std::uint64_t nonce) {
    const std::array<Bytes, 2> fields{rlp_bytes(sender.view()), rlp_number(nonce)};
    const Digest hash = crypto::keccak256(rlp_list(fields));
    Address address;
    std::copy(hash.bytes.begin() + 12, hash.bytes.end(), address.bytes.begin());
    return address;
}

}  // namespace fedstake::evm
