// Events, checked against the stored hashes; then the file against them.
#include "contracts/cpp/evm/model_registry.hpp"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "contracts/cpp/evm/log_reader.hpp"
#include "proto/crypto/keccak256.hpp"

namespace fedstake::evm {

namespace {

using Kind = ModelVerdict::Kind;

constexpr std::array<std::string_view, 3> kStatuses{"active", "deprecated", "revoked"};
constexpr std::array<std::string_view, 6> kVerdicts{"released",     "deprecated",  "revoked",
                                                    "wrong-values", "same-values", "unknown"};
constexpr std::size_t kReasonMax = 200;
constexpr std::size_t kProvenanceField = 3;  // of ModelPublished

std::string printable(ByteView bytes) {
    std::string text;
    for (const std::uint8_t byte : bytes.first(std::min(bytes.size(), kReasonMax))) {
        text.push_back(byte >= 0x20 && byte < 0x7f ? static_cast<char>(byte) : '?');
    }
    return text;
}

// ModelPublished(modelId, version, recordHash, provenance, publisher)
Result<PublishedModel> read_published(const DecodedEvent& event) {
    FS_ASSIGN(const std::vector<AbiValue> words, event.values[kProvenanceField].as_list());
    PublishedModel m;
    FS_ASSIGN(m.model_id, words[0].as_digest());
    FS_ASSIGN(m.version, words[1].as_u64());
    FS_ASSIGN(m.round, words[2].as_u64());
    FS_ASSIGN(m.parent, words[3].as_digest());
    FS_ASSIGN(m.weights_root, words[4].as_digest());
    FS_ASSIGN(m.weights_sha256, words[5].as_digest());
    FS_ASSIGN(m.weights_bytes, words[6].as_u64());
    FS_ASSIGN(m.datasets_root, words[7].as_digest());
    FS_ASSIGN(m.code_commit, words[8].as_digest());
    FS_ASSIGN(m.config_hash, words[9].as_digest());
    FS_ASSIGN(m.eval_hash, words[10].as_digest());
    FS_ASSIGN(m.publisher, event.values[4].as_address());
    FS_ASSIGN(const Bytes encoded,
              abi_encode(event.fields[kProvenanceField].type, event.values[kProvenanceField]));
    m.record = crypto::keccak256(encoded);
    return m;
}

AbiValue provenance_of(const PublishedModel& m) {
    return AbiValue::list({AbiValue::word(m.model_id), AbiValue::number(m.version),
                           AbiValue::number(m.round), AbiValue::word(m.parent),
                           AbiValue::word(m.weights_root), AbiValue::word(m.weights_sha256),
                           AbiValue::number(m.weights_bytes), AbiValue::word(m.datasets_root),
                           AbiValue::word(m.code_commit), AbiValue::word(m.config_hash),
                           AbiValue::word(m.eval_hash)});
}

class Registry {
public:
    Registry(EthNode& node, const ContractAddresses& at, const ContractAbis& abis,
             const Digest& model_id)
        : node_(node), at_(at), abi_(abis.model_registry), model_id_(model_id) {}

    Result<std::vector<PublishedModel>> versions() {
        FS_ASSIGN(const std::vector<Log> logs, events("ModelPublished"));
        std::map<std::uint64_t, PublishedModel> found;
        for (const Log& log : logs) {
            FS_ASSIGN(const auto event, abi_.decode_event(log.topics, log.data));
            if (!event) continue;
            FS_ASSIGN(PublishedModel model, read_published(*event));
            FS_TRY(check_stored(model));
            FS_ASSIGN(const BlockHead block, node_.block(log.block));
            model.block = log.block;
            model.published_at = block.timestamp;
            found[model.version] = std::move(model);
        }
        FS_TRY(read_reasons(found));
        std::vector<PublishedModel> all;
        for (auto& [version, model] : found) all.push_back(std::move(model));
        return all;
    }

    Result<bool> whole_lineage(const std::vector<PublishedModel>& all, std::uint64_t version) {
        std::vector<AbiValue> chain;
        for (const PublishedModel& model : all) {
            if (model.version <= version) chain.push_back(provenance_of(model));
        }
        if (chain.size() != version) return false;
        FS_ASSIGN(const auto whole, view("verifyLineage", {AbiValue::list(std::move(chain))}));
        return whole[0].as_bool();
    }

private:
    Result<std::vector<Log>> events(std::string_view name) {
        FS_ASSIGN(const AbiEvent event, abi_.event(name));
        return read_logs(node_, {.address = at_.model_registry,
                                 .topics = {event.topic(), model_id_},
                                 .from_block = at_.deployed_block,
                                 .to_block = 0});
    }

    Result<std::vector<AbiValue>> view(std::string_view function, std::vector<AbiValue> arguments) {
        return call_view(node_, at_.model_registry, abi_, function, std::move(arguments));
    }

    Status check_stored(PublishedModel& model) {
        const std::vector<AbiValue> name{AbiValue::word(model.model_id),
                                         AbiValue::number(model.version)};
        FS_ASSIGN(const auto stored, view("recordOf", name));
        FS_ASSIGN(const Digest record, stored[0].as_digest());
        if (record != model.record || model.model_id != model_id_) {
            return fail(Errc::kCorrupt,
                        fmt::format("the node at {} shows a record of version {} that the registry "
                                    "does not hold: do not trust this node",
                                    node_.name(), model.version));
        }
        FS_ASSIGN(const auto status, view("statusOf", name));
        FS_ASSIGN(const std::uint64_t number, status[0].as_u64());
        if (number >= kStatuses.size()) {
            return fail(Errc::kCorrupt,
                        "the registry names a status that this program does not "
                        "know: get the version that fits the contracts");
        }
        model.status = static_cast<ModelStatus>(number);
        return {};
    }

    Status read_reasons(std::map<std::uint64_t, PublishedModel>& found) {
        FS_ASSIGN(const std::vector<Log> logs, events("ModelStatusSet"));
        for (const Log& log : logs) {
            FS_ASSIGN(const auto event, abi_.decode_event(log.topics, log.data));
            if (!event) continue;
            FS_ASSIGN(const std::uint64_t version, event->values[1].as_u64());
            FS_ASSIGN(const Bytes reason, event->values[3].as_bytes());
            if (const auto at = found.find(version); at != found.end()) {
                at->second.reason = printable(reason);
            }
        }
        return {};
    }

    EthNode& node_;
    const ContractAddresses& at_;
    const ContractAbi& abi_;
    Digest model_id_;
};

Kind kind_of(const PublishedModel& model, const ModelFile& file) {
    const bool same_values = model.weights_root == file.values_root;
    if (model.weights_sha256 != file.sha256) {
        return same_values ? Kind::kSameValues : Kind::kUnknown;
    }
    if (!same_values) return Kind::kWrongValues;
    switch (model.status) {
        case ModelStatus::kActive: return Kind::kReleased;
        case ModelStatus::kDeprecated: return Kind::kDeprecated;
        case ModelStatus::kRevoked: return Kind::kRevoked;
    }
    return Kind::kRevoked;
}

}  // namespace

std::string_view model_status_name(ModelStatus status) noexcept {
    return kStatuses[static_cast<std::size_t>(status)];
}

std::string_view verdict_name(Kind kind) noexcept {
    return kVerdicts[static_cast<std::size_t>(kind)];
}

Result<std::vector<PublishedModel>> read_models(EthNode& node, const ContractAddresses& contracts,
                                                const ContractAbis& abis, const Digest& model_id) {
    return Registry(node, contracts, abis, model_id).versions();
}

bool ModelVerdict::good() const noexcept {
    return (kind == Kind::kReleased || kind == Kind::kDeprecated) && lineage;
}

Result<ModelVerdict> judge_model_file(EthNode& node, const ContractAddresses& contracts,
                                      const ContractAbis& abis, const Digest& model_id,
                                      const ModelFile& file) {
    Registry registry(node, contracts, abis, model_id);
    FS_ASSIGN(const std::vector<PublishedModel> all, registry.versions());
    ModelVerdict verdict;
    // The newest version wins, this very file over other files with its values.
    for (const PublishedModel& model : all) {
        const auto kind = kind_of(model, file);
        const bool weaker = kind == Kind::kSameValues && verdict.kind < Kind::kSameValues;
        if (kind == Kind::kUnknown || weaker) continue;
        verdict.kind = kind;
        verdict.model = model;
    }
    if (verdict.kind == Kind::kUnknown) return verdict;
    FS_ASSIGN(verdict.lineage, registry.whole_lineage(all, verdict.model.version));
    return verdict;
}

}  // namespace fedstake::evm
