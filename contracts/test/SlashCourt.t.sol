// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SlashCourt} from "../src/SlashCourt.sol";
import {ISlashCourt} from "../src/interfaces/ISlashCourt.sol";
import {IStakeVault} from "../src/interfaces/IStakeVault.sol";
import {AuditorQuorum} from "../src/libraries/AuditorQuorum.sol";
import {AttestedFault, RoundCommitment} from "../src/libraries/Statements.sol";
import {Fixture} from "./support/Fixture.sol";

contract SlashCourtTest is Fixture {
    function setUp() public override {
        super.setUp();
        enrolSite(100 ether);
        commitUpTo(3);
    }

    function test_initialize_failsOnBadBpsOrZeroAuthority() public {
        address implementation = address(new SlashCourt());
        uint16[2] memory bad = [0, 2_001];
        for (uint256 i = 0; i < 2; ++i) {
            bytes memory call =
                abi.encodeCall(SlashCourt.initialize, (manager, address(access), bad[i], 1));
            vm.expectRevert(abi.encodeWithSelector(ISlashCourt.BadBps.selector, bad[i], 2_000));
            proxy(implementation, call);
        }
        vm.expectRevert(ISlashCourt.ZeroAddress.selector);
        proxy(
            implementation, abi.encodeCall(SlashCourt.initialize, (manager, address(0), 2_000, 1))
        );
    }

    function test_accuse_opensACaseAndFreezes() public {
        AttestedFault memory fault = _fault();
        bytes memory signed = quorum(court.faultDigest(fault));
        bytes32 caseId =
            keccak256(abi.encode(FEDERATION, uint64(3), site, uint16(2), fault.evidenceRoot));
        vm.expectEmit();
        emit ISlashCourt.Accused(caseId, site, 3, 2, 200, fault.evidenceRoot, 0x15);
        vm.prank(stranger);
        vm.assertEq(court.accuse(fault, signed), caseId);
        vm.assertEq(court.caseIdOf(3, site, 2, fault.evidenceRoot), caseId);
        IStakeVault.Case memory opened = vault.caseOf(caseId);
        vm.assertTrue(opened.state == IStakeVault.CaseState.Pending);
        vm.assertEq(opened.account, site);
        vm.assertEq(opened.bps, 200);
        vm.assertEq(opened.executeAfter, vm.getBlockTimestamp() + SLASH_DELAY);
        vm.assertEq(vault.accountOf(site).openCases, 1);
        vm.assertEq(vault.stakeOf(site), 100 ether);
    }

    function test_accuse_endsInASlashAfterTheDelay() public {
        bytes32 caseId = _accuse(_fault());
        skip(SLASH_DELAY);
        vault.executeSlash(caseId);
        vm.assertEq(vault.stakeOf(site), 98 ether);
        vm.assertEq(vault.slashPoolBalance(), 2 ether);
    }

    function test_accuse_failsOnceForEachRoundAndKind() public {
        bytes32 caseId = _accuse(_fault());
        AttestedFault memory again = _fault();
        again.bps = 100;
        bytes memory reason = abi.encodeWithSelector(ISlashCourt.AlreadyAccused.selector, caseId);
        _accuseFails(again, reason);
        vm.prank(council);
        vault.vetoSlash(caseId);
        _accuseFails(again, reason);
        again.kind = 3;
        _accuse(again);
        again.round = 2;
        again.evidenceRoot = manager.hashCommitment(commitmentOf(2));
        _accuse(again);
    }

    function test_accuse_failsPastTheCapOfTheVault() public {
        AttestedFault memory fault = _fault();
        fault.bps = MAX_FAULT_BPS;
        for (uint64 round = 1; round <= 2; ++round) {
            fault.round = round;
            fault.evidenceRoot = manager.hashCommitment(commitmentOf(round));
            fault.kind = 2;
            _accuse(fault);
            fault.kind = 3;
            _accuse(fault);
        }
        fault.round = 3;
        fault.evidenceRoot = manager.hashCommitment(commitmentOf(3));
        fault.bps = 1;
        _accuseFails(
            fault, abi.encodeWithSelector(IStakeVault.CapExceeded.selector, site, 2_001, 2_000)
        );
    }

    function test_accuse_failsAfterTheDeadline(uint40 late) public {
        AttestedFault memory fault = _fault();
        late = uint40(bound(late, 1, 3_650 days));
        skip(1 days + late);
        _accuseFails(
            fault,
            abi.encodeWithSelector(
                ISlashCourt.AccusationExpired.selector, fault.deadline, vm.getBlockTimestamp()
            )
        );
    }

    function test_accuse_failsForFaultsThatNeedAProof(uint16 kind) public {
        vm.assume(kind != 2 && kind != 3);
        AttestedFault memory fault = _fault();
        fault.kind = kind;
        _accuseFails(fault, abi.encodeWithSelector(ISlashCourt.NotAttestable.selector, kind));
    }

    function test_accuse_failsOnBadBps(uint16 bps) public {
        vm.assume(bps == 0 || bps > MAX_FAULT_BPS);
        AttestedFault memory fault = _fault();
        fault.bps = bps;
        _accuseFails(fault, abi.encodeWithSelector(ISlashCourt.BadBps.selector, bps, MAX_FAULT_BPS));
    }

    function test_accuse_failsForUnknownRound() public {
        AttestedFault memory fault = _fault();
        fault.round = 4;
        _accuseFails(fault, abi.encodeWithSelector(ISlashCourt.UnknownRound.selector, 4, 3));
        fault.round = 0;
        _accuseFails(fault, abi.encodeWithSelector(ISlashCourt.UnknownRound.selector, 0, 3));
    }

    function test_accuse_failsForOtherFederation() public {
        AttestedFault memory fault = _fault();
        fault.federation = keccak256("other");
        _accuseFails(
            fault,
            abi.encodeWithSelector(
                ISlashCourt.WrongFederation.selector, fault.federation, FEDERATION
            )
        );
    }

    function test_accuse_failsWithoutQuorum() public {
        AttestedFault memory fault = _fault();
        bytes memory signed = signatures(court.faultDigest(fault), hex"0002");
        vm.expectRevert(abi.encodeWithSelector(AuditorQuorum.QuorumTooSmall.selector, 2, 3));
        court.accuse(fault, signed);
    }

    function test_accuse_failsIfAlteredAfterSigning() public {
        AttestedFault memory fault = _fault();
        bytes memory signed = quorum(court.faultDigest(fault));
        fault.site = stranger;
        vm.expectPartialRevert(AuditorQuorum.NotSignedByAuditor.selector);
        court.accuse(fault, signed);
    }

    function test_accuse_failsForSiteWithNothingAtStake() public {
        AttestedFault memory fault = _fault();
        fault.site = stranger;
        _accuseFails(fault, abi.encodeWithSelector(IStakeVault.NothingAtStake.selector, stranger));
    }

    function test_accuse_failsOnOtherEvidenceThanTheRound() public {
        AttestedFault memory fault = _fault();
        bytes32 stored = fault.evidenceRoot;
        fault.evidenceRoot = manager.hashCommitment(commitmentOf(2));
        _accuseFails(fault, _mismatch(fault, stored));
        fault.evidenceRoot = 0;
        _accuseFails(fault, _mismatch(fault, stored));
    }

    /// @dev Its case would stand in the way of the one from the round's next attempt.
    function test_accuse_failsWhenTheRoundWasVoided() public {
        AttestedFault memory old = _fault();
        voidByCouncil(commitmentOf(3));
        _accuseFails(old, abi.encodeWithSelector(ISlashCourt.UnknownRound.selector, 3, 2));
        RoundCommitment memory again = commitmentOf(3);
        again.attempt = 1;
        commit(again);
        AttestedFault memory right = _fault();
        right.evidenceRoot = manager.hashCommitment(again);
        _accuseFails(old, _mismatch(old, right.evidenceRoot));
        _accuse(right);
    }

    function test_accuse_failsWhenTheRoundLeftTheRing() public {
        skip(WINDOW);
        commitUpTo(66);
        AttestedFault memory fault = _fault();
        fault.deadline = type(uint64).max;
        _accuse(fault);
        skip(WINDOW);
        commitUpTo(67);
        fault.kind = 3;
        _accuseFails(fault, _mismatch(fault, 0));
        fault.evidenceRoot = 0;
        _accuseFails(fault, _mismatch(fault, 0));
    }

    function _mismatch(AttestedFault memory fault, bytes32 stored)
        private
        pure
        returns (bytes memory)
    {
        return abi.encodeWithSelector(
            ISlashCourt.EvidenceMismatch.selector, fault.round, fault.evidenceRoot, stored
        );
    }

    function _fault() private view returns (AttestedFault memory) {
        return AttestedFault({
            federation: FEDERATION,
            round: 3,
            site: site,
            kind: 2,
            bps: 200,
            evidenceRoot: manager.hashCommitment(commitmentOf(3)),
            deadline: uint64(1_800_000_000 + 1 days)
        });
    }

    function _accuse(AttestedFault memory fault) private returns (bytes32) {
        return court.accuse(fault, quorum(court.faultDigest(fault)));
    }

    function _accuseFails(AttestedFault memory fault, bytes memory reason) private {
        bytes memory signed = quorum(court.faultDigest(fault));
        vm.expectRevert(reason);
        court.accuse(fault, signed);
    }
}
