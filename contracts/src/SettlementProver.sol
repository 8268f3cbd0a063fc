// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRoundManager} from "./interfaces/IRoundManager.sol";
import {ISettlementProver} from "./interfaces/ISettlementProver.sol";
import {IStakeVault} from "./interfaces/IStakeVault.sol";
import {ContextBytes} from "./libraries/ContextBytes.sol";
import {ReportBytes} from "./libraries/ReportBytes.sol";
import {RulesBytes} from "./libraries/RulesBytes.sol";
import {SettlementMath} from "./libraries/SettlementMath.sol";
import {RoundCommitment, Statements} from "./libraries/Statements.sol";
import {Conviction} from "./provers/Conviction.sol";

/// @title SettlementProver
/// @notice See {ISettlementProver}.
contract SettlementProver is ISettlementProver, Conviction {
    using ContextBytes for bytes;
    using ReportBytes for bytes;
    using Statements for RoundCommitment;

    /// @param authority_ the ConsortiumAccess of the federation
    function initialize(IRoundManager roundManager_, address authority_, Shares calldata shares_)
        external
        initializer
    {
        __Conviction_init(roundManager_, authority_, shares_);
    }

    /// @inheritdoc ISettlementProver
    function proveBadContext(
        RoundCommitment calldata c,
        bytes calldata context,
        RoundCommitment calldata parent,
        bytes calldata parentContext,
        bytes calldata parentReport
    ) external {
        _requireContext(c, context);
        bool good = context.isContext() && _isContextOf(context, c);
        if (good) {
            good = c.round == 1
                ? _isFirstContext(context)
                : _continues(c, context, parent, parentContext, parentReport);
        }
        _convictIf(!good, c, Fault.BadContext);
    }

    /// @inheritdoc ISettlementProver
    function proveBadSettlement(RoundCommitment calldata c, Documents calldata documents) external {
        _requireReport(c, documents.report);
        _requireContext(c, documents.context);
        _requireRules(documents.context, documents.rules);
        SettlementMath.Result memory result = SettlementMath.settle(
            documents.context, documents.report, RulesBytes.settlement(documents.rules)
        );
        bool good = result.consistent && result.scoreSum == c.scoreSum
            && result.rewardTotal == c.rewardTotal && result.scoresRoot == c.scoresRoot
            && result.rewardsRoot == c.rewardsRoot;
        _convictIf(!good, c, Fault.BadSettlement);
    }

    /// @dev What holds for the context of any round.
    function _isContextOf(bytes calldata context, RoundCommitment calldata c)
        private
        view
        returns (bool)
    {
        if (context.federation() != c.federation || context.round() != c.round) return false;
        if (context.attempt() != c.attempt || context.baseModel() != c.parentModel) return false;
        if (!_areAgreed(context.rulesDigest(), c)) return false;
        IStakeVault vault_ = _store().vault;
        uint256 members = context.members();
        for (uint256 i = 0; i < members; ++i) {
            if (i != 0 && context.site(i) <= context.site(i - 1)) return false;
            uint8 barred = context.barred(i);
            if (barred > 1) return false;
            // Bindings never end: who trains with a key that is not the site's never had a right to.
            address signer = context.signer(i);
            bool own = signer != address(0) && vault_.ownerOfSigner(signer) == context.site(i);
            if (barred == 0 && !own) return false;
        }
        return true;
    }

    /// @dev Rules of the round's epoch, or of one that was in force since the round before: a round
    /// may be open, and signed, when the epoch changes. An epoch that pins no rules agrees to any.
    function _areAgreed(bytes32 rules, RoundCommitment calldata c) private view returns (bool) {
        IRoundManager manager = _store().roundManager;
        IRoundManager.Record memory record = manager.recordOf(c.round, c.hash());
        for (uint256 epoch = record.parentEpoch; epoch <= record.epoch; ++epoch) {
            // forge-lint: disable-next-line(unsafe-typecast)
            bytes32 agreed = manager.epochOf(uint16(epoch)).rulesDigest;
            if (agreed == 0 || agreed == rules) return true;
        }
        return false;
    }

    /// @dev Nothing comes before round 1.
    function _isFirstContext(bytes calldata context) private pure returns (bool) {
        if (context.previousAggregate() != 0 || context.previousRewards() != 0) return false;
        if (context.previousState() != 0) return false;
        uint256 members = context.members();
        for (uint256 i = 0; i < members; ++i) {
            if (context.cumulative(i) != 0) return false;
        }
        return true;
    }

    /// @dev Roots are the parent's, and the sites' rewards so far make the parent's rewards tree.
    function _continues(
        RoundCommitment calldata c,
        bytes calldata context,
        RoundCommitment calldata parent,
        bytes calldata parentContext,
        bytes calldata parentReport
    ) private view returns (bool) {
        bytes32 given = parent.hash();
        bytes18 stored = _store().roundManager.recordOf(c.round, c.hash()).parent;
        // casting cuts the hash to the bytes that the record keeps
        // forge-lint: disable-next-line(unsafe-typecast)
        bool known = parent.round == c.round - 1 && bytes18(given) == stored;
        require(known, NotTheParent(given, stored));
        if (context.previousAggregate() != parent.aggregateRoot) return false;
        if (context.previousRewards() != parent.rewardsRoot) return false;
        if (parentReport.length != 0) {
            _requireReport(parent, parentReport);
            // A parent without a report can be voided itself.
            parentReport.header();
            if (context.previousState() != parentReport.state()) return false;
        }
        if (parentContext.length == 0) return true;
        _requireContext(parent, parentContext);
        uint256[] memory cumulative = new uint256[](context.members());
        for (uint256 i = 0; i < cumulative.length; ++i) {
            cumulative[i] = context.cumulative(i);
        }
        bytes32 root = SettlementMath.rewardsRoot(context, cumulative, parentContext.salt());
        return root == parent.rewardsRoot;
    }
}
