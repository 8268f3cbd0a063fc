// Identities by hashing what has an effect.
#include "contracts/cpp/operation.hpp"

#include "contracts/cpp/memory_registry.hpp"
#include "proto/crypto/keccak256.hpp"

namespace fedstake::chain {

namespace {

struct Identity {
    ByteWriter& out;
    void operator()(const CommitRound& call) { out.raw(call.commitment.struct_hash().view()); }
    void operator()(const Accuse& call) { out.raw(call.fault.struct_hash().view()); }
    void operator()(const ExecuteSlash& call) { out.u64(call.case_id); }
    void operator()(const ClaimReward& call) {
        out.raw(call.commitment.struct_hash().view());
        out.u64(call.claim.leaf_count).u64(call.claim.index);
        out.raw(call.claim.site.view()).u128(call.claim.cumulative).raw(call.claim.salt.view());
        for (const Digest& word : call.claim.proof) out.raw(word.view());
    }
    void operator()(const ProveEquivocation& call) {
        out.raw(call.first.struct_hash().view()).raw(call.first_signature.view());
        out.raw(call.second.struct_hash().view()).raw(call.second_signature.view());
    }
    void operator()(const PublishModel& call) {
        out.raw(call.commitment.struct_hash().view()).raw(provenance_hash(call).view());
    }
    // The commitment leaves no choice of what to post.
    void operator()(const AnswerDemand& call) { out.raw(call.commitment.struct_hash().view()); }
};

struct Round {
    RoundNumber operator()(const CommitRound& call) noexcept { return call.commitment.round; }
    RoundNumber operator()(const Accuse& call) noexcept { return call.fault.round; }
    RoundNumber operator()(const ExecuteSlash&) noexcept { return 0; }
    RoundNumber operator()(const ClaimReward& call) noexcept { return call.commitment.round; }
    RoundNumber operator()(const ProveEquivocation& call) noexcept { return call.first.round; }
    RoundNumber operator()(const PublishModel& call) noexcept { return call.commitment.round; }
    RoundNumber operator()(const AnswerDemand& call) noexcept { return call.commitment.round; }
};

struct Text {
    std::string operator()(const CommitRound& call) {
        return "commitment of round " + std::to_string(call.commitment.round);
    }
    std::string operator()(const Accuse& call) {
        return "accusation of site " + call.fault.site.short_hex();
    }
    std::string operator()(const ExecuteSlash& call) {
        return "execution of slash case " + std::to_string(call.case_id);
    }
    std::string operator()(const ClaimReward& call) {
        return "claim of site " + call.claim.site.short_hex();
    }
    std::string operator()(const ProveEquivocation& call) {
        return "equivocation proof against site " + call.first.site.short_hex();
    }
    std::string operator()(const PublishModel& call) {
        return "release of model version " + std::to_string(call.version);
    }
    std::string operator()(const AnswerDemand& call) {
        return "answer to the demand about round " + std::to_string(call.commitment.round);
    }
};

}  // namespace

Digest operation_identity(const Operation& operation) {
    ByteWriter out;
    out.u8(static_cast<std::uint8_t>(operation.index()));
    std::visit(Identity{out}, operation);
    return crypto::keccak256(out.bytes());
}

RoundNumber operation_round(const Operation& operation) noexcept {
    return std::visit(Round{}, operation);
}

std::string_view operation_lane(const Operation& operation) noexcept {
    if (std::holds_alternative<CommitRound>(operation)) return "commit";
    if (std::holds_alternative<PublishModel>(operation)) return "publish";
    return "";
}

std::string operation_text(const Operation& operation) {
    return std::visit(Text{}, operation);
}

}  // namespace fedstake::chain
