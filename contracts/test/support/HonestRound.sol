// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Values of tests are chosen so that casts of them lose nothing.
// forge-lint: disable-start(unsafe-typecast, incorrect-shift)

import {IConviction} from "../../src/interfaces/IConviction.sol";
import {ContentTree} from "../../src/libraries/ContentTree.sol";
import {ModelMath} from "../../src/libraries/ModelMath.sol";
import {PositionTree} from "../../src/libraries/PositionTree.sol";
import {RoundCommitment, UpdateStatement} from "../../src/libraries/Statements.sol";
import {Blob} from "./Blob.sol";
import {RoundWorld} from "./RoundWorld.sol";
import {Tree} from "./Tree.sol";
import {Typed} from "./Typed.sol";

/// @notice A round as an honest coordinator commits it, computed the plain way from random updates.
/// A test spoils one thing and rebuilds what follows from it.
abstract contract HonestRound is RoundWorld {
    uint256 internal constant BOUND_SITES = 10;

    /// @dev The first sites have bound their keys.
    function setUp() public virtual override {
        super.setUp();
        for (uint256 i = 0; i < BOUND_SITES; ++i) {
            bindSite(i);
        }
    }

    function bindSite(uint256 i) internal {
        address key = vm.addr(signerKey(i));
        bytes32 bound = keccak256(
            abi.encode(keccak256("SignerBinding(address owner,address signer)"), siteAt(i), key)
        );
        bytes32 digest = keccak256(bytes.concat(hex"1901", vault.domainSeparator(), bound));
        bytes memory proof = sign65(signerKey(i), digest);
        vm.prank(siteAt(i));
        vault.setSigner(key, proof);
    }

    // Making one

    /// @dev Round 1 of `n` sites with `d` coordinates under a rule.
    function makeWorld(string memory rule, uint256 n, uint256 d, bytes32 seed)
        internal
        view
        returns (World memory w)
    {
        w.rule = rule;
        w.f = n > 4 ? 2 : 1;
        w.coordinates = d;
        w.salt = keccak256(abi.encode(seed, "salt"));
        w.updates = new int256[][](n);
        (w.aggregate, w.base, w.model) = (new int256[](d), new int256[](d), new int256[](d));
        (w.weights, w.scores) = (new uint64[](n), new uint64[](n));
        (w.standings, w.reasons) = (new uint8[](n), new uint8[](n));
        (w.barred, w.shared) = (new uint256[](n), new uint32[](n));
        w.state = keccak256(abi.encode(seed, "state"));
        (w.stakes, w.before) = (new uint128[](n), new uint128[](n));
        w.statements = new UpdateStatement[](n);
        w.leaves = new PositionTree.UpdateLeaf[](n);
        w.signatures = new bytes[](n);
        for (uint256 j = 0; j < d; ++j) {
            uint256 drawn = _draw(seed, "base", j); // a finite float32 between -2 and 2
            w.base[j] = int256(int32(uint32(drawn % 0x40000000 | (drawn >> 255) << 31)));
        }
        for (uint256 i = 0; i < n; ++i) {
            w.updates[i] = new int256[](d);
            for (uint256 j = 0; j < d; ++j) {
                w.updates[i][j] = _signed(seed, "update", i * d + j) % int256(uint256(VALUE_MAX));
            }
            w.stakes[i] = uint128(_draw(seed, "stake", i) % 4_000_000);
            w.standings[i] = _draw(seed, "standing", i) % 5 == 0 ? 2 : 1;
        }
        w.standings[0] = 1;
        _weigh(w, seed);
        rebuild(w);
    }

    /// @dev Weights and scores as the rule gives them to the accepted sites.
    function _weigh(World memory w, bytes32 seed) private pure {
        uint256 accepted = 0;
        for (uint256 i = 0; i < w.standings.length; ++i) {
            if (w.standings[i] == 1) ++accepted;
        }
        bool mean = _is(w.rule, "mean");
        bool columns = _is(w.rule, "median") || _is(w.rule, "trimmed-mean");
        w.denominator = mean ? uint32(accepted) : columns ? 1 : 1 << 20;
        for (uint256 i = 0; i < w.standings.length; ++i) {
            if (w.standings[i] != 1) continue;
            bool plain = mean || columns;
            w.weights[i] = plain ? 1 : uint64(1 + _draw(seed, "weight", i) % (1 << 18));
            w.scores[i] = uint64(_draw(seed, "score", i) % 1_000_001);
        }
        w.usedF = w.f;
        while (columns && accepted <= 2 * w.usedF) --w.usedF;
    }

    // What follows from what

    function rebuild(World memory w) internal view {
        aggregate(w);
        apply_(w);
        document(w);
        settle(w);
    }

    function aggregate(World memory w) internal pure {
        for (uint256 j = 0; j < w.coordinates; ++j) {
            w.aggregate[j] = _aggregateOf(w, j);
        }
    }

    function apply_(World memory w) internal pure {
        for (uint256 j = 0; j < w.coordinates; ++j) {
            uint32 bits = ModelMath.next(uint32(int32(w.base[j])), w.aggregate[j], SCALE);
            w.model[j] = int256(int32(bits));
        }
    }

    /// @dev Leaves, rules, context, report and the roots that bind them.
    function document(World memory w) internal view {
        w.c.federation = FEDERATION;
        if (w.c.round == 0) w.c.round = 1;
        w.c.sites = uint32(w.updates.length);
        w.c.coordinates = uint64(w.coordinates);
        w.c.parentModel = Blob.root(Blob.encode(w.base));
        w.c.aggregateRoot = Blob.root(Blob.encode(w.aggregate));
        w.c.model = Blob.root(Blob.encode(w.model));
        sign(w);
        w.rules = encodeRules(w);
        w.context = encodeContext(w);
        w.c.contextDigest = sha256(w.context);
        w.report = encodeReport(w);
        w.c.reportDigest = sha256(w.report);
    }

    function sign(World memory w) internal view {
        for (uint256 i = 0; i < w.updates.length; ++i) {
            w.statements[i] = UpdateStatement({
                federation: w.c.federation,
                round: w.c.round,
                attempt: w.c.attempt,
                site: siteAt(i),
                baseModel: w.c.parentModel,
                updateRoot: Blob.root(Blob.encode(w.updates[i])),
                coordinates: w.c.coordinates,
                detailsDigest: keccak256(abi.encode("details", i))
            });
            bytes32 digest = Typed.digest(manager.domainSeparator(), w.statements[i]);
            w.signatures[i] = sign65(signerKey(i), digest);
            w.leaves[i] = PositionTree.UpdateLeaf({
                site: siteAt(i),
                updateRoot: w.statements[i].updateRoot,
                statementDigest: digest,
                signatureHash: keccak256(w.signatures[i])
            });
        }
        w.c.updatesRoot = Tree.root(leafHashes(w));
    }

    function settle(World memory w) internal pure {
        uint256 n = w.updates.length;
        uint256[] memory counted = new uint256[](n);
        bytes32[] memory scores = new bytes32[](n);
        w.c.scoreSum = 0;
        for (uint256 i = 0; i < n; ++i) {
            bool eligible = w.barred[i] == 0 && w.stakes[i] >= MIN_STAKE;
            uint256 backed = w.stakes[i] / STAKE_PER_SCORE;
            counted[i] = !eligible ? 0 : backed < w.scores[i] ? backed : w.scores[i];
            w.c.scoreSum += uint64(counted[i]);
            scores[i] = keccak256(abi.encode(uint8(3), i, siteAt(i), counted[i], saltOf(w.salt, i)));
        }
        w.c.scoresRoot = Tree.root(scores);
        uint256[] memory sums = new uint256[](n);
        w.c.rewardTotal = 0;
        for (uint256 i = 0; i < n; ++i) {
            sums[i] = w.before[i];
            if (w.c.scoreSum != 0) sums[i] += uint256(BUDGET) * counted[i] / w.c.scoreSum;
            w.c.rewardTotal += uint128(sums[i]);
        }
        w.c.rewardsRoot = rewardsRoot(sums, w.salt);
    }

    function rewardsRoot(uint256[] memory sums, bytes32 salt) internal pure returns (bytes32) {
        bytes32[] memory leaves = new bytes32[](sums.length);
        uint256 count = 0;
        for (uint256 i = 0; i < sums.length; ++i) {
            if (sums[i] == 0) continue;
            leaves[count] =
                keccak256(abi.encode(uint8(4), count, siteAt(i), sums[i], saltOf(salt, i)));
            ++count;
        }
        bytes32[] memory used = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            used[i] = leaves[i];
        }
        return Tree.root(used);
    }

    /// @dev The next round on top of `w`, with other updates.
    function follow(World memory w, bytes32 seed) internal view returns (World memory next) {
        next = makeWorld(w.rule, w.updates.length, w.coordinates, seed);
        next.c.round = w.c.round + 1;
        next.base = w.model;
        next.previousAggregate = w.c.aggregateRoot;
        next.previousRewards = w.c.rewardsRoot;
        next.previousState = w.state;
        for (uint256 i = 0; i < w.updates.length; ++i) {
            uint256 backed = w.stakes[i] / STAKE_PER_SCORE;
            uint256 counted = w.barred[i] != 0 || w.stakes[i] < MIN_STAKE
                ? 0
                : backed < w.scores[i] ? backed : w.scores[i];
            next.before[i] = w.before[i];
            if (w.c.scoreSum != 0) {
                next.before[i] += uint128(uint256(BUDGET) * counted / w.c.scoreSum);
            }
        }
        rebuild(next);
    }

    function documentsOf(World memory w) internal pure returns (IConviction.Documents memory) {
        return IConviction.Documents(w.report, w.context, w.rules);
    }

    function openUpdates(World memory w, uint256 coordinate)
        internal
        pure
        returns (ContentTree.Opening[] memory openings)
    {
        uint256 used = 0;
        for (uint256 i = 0; i < w.weights.length; ++i) {
            if (w.weights[i] != 0) ++used;
        }
        openings = new ContentTree.Opening[](used);
        used = 0;
        for (uint256 i = 0; i < w.weights.length; ++i) {
            if (w.weights[i] == 0) continue;
            openings[used++] = Blob.open(Blob.encode(w.updates[i]), coordinate);
        }
    }

    function _aggregateOf(World memory w, uint256 j) private pure returns (int256) {
        int256[] memory values = new int256[](w.weights.length);
        int256 sum = 0;
        uint256 k = 0;
        for (uint256 i = 0; i < w.weights.length; ++i) {
            if (w.weights[i] == 0) continue;
            sum += int256(uint256(w.weights[i])) * w.updates[i][j];
            values[k++] = w.updates[i][j];
        }
        bool median = _is(w.rule, "median");
        if (!median && !_is(w.rule, "trimmed-mean")) {
            int256 mean = _round(sum, int256(uint256(w.denominator)));
            return mean > 2 ** 31 - 1
                ? int256(2 ** 31 - 1)
                : mean < 1 - 2 ** 31 ? int256(1 - 2 ** 31) : mean;
        }
        for (uint256 a = 1; a < k; ++a) {
            for (uint256 b = a; b > 0 && values[b] < values[b - 1]; --b) {
                (values[b], values[b - 1]) = (values[b - 1], values[b]);
            }
        }
        if (k == 0 || (!median && k <= 2 * w.usedF)) return 0; // a lie that has no aggregate
        uint256 cut = median ? (k - 1) / 2 : w.usedF;
        sum = 0;
        for (uint256 i = cut; i < k - cut; ++i) {
            sum += values[i];
        }
        return _round(sum, int256(k - 2 * cut));
    }

    /// @dev Nearest, halves upwards: floor((2 sum + count) / (2 count)), by adding what makes it
    /// positive first.
    function _round(int256 sum, int256 count) private pure returns (int256) {
        int256 lift = 1 << 80;
        return (2 * (sum + lift * count) + count) / (2 * count) - lift;
    }

    function _is(string memory a, string memory b) private pure returns (bool) {
        return keccak256(bytes(a)) == keccak256(bytes(b));
    }

    function _draw(bytes32 seed, string memory what, uint256 i) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, what, i)));
    }

    function _signed(bytes32 seed, string memory what, uint256 i) private pure returns (int256) {
        return int256(int128(uint128(_draw(seed, what, i))));
    }
}
// forge-lint: disable-end(unsafe-typecast, incorrect-shift)
