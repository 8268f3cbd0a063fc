// model publish, show, verify.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "contracts/cpp/evm/federation_view.hpp"
#include "contracts/cpp/evm/model_registry.hpp"
#include "contracts/cpp/memory_chain.hpp"
#include "coordinator/app/build_commit.hpp"
#include "coordinator/app/record_commands.hpp"
#include "coordinator/app/release_register.hpp"
#include "coordinator/app/released_model.hpp"
#include "coordinator/app/text_file.hpp"
#include "coordinator/store/blob_store.hpp"
#include "coordinator/store/data_dir.hpp"
#include "coordinator/store/round_table.hpp"
#include "proto/crypto/sha256.hpp"
#include "proto/manifest/signed_file.hpp"

namespace fedstake::coordinator {

namespace {

namespace fs = std::filesystem;
using evm::PublishedModel;

constexpr std::size_t kPiece = std::size_t{1} << 20U;

Result<Digest> sha256_of(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        return fail(Errc::kNotFound, path.string() + ": cannot be opened");
    }
    crypto::Sha256 hash;
    Bytes piece(kPiece);
    while (in) {
        in.read(reinterpret_cast<char*>(piece.data()), static_cast<std::streamsize>(piece.size()));
        hash.update(ByteView(piece).first(static_cast<std::size_t>(in.gcount())));
    }
    if (in.bad()) {
        return fail(Errc::kUnavailable, path.string() + ": cannot be read to its end");
    }
    return hash.finish();
}

Result<std::vector<manifest::DatasetFingerprint>> read_datasets(const ModelPublishOptions& options,
                                                                const manifest::Manifest& m) {
    std::vector<manifest::DatasetFingerprint> all;
    for (const fs::path& path : options.datasets) {
        FS_ASSIGN(const manifest::DatasetFingerprint given, manifest::load_fingerprint(path));
        const manifest::SiteEntry* const entry = m.find(given.site);
        if (entry == nullptr || given.federation != m.federation ||
            given.chain_id != m.chain.chain_id) {
            return fail(Errc::kInvalidInput,
                        fmt::format("{}: is of site {}, federation {}, chain {}, which is not one "
                                    "of the manifest's",
                                    path.string(), given.site.hex(), given.federation.hex(),
                                    given.chain_id));
        }
        if (const Status valid = manifest::verify_fingerprint(given, entry->signer); !valid) {
            return with_context(valid.error(), path.string());
        }
        all.push_back(given);
    }
    return all;
}

Result<Digest> commit_of(const std::string& named) {
    if (!named.empty()) {
        auto commit = parse_commit(named);
        if (!commit) {
            return with_context(commit.error(), "--code-commit");
        }
        return commit;
    }
    const BuildCommit built = build_commit();
    if (built.hex.empty() || built.modified) {
        return fail(Errc::kInvalidInput,
                    built.hex.empty()
                        ? "this program was built without git and does not know its commit: name "
                          "the commit whose code ran the round with --code-commit"
                        : "this program was built from changed sources on top of commit " +
                              built.hex +
                              ": publish with a build of a commit, or name the commit whose code "
                              "ran the round with --code-commit");
    }
    return parse_commit(built.hex);
}

// The stopped coordinator's data, locked.
struct Data {
    store::DataDir dir;
    std::unique_ptr<store::Database> database;
    std::unique_ptr<store::BlobStore> blobs;
};

Result<Data> open_data(const Config& config) {
    if (!fs::exists(config.data / "coordinator.db")) {
        return fail(Errc::kNotFound,
                    config.data.string() + ": no coordinator has run with this folder yet");
    }
    auto dir = store::DataDir::open(config.data);
    if (!dir) {
        return with_context(dir.error(), "publishing by hand needs the coordinator stopped");
    }
    FS_ASSIGN(auto database, store::Database::open(config.data / "coordinator.db"));
    FS_ASSIGN(auto blobs, store::BlobStore::open(config.data));
    return Data{*std::move(dir), std::move(database), std::move(blobs)};
}

// Everything but version and parent.
Result<chain::PublishModel> make_release(const ModelPublishOptions& options, const ChainLink& link,
                                         Data& data, RoundNumber round, const fs::path& file) {
    FS_ASSIGN(const round::RecordResult record, store::RoundTable(*data.database).get(round));
    chain::PublishModel release;
    release.commitment = record.commitment;
    release.model_id = link.manifest.federation;
    release.config_hash = link.manifest.rules.digest();
    FS_ASSIGN(release.code_commit, commit_of(options.code_commit));
    FS_ASSIGN(const auto datasets, read_datasets(options, link.manifest));
    FS_ASSIGN(release.datasets_root, manifest::datasets_root(datasets));
    if (!options.evaluation.empty()) {
        FS_ASSIGN(release.eval_hash, sha256_of(options.evaluation));
    }
    std::error_code error;
    fs::create_directories(file.parent_path(), error);
    if (error) {
        return fail(Errc::kUnavailable,
                    file.parent_path().string() + ": cannot be made: " + error.message());
    }
    FS_ASSIGN(const auto tensors, shared_tensors(link.manifest.rules));
    // The same metadata as of the file that `run` releases: the same round gives the same bytes.
    FS_ASSIGN(const ReleasedFile written,
              write_released_model(file, data.blobs->path_of(record.commitment.model), tensors,
                                   {{"federation", link.manifest.federation.hex()},
                                    {"round", std::to_string(round)},
                                    {"content_root", record.commitment.model.hex()},
                                    {"commitment", record.commitment.struct_hash().hex()}}));
    release.weights_sha256 = written.sha256;
    release.weights_bytes = written.bytes;
    return release;
}

bool same_content(const PublishedModel& model, const chain::PublishModel& release) {
    return model.round == release.commitment.round &&
           model.weights_sha256 == release.weights_sha256 &&
           model.datasets_root == release.datasets_root &&
           model.code_commit == release.code_commit && model.config_hash == release.config_hash &&
           model.eval_hash == release.eval_hash;
}

// Version and parent by the chain; the database must not be ahead of it.
Status number_by_chain(const std::vector<PublishedModel>& published, Data& data,
                       chain::PublishModel& release) {
    FS_ASSIGN(const LastRelease last, last_release(*data.database));
    const std::uint64_t newest = published.empty() ? 0 : published.back().version;
    if (last.version > newest) {
        return fail(Errc::kNotNow,
                    fmt::format("version {} was released by `run` and is not on the chain yet: let "
                                "it be posted first (start the coordinator again with the same "
                                "--rounds)",
                                last.version));
    }
    release.version = newest + 1;
    release.parent = published.empty() ? Digest{} : published.back().record;
    return {};
}

void print_published(const ModelPublishOptions& options, const PublishedModel& model,
                     const fs::path& file, const std::optional<CallResult>& done) {
    const char* const said = !done             ? "published already"
                             : options.dry_run ? "would publish"
                                               : "published";
    if (options.json) {
        nlohmann::json json = evm::model_json(model);
        json["file"] = file.string();
        json["dry_run"] = options.dry_run;
        json["already"] = !done;
        json["transaction"] = done ? done->transaction.hex() : "";
        json["gas"] = done ? done->gas : 0;
        fmt::print("{}\n", json.dump());
        return;
    }
    fmt::print("{}: {}\n{}", said, file.string(), evm::model_text(model));
    if (done) {
        fmt::print("  gas          {}\n", done->gas);
    }
}

// What a dry run shows: as it would be read back.
PublishedModel preview(const chain::PublishModel& release, const Address& publisher) {
    PublishedModel model;
    model.model_id = release.model_id;
    model.version = release.version;
    model.round = release.commitment.round;
    model.parent = release.parent;
    model.weights_root = release.commitment.model;
    model.weights_sha256 = release.weights_sha256;
    model.weights_bytes = release.weights_bytes;
    model.datasets_root = release.datasets_root;
    model.code_commit = release.code_commit;
    model.config_hash = release.config_hash;
    model.eval_hash = release.eval_hash;
    model.record = chain::provenance_hash(release);
    model.publisher = publisher;
    return model;
}

// The fingerprints beside the file: the root can be recomputed from them.
Status keep_datasets(const ModelPublishOptions& options, const fs::path& file) {
    nlohmann::json list = nlohmann::json::array();
    for (const fs::path& path : options.datasets) {
        FS_ASSIGN(const manifest::DatasetFingerprint given, manifest::load_fingerprint(path));
        list.push_back(nlohmann::json::parse(manifest::to_json(given)));
    }
    if (list.empty()) {
        return {};
    }
    fs::path beside = file;
    beside.replace_extension(".datasets.json");
    return replace_file(beside, list.dump(2) + "\n");
}

}  // namespace

Status model_publish(const ModelPublishOptions& options) {
    FS_ASSIGN(ChainLink link, ChainLink::open(options.config));
    FS_ASSIGN(const RoundNumber newest,
              evm::newest_final_round(*link.node, link.contracts, link.abis));
    const RoundNumber round = options.round == 0 ? newest : options.round;
    if (round == 0 || round > newest) {
        return fail(Errc::kNotNow,
                    fmt::format("round {} is not final on the chain, the newest final one is {}: "
                                "only final rounds are published",
                                round, newest));
    }
    FS_ASSIGN(Data data, open_data(link.config));
    const fs::path file =
        link.config.data / "releases" / fmt::format("round-{}.safetensors", round);
    FS_ASSIGN(chain::PublishModel release, make_release(options, link, data, round, file));
    FS_ASSIGN(const auto published,
              evm::read_models(*link.node, link.contracts, link.abis, link.manifest.federation));
    const auto known = std::ranges::find_if(
        published, [&](const PublishedModel& model) { return same_content(model, release); });
    if (known != published.end()) {
        FS_TRY(
            remember_release(*data.database, {published.back().version, published.back().record}));
        print_published(options, *known, file, std::nullopt);
        return {};
    }
    FS_TRY(number_by_chain(published, data, release));
    FS_ASSIGN(const crypto::SigningKey key, payer_key(options.payer, link.config));
    FS_ASSIGN(
        const CallResult done,
        call_or_try(link, key, link.contracts.model_registry, link.abis.model_registry, "publish",
                    {evm::abi_of(release.commitment), evm::abi_of(release)}, options.dry_run));
    if (options.dry_run) {
        print_published(options, preview(release, key.address()), file, done);
        return {};
    }
    FS_TRY(remember_release(*data.database, {release.version, chain::provenance_hash(release)}));
    FS_TRY(keep_datasets(options, file));
    FS_ASSIGN(const auto now,
              evm::read_models(*link.node, link.contracts, link.abis, link.manifest.federation));
    const auto made = std::ranges::find(now, release.version, &PublishedModel::version);
    print_published(options, made != now.end() ? *made : preview(release, key.address()), file,
                    done);
    return {};
}

Status model_show(const ModelOptions& options) {
    FS_ASSIGN(ChainLink link, ChainLink::open(options.config));
    FS_ASSIGN(const auto published,
              evm::read_models(*link.node, link.contracts, link.abis, link.manifest.federation));
    nlohmann::json list = nlohmann::json::array();
    std::string text;
    for (const PublishedModel& model : published) {
        if (options.version != 0 && model.version != options.version) {
            continue;
        }
        list.push_back(evm::model_json(model));
        text += evm::model_text(model);
    }
    if (options.version != 0 && list.empty()) {
        return fail(Errc::kNotFound, fmt::format("the registry has no version {}, the newest is {}",
                                                 options.version, published.size()));
    }
    if (options.json) {
        fmt::print("{}\n", nlohmann::json{{"models", list}}.dump());
    } else {
        fmt::print("{}", text.empty() ? "nothing is published yet\n" : text);
    }
    return {};
}

Result<ExitCode> model_verify(const ModelOptions& options) {
    FS_ASSIGN(const evm::ModelFile file, evm::read_model_file(options.file));
    FS_ASSIGN(ChainLink link, ChainLink::open(options.config));
    FS_ASSIGN(const evm::ModelVerdict verdict,
              evm::judge_model_file(*link.node, link.contracts, link.abis, link.manifest.federation,
                                    file));
    if (options.json) {
        fmt::print("{}\n", evm::verdict_json(verdict, file).dump());
    } else {
        fmt::print("{}", evm::verdict_text(verdict, file));
    }
    return verdict.good() ? ExitCode::kSuccess : ExitCode::kVerifyFailed;
}

}  // namespace fedstake::coordinator
