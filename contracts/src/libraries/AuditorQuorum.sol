// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import {TermsCode} from "./TermsCode.sol";

/// @title M-of-N signatures of auditors over one digest.
/// @dev Signatures are 66-byte items: u8 auditor index | r | s | v, strictly increasing by index.
/// Equal or falling indices, a high s, a v other than 27 or 28 and trailing bytes are refused, so
/// one set of signers has one encoding and nobody counts twice.
library AuditorQuorum {
    using TermsCode for bytes;

    uint256 internal constant ITEM_BYTES = 66;

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
    ) internal pure returns (uint32 signers) {
        require(signatures.length % ITEM_BYTES == 0, BadSignaturesLength(signatures.length));
        uint256 count = signatures.length / ITEM_BYTES;
        require(count >= threshold, QuorumTooSmall(count, threshold));
        uint256 total = terms.auditorsCount();
        uint256 previous = 0;
        for (uint256 i = 0; i < count; ++i) {
            bytes calldata item = signatures[i * ITEM_BYTES:(i + 1) * ITEM_BYTES];
            uint256 index = uint8(item[0]);
            require(i == 0 || index > previous, AuditorsNotIncreasing(previous, index));
            require(index < total, UnknownAuditor(index, total));
            address auditor = terms.auditorAt(index);
            // A malformed signature recovers the zero address, which is never an auditor.
            (address recovered,,) = ECDSA.tryRecoverCalldata(digest, item[1:]);
            require(recovered == auditor, NotSignedByAuditor(index, auditor, recovered));
            // casting to 'uint32' is safe because no list has more than 32 auditors
            // forge-lint: disable-next-line(unsafe-typecast)
            signers |= uint32(uint256(1) << index);
            previous = index;
        }
    }
}
