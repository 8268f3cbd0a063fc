// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {UpdateStatement} from "../libraries/Statements.sol";

/// @title Faults that anyone can prove to the chain alone. They slash at once.
interface IFaultProver {
    event EquivocationProven(
        address indexed site, uint64 indexed round, uint32 attempt, address indexed prover
    );

    error WrongFederation(bytes32 given, bytes32 expected);
    /// @notice The two statements are about different (round, attempt, site).
    error StatementsNotComparable();
    /// @notice The two statements say the same: no fault.
    error NoContradiction();
    /// @notice The signature is not by a key of the statement's site (zero: malformed signature).
    error NotSignedBySite(address recovered, address site);
    /// @notice This incident was punished before.
    error AlreadyProven(address site, uint64 round, uint32 attempt);
    error BadBps(uint16 bps, uint16 maximum);

    /// @notice Two statements of one site for one attempt of one round that contradict each other:
    /// another update root, base model or coordinate count. Slashes and jails the site; the caller
    /// earns the bounty unless it is the site.
    /// @param signatureA 65 bytes r | s | v by a current or former signing key of the site
    function proveEquivocation(
        UpdateStatement calldata a,
        bytes calldata signatureA,
        UpdateStatement calldata b,
        bytes calldata signatureB
    ) external;

    function isProven(address site, uint64 round, uint32 attempt) external view returns (bool);
    function roundManager() external view returns (address);
    function vault() external view returns (address);
    function equivocationBps() external view returns (uint16);
}
