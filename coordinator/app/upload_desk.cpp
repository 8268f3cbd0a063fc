// Uploads on their way.
#include "coordinator/app/upload_desk.hpp"

#include <algorithm>

#include "aggregation/pipeline.hpp"
#include "proto/base/log.hpp"
#include "proto/transport/file_blob.hpp"

namespace fedstake::coordinator {

namespace {

wire::Refusal refusal(wire::RefusalCode code, std::string reason, const Digest& root,
                      RoundNumber round) {
    return {.code = code, .reason = std::move(reason), .round = round, .update_root = root};
}

// Every chunk is there.
wire::UploadState full_state(const transport::BlobShape& shape) {
    transport::ChunkSet have(shape.chunks());
    for (std::uint64_t i = 0; i < shape.chunks(); ++i) {
        have.insert(i);
    }
    return {.update_root = shape.root,
            .have = have.bitmap(),
            .credits = static_cast<std::uint32_t>(limits::kChunkCredits),
            .done = false};
}

UpdateName name_of(const crypto::UpdateStatement& statement) {
    return {.site = statement.site,
            .round = statement.round,
            .attempt = statement.attempt,
            .root = statement.update_root};
}

Result<round::Refusal> gate(const rules::RoundRules& rules, const std::filesystem::path& path) {
    FS_ASSIGN(const auto source, aggregation::file_source(path));
    FS_ASSIGN(const auto reason, aggregation::gate_update(rules, *source));
    return round::refusal_of(reason);
}

}  // namespace

UploadDesk::UploadDesk(store::BlobStore& blobs, const rules::RoundRules& rules, Worker& worker,
                       EventLoop& loop, OnFinished on_finished)
    : blobs_(blobs),
      rules_(rules),
      worker_(worker),
      loop_(loop),
      on_finished_(std::move(on_finished)) {}

tl::expected<rules::SignedUpdate, wire::Refusal> UploadDesk::offer(const transport::PeerId& peer,
                                                                   const wire::UploadBegin& begin) {
    const auto refuse = [&](wire::RefusalCode code, std::string reason, const Digest& root = {},
                            RoundNumber round = 0) {
        return tl::unexpected<wire::Refusal>(refusal(code, std::move(reason), root, round));
    };
    auto update = rules::SignedUpdate::decode(begin.signed_update);
    if (!update) {
        return refuse(wire::RefusalCode::kMalformed, "the signed update cannot be read");
    }
    const crypto::UpdateStatement& statement = update->statement;
    if (statement.site != peer.site) {
        return refuse(wire::RefusalCode::kBadSignature, "the update is another site's",
                      statement.update_root, statement.round);
    }
    if (begin.total_bytes != rules_.coordinates * 4) {
        return refuse(wire::RefusalCode::kWrongSize,
                      std::to_string(begin.total_bytes) + " bytes offered, the model needs " +
                          std::to_string(rules_.coordinates * 4),
                      statement.update_root, statement.round);
    }
    transport::BlobShape shape{.root = statement.update_root,
                               .total_bytes = begin.total_bytes,
                               .chunk_roots = begin.chunk_roots};
    if (const Status ok = shape.check(); !ok) {
        return refuse(wire::RefusalCode::kWrongContent, ok.error().message, statement.update_root,
                      statement.round);
    }
    offers_.insert_or_assign(
        peer.site, Offer{.peer = peer, .shape = std::move(shape), .name = name_of(statement)});
    return *std::move(update);
}

bool UploadDesk::is_finishing(const SiteId& site, const Digest& root) const {
    return std::ranges::any_of(finishing_, [&](const crypto::UpdateStatement& statement) {
        return statement.site == site && statement.update_root == root;
    });
}

Result<UploadDesk::Upload> UploadDesk::open(const rules::SignedUpdate& update) {
    const SiteId& site = update.statement.site;
    const transport::BlobShape& shape = offers_.at(site).shape;
    Upload upload{.update = update, .receiver = nullptr};
    if (is_finishing(site, shape.root) || blobs_.has(shape.root)) {
        return upload;  // complete, in an earlier attempt or before a restart, but not receipted
    }
    FS_TRY(blobs_.check_space(shape.total_bytes));
    FS_TRY(blobs_.prepare(shape.root));
    FS_ASSIGN(auto writer,
              transport::FilePartWriter::open(blobs_.part_of(site, shape.root),
                                              blobs_.path_of(shape.root), shape.total_bytes));
    FS_ASSIGN(auto receiver, transport::UploadReceiver::open(shape, std::move(writer)));
    upload.receiver = std::make_shared<transport::UploadReceiver>(std::move(receiver));
    return upload;
}

wire::Message UploadDesk::allow(const rules::SignedUpdate& update) {
    const SiteId& site = update.statement.site;
    const Digest& root = update.statement.update_root;
    if (std::ranges::find(finishing_, update.statement) != finishing_.end()) {
        return full_state(offers_.at(site).shape);  // the receipt is on its way
    }
    if (offers_.at(site).shape.root != root) {
        return refusal(wire::RefusalCode::kBusy, "offer this update again", root,
                       update.statement.round);
    }
    auto place = uploads_.find(site);
    if (place != uploads_.end() && place->second.update.statement.update_root != root) {
        forget(place);
        place = uploads_.end();
    }
    if (place == uploads_.end()) {
        auto opened = open(update);
        if (!opened) {
            FS_LOG(kWarn, "upload", "upload not opened site={} error={}", site.hex(),
                   opened.error().message);
            const bool full = opened.error().code == Errc::kLimitExceeded;
            return refusal(full ? wire::RefusalCode::kNoSpace : wire::RefusalCode::kBusy,
                           full ? "the coordinator's disk is full" : "the coordinator's disk fails",
                           root, update.statement.round);
        }
        place = uploads_.emplace(site, *std::move(opened)).first;
    }
    Upload& upload = place->second;
    upload.update = update;
    return upload.receiver == nullptr ? full_state(offers_.at(site).shape)
                                      : upload.receiver->state();
}

std::optional<wire::Message> UploadDesk::chunk(const SiteId& site,
                                               const wire::UploadChunk& message) {
    const auto place = uploads_.find(site);
    if (place == uploads_.end() ||
        place->second.update.statement.update_root != message.update_root) {
        return is_finishing(site, message.update_root)
                   ? std::optional<wire::Message>(
                         wire::UploadAck{message.update_root, message.index})
                   : std::nullopt;
    }
    Upload& upload = place->second;
    const RoundNumber round = upload.update.statement.round;
    if (upload.receiver == nullptr) {
        return wire::UploadAck{message.update_root, message.index};
    }
    const auto outcome = upload.receiver->on_chunk(message);
    if (!outcome) {
        FS_LOG(kError, "upload", "chunk not written site={} error={}", site.hex(),
               outcome.error().message);
        forget(place);
        return refusal(wire::RefusalCode::kNoSpace, "the coordinator's disk fails",
                       message.update_root, round);
    }
    if (*outcome == transport::ChunkOutcome::kStored ||
        *outcome == transport::ChunkOutcome::kDuplicate) {
        return wire::UploadAck{message.update_root, message.index};
    }
    return refusal(wire::RefusalCode::kWrongContent,
                   "chunk " + std::to_string(message.index) + ": " +
                       std::string(transport::chunk_outcome_name(*outcome)),
                   message.update_root, round);
}

std::optional<wire::Message> UploadDesk::end(const SiteId& site, const wire::UploadEnd& message) {
    const auto place = uploads_.find(site);
    if (place == uploads_.end() ||
        place->second.update.statement.update_root != message.update_root) {
        return std::nullopt;  // gone, or the receipt is on its way
    }
    const Upload upload = place->second;
    if (upload.receiver != nullptr && !upload.receiver->complete()) {
        return upload.receiver->state();
    }
    uploads_.erase(place);
    finish(upload);
    return std::nullopt;
}

void UploadDesk::finish(const Upload& upload) {
    finishing_.push_back(upload.update.statement);
    worker_.order([this, upload] {
        loop_.post([this, update = upload.update, verdict = settle(upload)] {
            std::erase(finishing_, update.statement);
            on_finished_({.update = update, .verdict = verdict});
        });
    });
}

// On the worker: durable first (fsync, rename, fsync of the folder), then the gate over the stored
// bytes.
Result<round::Refusal> UploadDesk::settle(const Upload& upload) {
    const Digest& root = upload.update.statement.update_root;
    bool brought = upload.receiver != nullptr;
    Status durable = brought ? upload.receiver->finish() : blobs_.verify(root);
    if (brought && !durable && durable.error().code == Errc::kNotFound) {
        brought = false;  // no part file any more: only what lies under the root counts
        durable = blobs_.verify(root);
    }
    if (!brought && !durable && durable.error().code == Errc::kCorrupt) {
        // Our disk's damage, not the site's, which will sign the same bytes in every attempt: room
        // for them, so that they are asked for again.
        FS_TRY(blobs_.remove(root));
        return fail(Errc::kNotFound, durable.error().message + " (removed)");
    }
    if (!durable) {
        return durable.error().code == Errc::kCorrupt
                   ? Result<round::Refusal>(round::Refusal::kWrongContent)
                   : tl::unexpected<Error>(durable.error());
    }
    const auto verdict = gate(rules_, blobs_.path_of(root));
    // Only what this upload brought: a statement may name a blob that was there before, such as
    // the base model, and refusing the statement must not take that away.
    if (brought && verdict && *verdict != round::Refusal::kNone) {
        if (const Status removed = blobs_.remove(root); !removed) {
            FS_LOG(kWarn, "upload", "refused blob stays error={}", removed.error().message);
        }
    }
    return verdict;
}

void UploadDesk::forget(std::map<SiteId, Upload>::iterator place) {
    const bool writing = place->second.receiver != nullptr;
    const std::filesystem::path part =
        blobs_.part_of(place->first, place->second.update.statement.update_root);
    uploads_.erase(place);
    if (writing) {
        std::error_code ignored;
        std::filesystem::remove(part, ignored);
    }
}

void UploadDesk::drop(const UpdateName& name) {
    const auto place = uploads_.find(name.site);
    if (place != uploads_.end() && name_of(place->second.update.statement) == name) {
        forget(place);
    }
}

void UploadDesk::drop_all() {
    while (!uploads_.empty()) {
        forget(uploads_.begin());
    }
}

std::optional<transport::PeerId> UploadDesk::peer_of(const SiteId& site) const {
    const auto place = offers_.find(site);
    return place == offers_.end() ? std::nullopt
                                  : std::optional<transport::PeerId>(place->second.peer);
}

bool UploadDesk::superseded(const UpdateName& name) const {
    const auto place = offers_.find(name.site);
    return place != offers_.end() && place->second.name.root == name.root &&
           place->second.name != name;
}

}  // namespace fedstake::coordinator
