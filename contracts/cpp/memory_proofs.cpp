// FaultProver.sol and ModelRegistry.sol, function by function.
#include "contracts/cpp/memory_chain.hpp"
#include "proto/crypto/keccak256.hpp"

namespace fedstake::chain {

namespace {

tl::unexpected<Error> refuse(std::string_view name, const std::string& details = "") {
    return fail(Errc::kNotNow, std::string(name) + ": " + details);
}

}  // namespace

Status MemoryChain::require_signed_by_site(const crypto::UpdateStatement& statement,
                                           const crypto::Signature& signature) const {
    const auto recovered =
        crypto::recover_signer(crypto::signing_digest(options_.domain, statement), signature);
    if (!recovered || vault_.owner_of_signer(*recovered) != statement.site) {
        return refuse("NotSignedBySite", statement.site.hex());
    }
    return {};
}

Status MemoryChain::prove_equivocation(const Address& caller, const ProveEquivocation& call) {
    const crypto::UpdateStatement& a = call.first;
    const crypto::UpdateStatement& b = call.second;
    if (a.federation != options_.federation || b.federation != options_.federation) {
        return refuse("WrongFederation");
    }
    if (a.round != b.round || a.attempt != b.attempt || a.site != b.site) {
        return refuse("StatementsNotComparable");
    }
    if (!crypto::contradict(a, b)) return refuse("NoContradiction");
    bool& proven = proven_[{a.site, a.round, a.attempt}];
    if (proven) return refuse("AlreadyProven", a.site.hex());
    FS_TRY(require_signed_by_site(a, call.first_signature));
    FS_TRY(require_signed_by_site(b, call.second_signature));
    FS_TRY(vault_.slash_equivocation(a.site, options_.equivocation_bps, caller));
    proven = true;
    return {};
}

Digest provenance_hash(const PublishModel& release) {
    ByteWriter words;
    words.raw(release.model_id.view());
    words.u128(0).u64(0).u64(release.version);
    words.u128(0).u64(0).u64(release.commitment.round);
    words.raw(release.parent.view()).raw(release.commitment.model.view());
    words.raw(release.weights_sha256.view());
    words.u128(0).u64(0).u64(release.weights_bytes);
    words.raw(release.datasets_root.view()).raw(release.code_commit.view());
    words.raw(release.config_hash.view()).raw(release.eval_hash.view());
    return crypto::keccak256(words.bytes());
}

Status MemoryChain::publish(const Address& caller, const PublishModel& call) {
    if (caller != options_.coordinator) return refuse("NotAuthorized", caller.hex());
    const RoundNumber round = call.commitment.round;
    FS_TRY(require_committed(round, call.commitment.struct_hash()));
    if (!is_final(round)) return refuse("RoundNotFinal", std::to_string(round));
    if (call.weights_sha256.is_zero()) return refuse("ZeroField", "weightsSha256");
    if (call.weights_bytes == 0) return refuse("ZeroField", "weightsBytes");
    if (call.model_id.is_zero()) return refuse("ZeroField", "modelId");
    const auto known = records_.find(call.model_id);
    const std::uint64_t latest = known == records_.end() ? 0 : known->second.size();
    if (call.version != latest + 1) {
        return refuse("VersionOutOfOrder", std::to_string(latest + 1));
    }
    if (call.parent != record_of(call.model_id, latest)) return refuse("ParentMismatch");
    records_[call.model_id].push_back(provenance_hash(call));
    return {};
}

Digest MemoryChain::record_of(const Digest& model_id, std::uint64_t version) const {
    const auto found = records_.find(model_id);
    if (found == records_.end() || version == 0 || version > found->second.size()) return {};
    return found->second[static_cast<std::size_t>(version - 1)];
}

}  // namespace fedstake::chain
