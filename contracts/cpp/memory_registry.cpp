// ModelRegistry.sol, function by function.
#include "contracts/cpp/memory_registry.hpp"

#include "proto/crypto/keccak256.hpp"

namespace fedstake::chain {

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

Status MemoryRegistry::publish(const Address& caller, const PublishModel& call) {
    if (caller != publisher_) return refuse("NotAuthorized", {caller});
    FS_TRY(rounds_.require_final(call.commitment));
    if (call.weights_sha256.is_zero()) return refuse("ZeroField", {"weightsSha256"});
    if (call.weights_bytes == 0) return refuse("ZeroField", {"weightsBytes"});
    if (call.model_id.is_zero()) return refuse("ZeroField", {"modelId"});
    const std::uint64_t latest = latest_version(call.model_id);
    if (call.version != latest + 1) {
        return refuse("VersionOutOfOrder", {call.version, latest + 1});
    }
    const Digest parent = record_of(call.model_id, latest);
    if (call.parent != parent) return refuse("ParentMismatch", {call.parent, parent});
    records_[call.model_id].push_back(provenance_hash(call));
    return {};
}

Status MemoryRegistry::set_status(const Address& caller, const Digest& model_id,
                                  std::uint64_t version, ReleaseStatus status) {
    if (caller != publisher_) return refuse("NotAuthorized", {caller});
    const Digest record = record_of(model_id, version);
    if (record.is_zero()) return refuse("UnknownVersion", {model_id, version});
    if (status_of(model_id, version) == ReleaseStatus::kRevoked) {
        return refuse("AlreadyRevoked", {model_id, version});
    }
    statuses_[record] = status;
    return {};
}

Status MemoryRegistry::set_publisher(const Address& caller, const Address& publisher) {
    FS_TRY(context_.access.require(Role::kParameters, caller));
    if (publisher.is_zero()) return refuse("ZeroAddress");
    publisher_ = publisher;
    return {};
}

Digest MemoryRegistry::record_of(const Digest& model_id, std::uint64_t version) const {
    const auto found = records_.find(model_id);
    if (found == records_.end() || version == 0 || version > found->second.size()) return {};
    return found->second[static_cast<std::size_t>(version - 1)];
}

std::uint64_t MemoryRegistry::latest_version(const Digest& model_id) const {
    const auto found = records_.find(model_id);
    return found == records_.end() ? 0 : found->second.size();
}

ReleaseStatus MemoryRegistry::status_of(const Digest& model_id, std::uint64_t version) const {
    const auto found = statuses_.find(record_of(model_id, version));
    return found == statuses_.end() ? ReleaseStatus::kActive : found->second;
}

}  // namespace fedstake::chain
