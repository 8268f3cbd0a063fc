// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {Managed} from "../access/Managed.sol";
import {IStakeVault} from "../interfaces/IStakeVault.sol";
import {Domain} from "../libraries/Domain.sol";

/// @title What {StakeVault} remembers, and its plain views.
abstract contract StakeStorage is IStakeVault, Managed {
    uint40 internal constant ATTESTED_WINDOW = 90 days;

    /// @dev First word of an account: what most calls touch.
    struct Bond {
        uint96 stake;
        uint40 lastAccusedAt;
        uint16 attestedBps;
        uint16 openCases;
        uint16 window; // counts the restarts of attestedBps
        bool jailed;
    }

    struct Exit {
        uint96 amount;
        uint40 readyAt;
    }

    /// @dev One word: a slash moves from one to the other.
    struct Totals {
        uint128 bonded;
        uint128 slashed; // and not yet swept
    }

    /// @dev One word, so that a case of a site with a key costs no new one.
    struct Key {
        address signer;
        uint96 held;
    }

    /// @dev Two words.
    struct Stored {
        address account;
        uint40 executeAfter;
        uint16 bps;
        uint16 kind;
        CaseState state;
        uint16 window;
        uint96 amount;
    }

    /// @custom:storage-location erc7201:fedstake.StakeVault
    struct Store {
        Windows windows;
        IERC20 token;
        address slashPool;
        Totals totals;
        mapping(address owner => Bond) bonds;
        mapping(address owner => Exit) exits;
        mapping(address owner => Key) keys;
        mapping(address signer => address) owners;
        mapping(bytes32 caseId => Stored) cases;
        mapping(address beneficiary => uint96) bounties;
        mapping(address signer => bool) lost; // replaced while its owner was in jail
    }

    // keccak256(abi.encode(uint256(keccak256("fedstake.StakeVault")) - 1)) & ~0xff
    bytes32 private constant PLACE =
        0x5660116f7aafff9800bd505b8ce409356e9d6ce9e4def9a48b599eca7533ae00;

    function _store() internal pure returns (Store storage store) {
        bytes32 place = PLACE;
        assembly {
            store.slot := place
        }
    }

    /// @inheritdoc IStakeVault
    function token() external view returns (address) {
        return address(_store().token);
    }

    /// @inheritdoc IStakeVault
    function slashPool() external view returns (address) {
        return _store().slashPool;
    }

    /// @inheritdoc IStakeVault
    function windows() external view returns (Windows memory) {
        return _store().windows;
    }

    /// @inheritdoc IStakeVault
    function unbondingDelay() external view returns (uint40) {
        return _store().windows.unbonding;
    }

    /// @inheritdoc IStakeVault
    function slashDelay() external view returns (uint40) {
        return _store().windows.slashDelay;
    }

    /// @inheritdoc IStakeVault
    function domainSeparator() external view returns (bytes32) {
        return Domain.separator(address(this));
    }

    /// @inheritdoc IStakeVault
    function stakeOf(address account) external view returns (uint128) {
        return _store().bonds[account].stake;
    }

    /// @inheritdoc IStakeVault
    function exitOf(address account) external view returns (uint128, uint40) {
        Exit storage exit = _store().exits[account];
        return (exit.amount, exit.readyAt);
    }

    /// @inheritdoc IStakeVault
    function accountOf(address account) external view returns (Account memory) {
        Store storage s = _store();
        Bond memory bond = s.bonds[account];
        Exit memory exit = s.exits[account];
        return Account({
            stake: bond.stake,
            exit: exit.amount,
            exitReadyAt: exit.readyAt,
            openCases: bond.openCases,
            jailed: bond.jailed,
            attestedBps: _countedBps(bond),
            lastAccusedAt: bond.lastAccusedAt,
            signer: s.keys[account].signer,
            held: s.keys[account].held
        });
    }

    /// @inheritdoc IStakeVault
    function isJailed(address account) external view returns (bool) {
        return _store().bonds[account].jailed;
    }

    /// @inheritdoc IStakeVault
    function signerOf(address owner) external view returns (address) {
        return _store().keys[owner].signer;
    }

    /// @inheritdoc IStakeVault
    function isLost(address signer) external view returns (bool) {
        return _store().lost[signer];
    }

    /// @inheritdoc IStakeVault
    function ownerOfSigner(address signer) external view returns (address) {
        return _store().owners[signer];
    }

    /// @inheritdoc IStakeVault
    function caseOf(bytes32 caseId) external view returns (Case memory) {
        Stored storage found = _store().cases[caseId];
        return Case({
            account: found.account,
            executeAfter: found.executeAfter,
            bps: found.bps,
            kind: found.kind,
            state: found.state,
            amount: found.amount
        });
    }

    /// @inheritdoc IStakeVault
    function bountyOf(address beneficiary) external view returns (uint128) {
        return _store().bounties[beneficiary];
    }

    /// @inheritdoc IStakeVault
    function totalBonded() external view returns (uint128) {
        return _store().totals.bonded;
    }

    /// @inheritdoc IStakeVault
    function slashPoolBalance() external view returns (uint128) {
        return _store().totals.slashed;
    }

    /// @dev The count restarts only after a quiet window since the last accusation. So the
    /// accusations accepted in any 90 days add up to at most the cap, also across a restart.
    function _countedBps(Bond memory bond) internal view returns (uint16) {
        bool quiet = _now() >= bond.lastAccusedAt + ATTESTED_WINDOW;
        return quiet ? 0 : bond.attestedBps;
    }

    function _now() internal view returns (uint40) {
        return uint40(block.timestamp);
    }
}
