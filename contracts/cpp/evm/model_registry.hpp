// What the model registry says about released versions, and whether a file is one of them.
//
// The registry stores one hash a version; the record itself is in its event. Records are believed
// only when they hash to what the contract stores.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "contracts/cpp/evm/contract_set.hpp"
#include "contracts/cpp/evm/model_file.hpp"

namespace fedstake::evm {

// IModelRegistry.Status, in the contract's order.
enum class ModelStatus : std::uint8_t { kActive, kDeprecated, kRevoked };
[[nodiscard]] std::string_view model_status_name(ModelStatus status) noexcept;

// IModelRegistry.Provenance, and how it was published.
struct PublishedModel {
    Digest model_id;
    std::uint64_t version = 0;
    RoundNumber round = 0;
    Digest parent;
    Digest weights_root;
    Digest weights_sha256;
    std::uint64_t weights_bytes = 0;
    Digest datasets_root;
    Digest code_commit;
    Digest config_hash;
    Digest eval_hash;
    Digest record;  // hash of all above
    ModelStatus status = ModelStatus::kActive;
    std::string reason;  // of the last change of status; printable, at most 200 characters
    Address publisher;
    std::uint64_t block = 0;
    std::uint64_t published_at = 0;  // Unix seconds
};

// Every version of a model, 1 first. RETURNS kCorrupt when the node's events are not what the
// contract stores.
[[nodiscard]] Result<std::vector<PublishedModel>> read_models(EthNode& node,
                                                              const ContractAddresses& contracts,
                                                              const ContractAbis& abis,
                                                              const Digest& model_id);

struct ModelVerdict {
    enum class Kind : std::uint8_t {
        kReleased,     // this very file, in use
        kDeprecated,   // this very file, superseded
        kRevoked,      // this very file, withdrawn
        kWrongValues,  // this very file, but its values are not the model of its round
        kSameValues,   // a released model's values in another file
        kUnknown,      // no version of this model
    };
    Kind kind = Kind::kUnknown;
    // The newest version with that file or those values; default-made for kUnknown.
    PublishedModel model;
    // From version 1 on to that one, by the contract: linked without a gap, none revoked.
    bool lineage = false;

    // Whether the file may be used: released or deprecated, with a whole lineage.
    [[nodiscard]] bool good() const noexcept;
    // The verdict and what to do, in a sentence or two.
    [[nodiscard]] std::string text() const;
};
[[nodiscard]] std::string_view verdict_name(ModelVerdict::Kind kind) noexcept;

[[nodiscard]] Result<ModelVerdict> judge_model_file(EthNode& node,
                                                    const ContractAddresses& contracts,
                                                    const ContractAbis& abis,
                                                    const Digest& model_id, const ModelFile& file);

// For --json, and for people: one line a field.
[[nodiscard]] Json model_json(const PublishedModel& model);
[[nodiscard]] std::string model_text(const PublishedModel& model);
[[nodiscard]] Json verdict_json(const ModelVerdict& verdict, const ModelFile& file);
[[nodiscard]] std::string verdict_text(const ModelVerdict& verdict, const ModelFile& file);

}  // namespace fedstake::evm
