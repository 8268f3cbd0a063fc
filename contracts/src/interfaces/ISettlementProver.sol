// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {RoundCommitment} from "../libraries/Statements.sol";
import {IConviction} from "./IConviction.sol";

/// @title Faults in what a round starts from and in what it pays, proven by anyone.
/// @notice As {IResultProver}: the proof gives the documents whose digests are committed.
interface ISettlementProver is IConviction {
    /// @notice The commitment given is not that of the round before; stored are its first 18 bytes.
    error NotTheParent(bytes32 given, bytes32 stored);

    /// @notice The context is malformed, contradicts the commitment, names rules that were not in
    /// force at any time since the round before, lets a member train with a key that is not bound to
    /// it, or contradicts the round before: previous roots and state, and every site's cumulative
    /// reward.
    /// @param parent commitment of the round before; ignored for round 1
    /// @param parentContext its context; empty: rewards are not compared
    /// @param parentReport its report; empty: the state carried over is not compared
    function proveBadContext(
        RoundCommitment calldata c,
        bytes calldata context,
        RoundCommitment calldata parent,
        bytes calldata parentContext,
        bytes calldata parentReport
    ) external;

    /// @notice Scores, rewards, their sums or their trees are not what the rules make of the report's
    /// scores and the context's stakes and rewards: wrong reward, wrong score sum, over budget, a
    /// cumulative reward that falls.
    function proveBadSettlement(RoundCommitment calldata c, Documents calldata documents) external;
}
