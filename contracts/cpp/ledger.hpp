// Port to the chain. Two implementations replay the same scripts: MemoryLedger (the reference
// model) and evm::EvmLedger. Calls block, with deadlines of their own: hosts call them off the
// round thread.
//
// Writing is by intents: submit() makes an intent durable (idempotent by key) and returns at once;
// pump() moves queued intents forward (send, replace, look for receipts) and reports what changed.
// Training never waits for either.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"
#include "proto/base/time.hpp"
#include "proto/crypto/statements.hpp"
#include "proto/rules/settlement.hpp"
#include "proto/rules/signed_update.hpp"

namespace fedstake::chain {

struct AuditorSignature {
    std::uint8_t index = 0;  // position in the RoundManager's auditor list
    crypto::Signature signature;
    friend bool operator==(const AuditorSignature&, const AuditorSignature&) = default;
};
// Strictly increasing by index: 66 bytes each, as RoundManager takes them.
[[nodiscard]] Bytes pack_signatures(std::span<const AuditorSignature> signatures);

struct CommitRound {
    crypto::RoundCommitment commitment;
    std::vector<AuditorSignature> signatures;
};
struct Accuse {
    crypto::AttestedFault fault;
    std::vector<AuditorSignature> signatures;
};
struct ExecuteSlash {
    std::uint64_t case_id = 0;
    // SlashCase::digest. Where it is left out, submit() has to ask the node for it.
    Digest digest{};
};
// Of the commitment the chain is told the round number: it has the rewards root.
struct ClaimReward {
    crypto::RoundCommitment commitment;
    rules::RewardClaim claim;
};
struct ProveEquivocation {
    crypto::UpdateStatement first;
    crypto::Signature first_signature;
    crypto::UpdateStatement second;
    crypto::Signature second_signature;
};
struct PublishModel {
    crypto::RoundCommitment commitment;
    Digest model_id;
    std::uint64_t version = 0;
    Digest parent;
    Digest weights_sha256;  // of the safetensors file
    std::uint64_t weights_bytes = 0;
    Digest datasets_root;
    Digest code_commit;
    Digest config_hash;
    Digest eval_hash;
};
// Posts what a demand asks for (OpenDemand).
struct AnswerDemand {
    crypto::RoundCommitment commitment;
    std::vector<rules::SignedUpdate> updates;  // in the order of the updates tree
    Bytes report;
    Bytes context;
};
using Operation = std::variant<CommitRound, Accuse, ExecuteSlash, ClaimReward, ProveEquivocation,
                               PublishModel, AnswerDemand>;

// key: unique, stable name such as "commit/12" or "accuse/12/0xabc.../2".
struct Intent {
    std::string key;
    Operation operation;
};

enum class IntentState : std::uint8_t { kQueued, kSent, kMined, kDone, kRejected };
[[nodiscard]] std::string_view intent_state_name(IntentState state) noexcept;

struct IntentStatus {
    std::string key;
    IntentState state = IntentState::kQueued;
    Digest transaction;  // zero until sent
    std::uint64_t block = 0;
    std::string detail;  // why rejected, in words
};

struct StakeAccount {
    SiteId site;
    Address signer;
    Amount stake = 0;  // slashable: staked plus exiting
    Amount exiting = 0;
    bool jailed = false;
    std::uint32_t open_cases = 0;
    Amount claimed = 0;  // rewards paid out so far
};

// IStakeVault.CaseState; the numbers are the contract's.
enum class SlashState : std::uint8_t { kNone, kPending, kVetoed, kExecuted, kDropped };
[[nodiscard]] std::string_view slash_state_name(SlashState state) noexcept;

struct SlashCase {
    std::uint64_t id = 0;
    SiteId site;
    std::uint16_t bps = 0;
    std::uint64_t execute_after = 0;  // Unix seconds, chain time
    SlashState state = SlashState::kNone;
    Amount amount = 0;  // taken, once executed
    Digest digest;      // the contracts' 32-byte case id; `id` is its first eight bytes
};

// Somebody demands the leaves, the report and the context of a round that stands. Where nobody
// posts them by the deadline the round is voided and its coordinator slashed.
struct OpenDemand {
    RoundNumber round = 0;
    Digest commitment;
    Address demander;
    Amount bond = 0;
    std::uint64_t deadline = 0;  // Unix seconds, chain time
    friend bool operator==(const OpenDemand&, const OpenDemand&) = default;
};

class Ledger {
public:
    virtual ~Ledger() = default;

    // Reads. RETURNS kUnavailable when the node does not answer.
    [[nodiscard]] virtual Result<StakeAccount> stake_of(const SiteId& site) = 0;
    // Of many, in their order: one request where the node takes batches.
    [[nodiscard]] virtual Result<std::vector<StakeAccount>> stakes_of(
        std::span<const SiteId> sites);
    [[nodiscard]] virtual Result<RoundNumber> committed_head() = 0;
    // The commitment struct hash stored for a round still in the ring; kNotFound otherwise.
    [[nodiscard]] virtual Result<Digest> committed(RoundNumber round) = 0;
    [[nodiscard]] virtual Result<bool> is_final(RoundNumber round) = 0;
    // Whether this commitment (struct hash) was voided, by itself or with an earlier round, deep
    // enough in the chain to stay so. It can never be posted again.
    [[nodiscard]] virtual Result<bool> is_voided(const Digest& commitment) = 0;
    // RETURNS kNotNow while the chain's history is still being read: call it again at once.
    [[nodiscard]] virtual Result<std::vector<SlashCase>> slash_cases() = 0;
    [[nodiscard]] virtual Result<std::uint64_t> chain_time() = 0;
    // Demands that nobody has met yet, by round.
    [[nodiscard]] virtual Result<std::vector<OpenDemand>> open_demands() = 0;

    // Writes. submit() of a known key with the same operation is a no-op; with another one
    // kConflict.
    [[nodiscard]] virtual Status submit(const Intent& intent) = 0;
    // Gives up an intent for good, durably, also across restarts: what was not sent ends as
    // kRejected with `reason`; a transaction on its way still ends as the chain wills, and is not
    // made a second time. A no-op for unknown and for finished keys. Does not talk to the node.
    [[nodiscard]] virtual Status drop(const std::string& key, const std::string& reason) = 0;
    [[nodiscard]] virtual Result<std::vector<IntentStatus>> pump() = 0;
    [[nodiscard]] virtual Result<IntentStatus> status(const std::string& key) = 0;
};

}  // namespace fedstake::chain
