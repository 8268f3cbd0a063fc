// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

/// @title The EIP-712 domain of a federation's contracts: name "fedstake", version "1", chain, contract.
/// @dev Computed on each call: behind a proxy a cached one would be that of the implementation.
library Domain {
    bytes32 internal constant TYPEHASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );

    function separator(address verifyingContract) internal view returns (bytes32) {
        return keccak256(
            abi.encode(
                TYPEHASH, keccak256("fedstake"), keccak256("1"), block.chainid, verifyingContract
            )
        );
    }

    function digest(address verifyingContract, bytes32 structHash) internal view returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(separator(verifyingContract), structHash);
    }
}
