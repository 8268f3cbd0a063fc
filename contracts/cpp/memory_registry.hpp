// Reference model of the ModelRegistry, call by call.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "contracts/cpp/memory_rounds.hpp"

namespace fedstake::chain {

// keccak256(abi.encode(Provenance)): the record hash that the registry keeps for a release.
[[nodiscard]] Digest provenance_hash(const PublishModel& release);

// IModelRegistry.Status; the numbers are the contract's.
enum class ReleaseStatus : std::uint8_t { kActive, kDeprecated, kRevoked };

class MemoryRegistry {
public:
    MemoryRegistry(const Address& publisher, MemoryContext context, const MemoryRounds& rounds)
        : publisher_(publisher), context_(context), rounds_(rounds) {}

    [[nodiscard]] Status publish(const Address& caller, const PublishModel& call);
    [[nodiscard]] Status set_status(const Address& caller, const Digest& model_id,
                                    std::uint64_t version, ReleaseStatus status);
    [[nodiscard]] Status set_publisher(const Address& caller, const Address& publisher);

    [[nodiscard]] const Address& publisher() const noexcept { return publisher_; }
    // Record hash of a published version; zero when there is none.
    [[nodiscard]] Digest record_of(const Digest& model_id, std::uint64_t version) const;
    [[nodiscard]] std::uint64_t latest_version(const Digest& model_id) const;
    [[nodiscard]] ReleaseStatus status_of(const Digest& model_id, std::uint64_t version) const;

private:
    Address publisher_;
    MemoryContext context_;
    const MemoryRounds& rounds_;
    std::map<Digest, std::vector<Digest>> records_;  // by model; version v at index v-1
    std::map<Digest, ReleaseStatus> statuses_;       // by record
};

}  // namespace fedstake::chain
