// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRoundManager} from "../interfaces/IRoundManager.sol";

/// @title The terms of an epoch, kept as the code of a contract that does nothing.
/// @dev One EXTCODECOPY (2,600 gas) brings federation, coordinator and all auditors; storage would cost
/// 2,100 for each. Code cannot change, so terms are snapshots by construction. Layout: STOP |
/// federation 32 | rulesDigest 32 | coordinator 20 | threshold 1 | challengeWindow 3 | 20 each auditor.
library TermsCode {
    uint256 private constant FIXED = 88; // bytes before the auditors
    /// @dev Returns everything behind its own 11 bytes as the new code (0xSequence, SSTORE2).
    bytes11 private constant LOADER = 0x600b5981380380925939f3;

    /// @notice The node refused to create the terms' contract.
    error TermsNotStored();
    /// @notice No epoch has this number.
    error NoSuchEpoch();

    function store(bytes32 federation, IRoundManager.Epoch calldata terms)
        internal
        returns (address made)
    {
        bytes memory code = abi.encodePacked(
            LOADER,
            bytes1(0),
            federation,
            terms.rulesDigest,
            terms.coordinator,
            terms.threshold,
            terms.challengeWindow
        );
        for (uint256 i = 0; i < terms.auditors.length; ++i) {
            code = bytes.concat(code, bytes20(terms.auditors[i]));
        }
        assembly ("memory-safe") {
            made := create(0, add(code, 32), mload(code))
        }
        require(made != address(0), TermsNotStored());
    }

    /// @notice Reads the terms into memory; the other functions take what it returns.
    function load(address stored) internal view returns (bytes memory terms) {
        uint256 length = stored.code.length;
        require(length > FIXED, NoSuchEpoch());
        terms = new bytes(length - 1);
        assembly ("memory-safe") {
            extcodecopy(stored, add(terms, 32), 1, sub(length, 1))
        }
    }

    function federationOf(bytes memory terms) internal pure returns (bytes32) {
        return _word(terms, 0);
    }

    function coordinatorOf(bytes memory terms) internal pure returns (address) {
        return address(bytes20(_word(terms, 64)));
    }

    function auditorsCount(bytes memory terms) internal pure returns (uint256) {
        return (terms.length - FIXED) / 20;
    }

    /// @dev REQUIRES index < auditorsCount.
    function auditorAt(bytes memory terms, uint256 index) internal pure returns (address) {
        return address(bytes20(_word(terms, FIXED + 20 * index)));
    }

    function decode(bytes memory terms) internal pure returns (IRoundManager.Epoch memory epoch) {
        epoch.rulesDigest = _word(terms, 32);
        epoch.coordinator = coordinatorOf(terms);
        uint256 numbers = uint256(_word(terms, 84)) >> 224;
        // casting cuts four bytes into one and three
        // forge-lint: disable-start(unsafe-typecast)
        epoch.threshold = uint8(numbers >> 24);
        epoch.challengeWindow = uint24(numbers);
        // forge-lint: disable-end(unsafe-typecast)
        epoch.auditors = new address[](auditorsCount(terms));
        for (uint256 i = 0; i < epoch.auditors.length; ++i) {
            epoch.auditors[i] = auditorAt(terms, i);
        }
    }

    /// @dev Reads past the end bring bytes that the caller cuts off.
    function _word(bytes memory terms, uint256 offset) private pure returns (bytes32 value) {
        assembly ("memory-safe") {
            value := mload(add(add(terms, 32), offset))
        }
    }
}
