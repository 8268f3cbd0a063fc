// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Managed} from "../access/Managed.sol";
import {IConviction} from "../interfaces/IConviction.sol";
import {IRoundManager} from "../interfaces/IRoundManager.sol";
import {IStakeVault} from "../interfaces/IStakeVault.sol";
import {ContextBytes} from "../libraries/ContextBytes.sol";
import {RoundCommitment, Statements} from "../libraries/Statements.sol";

/// @title Base of the provers: what a proof against a committed round leads to.
/// @dev A proof first shows a contradiction in what `c` binds, then convicts. `convictRound` checks
/// that `c` is what the chain holds for its round and that the round is not final, disputed or not: a
/// friendly dispute does not shield it. Nor does a void: a round that was voided without a proof can
/// be convicted for some time. Nobody is slashed twice for one commitment.
abstract contract Conviction is IConviction, Managed {
    using Statements for RoundCommitment;

    uint16 internal constant FULL_BPS = 10_000;

    /// @custom:storage-location erc7201:fedstake.FaultProver
    struct Store {
        IRoundManager roundManager;
        Shares shares;
        IStakeVault vault;
        bytes32 federation;
        // Keyed by the incident, not by the signatures: those can be remade at will.
        mapping(bytes32 incident => bool) proven;
    }

    // keccak256(abi.encode(uint256(keccak256("fedstake.FaultProver")) - 1)) & ~0xff
    bytes32 private constant PLACE =
        0x30f0ea1a3b0d8e25563349e6ed074e9903f5aad785b97d018b438b6b557ce800;

    // The name by which upgrades-core knows what an initializer has to call.
    // forge-lint: disable-next-item(mixed-case-function)
    function __Conviction_init(
        IRoundManager roundManager_,
        address authority_,
        Shares calldata shares_
    ) internal onlyInitializing {
        require(authority_ != address(0), ZeroAddress());
        __AccessManaged_init(authority_);
        Store storage s = _store();
        s.roundManager = roundManager_;
        s.vault = IStakeVault(roundManager_.vault());
        s.federation = roundManager_.federation();
        _setShares(shares_);
    }

    /// @inheritdoc IConviction
    function setShares(Shares calldata shares_) external restricted {
        _setShares(shares_);
    }

    /// @inheritdoc IConviction
    function shares() external view returns (Shares memory) {
        return _store().shares;
    }

    /// @inheritdoc IConviction
    function roundManager() external view returns (address) {
        return address(_store().roundManager);
    }

    /// @inheritdoc IConviction
    function vault() external view returns (address) {
        return address(_store().vault);
    }

    /// @dev Voids the round and its descendants where they stand; slashes its coordinator and everyone who signed it.
    function _convict(RoundCommitment calldata c, Fault fault) internal {
        Store storage s = _store();
        emit RoundConvicted(c.round, c.hash(), fault, msg.sender);
        (address coordinator, address[] memory signers) = s.roundManager.convictRound(c);
        address[] memory accused = new address[](signers.length + 1);
        uint16[] memory bps = new uint16[](accused.length);
        Shares memory part = s.shares;
        accused[0] = _ownerOf(coordinator);
        bps[0] = part.coordinator;
        for (uint256 i = 0; i < signers.length; ++i) {
            accused[i + 1] = _ownerOf(signers[i]);
            bps[i + 1] = part.signer;
        }
        s.vault.slashMany(accused, bps, msg.sender, Statements.FALSE_ROUND);
    }

    /// @dev Convicts if `wrong`, refuses the proof otherwise.
    function _convictIf(bool wrong, RoundCommitment calldata c, Fault fault) internal {
        require(wrong, NoFault(fault));
        _convict(c, fault);
    }

    /// @dev The account that answers for a key: the owner it is bound to, or the account itself.
    function _ownerOf(address key) internal view returns (address) {
        address owner = _store().vault.ownerOfSigner(key);
        return owner == address(0) ? key : owner;
    }

    function _requireContext(RoundCommitment calldata c, bytes calldata context) internal pure {
        _requireDigest("context", sha256(context), c.contextDigest);
    }

    function _requireReport(RoundCommitment calldata c, bytes calldata report) internal pure {
        _requireDigest("report", sha256(report), c.reportDigest);
    }

    function _requireRules(bytes calldata context, bytes calldata rules) internal pure {
        _requireDigest("rules", sha256(rules), ContextBytes.rulesDigest(context));
    }

    function _requireDigest(string memory what, bytes32 given, bytes32 expected) internal pure {
        require(given == expected, DigestMismatch(what, given, expected));
    }

    function _store() internal pure returns (Store storage store) {
        bytes32 place = PLACE;
        assembly {
            store.slot := place
        }
    }

    function _setShares(Shares calldata shares_) private {
        _requireShare(shares_.equivocation);
        _requireShare(shares_.coordinator);
        _requireShare(shares_.signer);
        _store().shares = shares_;
        emit SharesSet(shares_);
    }

    function _requireShare(uint16 bps) private pure {
        require(bps != 0 && bps <= FULL_BPS, BadBps(bps, FULL_BPS));
    }
}
