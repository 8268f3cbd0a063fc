// Small position-binding Merkle trees over Keccak-256: updates, scores and rewards of a round.
//
//   leaf = keccak256(abi.encode(uint8 tag, words...))    node = keccak256(0x01 | left | right)
//   padded with zero words to a power of two; root = keccak256(0x02 | u64be leaf_count | top)
//   bit k of the index chooses the side at level k; a proof has exactly ceil(log2(leaf_count))
//   words.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"

namespace fedstake::crypto {

enum class LeafTag : std::uint8_t { kUpdate = 0, kScore = 3, kReward = 4 };

// One leaf: the tag and up to five 32-byte words, encoded as abi.encode does.
class LeafHasher {
public:
    explicit LeafHasher(LeafTag tag);
    LeafHasher& number(std::uint64_t value);
    LeafHasher& amount(Amount value);
    LeafHasher& address(const Address& value);
    LeafHasher& word(const Digest& value);
    [[nodiscard]] Digest finish() const;

private:
    Bytes encoded_;
};

[[nodiscard]] Digest keccak_root(std::span<const Digest> leaves);
// Siblings from the leaf upwards. RETURNS kInvalidInput when index is outside the tree.
[[nodiscard]] Result<std::vector<Digest>> keccak_proof(std::span<const Digest> leaves,
                                                       std::uint64_t index);
[[nodiscard]] bool verify_keccak_proof(const Digest& root, std::uint64_t leaf_count,
                                       std::uint64_t index, const Digest& leaf,
                                       std::span<const Digest> proof);

}  // namespace fedstake::crypto
