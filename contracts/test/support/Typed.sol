// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {UpdateReceipt, UpdateStatement} from "../../src/libraries/Statements.sol";

/// @notice EIP-712 digests written out field by field, apart from the code under test.
library Typed {
    function digest(bytes32 domain, UpdateStatement memory s) internal pure returns (bytes32) {
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256(
                    "UpdateStatement(bytes32 federation,uint64 round,uint32 attempt,address site,bytes32 baseModel,bytes32 updateRoot,uint64 coordinates,bytes32 detailsDigest)"
                ),
                s.federation,
                s.round,
                s.attempt,
                s.site,
                s.baseModel,
                s.updateRoot,
                s.coordinates,
                s.detailsDigest
            )
        );
        return keccak256(bytes.concat(hex"1901", domain, structHash));
    }

    function digest(bytes32 domain, UpdateReceipt memory r) internal pure returns (bytes32) {
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256(
                    "UpdateReceipt(bytes32 federation,uint64 round,uint32 attempt,address site,bytes32 updateRoot,bytes32 statementDigest)"
                ),
                r.federation,
                r.round,
                r.attempt,
                r.site,
                r.updateRoot,
                r.statementDigest
            )
        );
        return keccak256(bytes.concat(hex"1901", domain, structHash));
    }
}
