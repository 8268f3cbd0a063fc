// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TermsCode} from "./TermsCode.sol";

/// @title M-of-N signatures of auditors over one digest.
/// @dev Signatures are 66-byte items: u8 auditor index | r | s | v, strictly increasing by index.
/// Equal or falling indices, a high s, a v other than 27 or 28 and trailing bytes are refused, so
/// one set of signers has one encoding and nobody counts twice.
library AuditorQuorum {
    using TermsCode for bytes;

    uint256 internal constant ITEM_BYTES = 66;
    /// @dev Half the order of secp256k1: of the two values of s only the lower one is accepted.
    uint256 private constant S_MOST =
        0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    /// @notice The signature bytes are not a whole number of 66-byte items.
    error BadSignaturesLength(uint256 length);
    /// @notice Fewer signatures than the threshold.
    error QuorumTooSmall(uint256 signatures, uint256 threshold);
    /// @notice Auditor indices must be strictly increasing.
    error AuditorsNotIncreasing(uint256 previous, uint256 index);
    /// @notice No auditor has this index.
    error UnknownAuditor(uint256 index, uint256 auditors);
    /// @notice The signature at `index` was not made by that auditor (zero: malformed signature).
    error NotSignedByAuditor(uint256 index, address auditor, address recovered);

    /// @param terms of the epoch whose auditors sign, as {TermsCode} loads them
    /// @notice Checks every signature and returns the bitmap of the auditors who signed.
    function verify(
        bytes memory terms,
        uint256 threshold,
        bytes32 digest,
        bytes calldata signatures
    ) internal view returns (uint32 signers) {
        require(signatures.length % ITEM_BYTES == 0, BadSignaturesLength(signatures.length));
        uint256 count = signatures.length / ITEM_BYTES;
        require(count >= threshold, QuorumTooSmall(count, threshold));
        uint256 total = terms.auditorsCount();
        uint256 previous = 0;
        for (uint256 i = 0; i < count; ++i) {
            (uint256 index, address recovered) = _recover(digest, signatures, i * ITEM_BYTES);
            require(i == 0 || index > previous, AuditorsNotIncreasing(previous, index));
            require(index < total, UnknownAuditor(index, total));
            address auditor = terms.auditorAt(index);
            // A malformed signature recovers the zero address, which is never an auditor.
            require(recovered == auditor, NotSignedByAuditor(index, auditor, recovered));
            // casting to 'uint32' is safe because no list has more than 32 auditors
            // forge-lint: disable-next-line(unsafe-typecast)
            signers |= uint32(uint256(1) << index);
            previous = index;
        }
    }

    /// @dev What OpenZeppelin's ECDSA.tryRecover does, without its copies: 370 gas less a signature.
    /// REQUIRES offset + ITEM_BYTES <= signatures.length.
    /// @return index first byte of the item
    /// @return recovered zero where s is high, v is not 27 or 28, or r is on no point
    function _recover(bytes32 digest, bytes calldata signatures, uint256 offset)
        private
        view
        returns (uint256 index, address recovered)
    {
        assembly ("memory-safe") {
            let item := add(signatures.offset, offset)
            index := byte(0, calldataload(item))
            let input := mload(0x40) // digest | v | r | s
            mstore(input, digest)
            mstore(add(input, 0x20), byte(0, calldataload(add(item, 65))))
            calldatacopy(add(input, 0x40), add(item, 1), 0x40)
            mstore(0, 0) // stays zero where the precompile returns nothing
            if iszero(gt(mload(add(input, 0x60)), S_MOST)) {
                pop(staticcall(gas(), 1, input, 0x80, 0, 0x20))
            }
            recovered := mload(0)
        }
    }
}
