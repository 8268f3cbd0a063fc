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
    offers_.insert_or_assign(peer.site, Offer{.peer = peer, .shape = std::move(shape)});
    return *std::move(update);
}

Result<UploadDesk::Upload> UploadDesk::open(const rules::SignedUpdate& update) {
    const transport::BlobShape& shape = offers_.at(update.statement.site).shape;
    Upload upload{.update = update, .receiver = nullptr, .finishing = false};
    if (blobs_.has(shape.root)) {
        return upload;  // complete before a restart, but not yet receipted
    }
    FS_TRY(blobs_.check_space(shape.total_bytes));
    FS_TRY(blobs_.prepare(shape.root));
    FS_ASSIGN(auto writer,
              transport::FilePartWriter::open(blobs_.part_of(update.statement.site, shape.root),
                                              blobs_.path_of(shape.root), shape.total_bytes));
    FS_ASSIGN(auto receiver, transport::UploadReceiver::open(shape, std::move(writer)));
    upload.receiver = std::make_shared<transport::UploadReceiver>(std::move(receiver));
    return upload;
}

wire::Message UploadDesk::allow(const rules::SignedUpdate& update) {
    const SiteId& site = update.statement.site;
    const Digest& root = update.statement.update_root;
    auto place = uploads_.find(site);
    if (place != uploads_.end() && place->second.update.statement.update_root != root) {
        drop(site);
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
    const Upload& upload = place->second;
    if (upload.receiver == nullptr || upload.finishing) {
        return full_state(offers_.at(site).shape);
    }
    return upload.receiver->state();
}

std::optional<wire::Message> UploadDesk::chunk(const SiteId& site,
                                               const wire::UploadChunk& message) {
    const auto place = uploads_.find(site);
    if (place == uploads_.end() ||
        place->second.update.statement.update_root != message.update_root) {
        return std::nullopt;
    }
    Upload& upload = place->second;
    const RoundNumber round = upload.update.statement.round;
    if (upload.receiver == nullptr || upload.finishing) {
        return wire::UploadAck{message.update_root, message.index};
    }
    const auto outcome = upload.receiver->on_chunk(message);
    if (!outcome) {
        FS_LOG(kError, "upload", "chunk not written site={} error={}", site.hex(),
               outcome.error().message);
        drop(site);
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
        return std::nullopt;
    }
    Upload& upload = place->second;
    if (upload.finishing) {
        return std::nullopt;  // the receipt is on its way
    }
    if (upload.receiver != nullptr && !upload.receiver->complete()) {
        return upload.receiver->state();
    }
    finish(upload);
    return std::nullopt;
}

// Durable first (fsync, rename, fsync of the folder), then the gate over the stored bytes.
void UploadDesk::finish(Upload& upload) {
    upload.finishing = true;
    worker_.order([this, update = upload.update, receiver = upload.receiver] {
        const Digest& root = update.statement.update_root;
        Result<round::Refusal> verdict = round::Refusal::kNone;
        const Status durable = receiver != nullptr ? receiver->finish() : blobs_.verify(root);
        if (durable) {
            verdict = gate(rules_, blobs_.path_of(root));
        } else if (receiver == nullptr && durable.error().code == Errc::kCorrupt) {
            verdict = round::Refusal::kWrongContent;
        } else {
            verdict = tl::unexpected<Error>(durable.error());
        }
        // Only what this upload brought: a statement may name a blob that was there before, such
        // as the base model, and refusing the statement must not take that away.
        if (verdict && *verdict != round::Refusal::kNone && receiver != nullptr) {
            const Status removed = blobs_.remove(root);
            if (!removed) {
                FS_LOG(kWarn, "upload", "refused blob stays error={}", removed.error().message);
            }
        }
        loop_.post([this, update, verdict] {
            const auto place = uploads_.find(update.statement.site);
            if (place != uploads_.end() && place->second.update == update) {
                uploads_.erase(place);
            }
            on_finished_({.update = update, .verdict = verdict});
        });
    });
}

void UploadDesk::drop(const SiteId& site) {
    const auto place = uploads_.find(site);
    if (place == uploads_.end()) {
        return;
    }
    const bool writing = place->second.receiver != nullptr && !place->second.finishing;
    const Digest root = place->second.update.statement.update_root;
    uploads_.erase(place);
    if (writing) {
        std::error_code ignored;
        std::filesystem::remove(blobs_.part_of(site, root), ignored);
    }
}

void UploadDesk::drop_all() {
    while (!uploads_.empty()) {
        drop(uploads_.begin()->first);
    }
}

std::optional<transport::PeerId> UploadDesk::peer_of(const SiteId& site) const {
    const auto place = offers_.find(site);
    return place == offers_.end() ? std::nullopt
                                  : std::optional<transport::PeerId>(place->second.peer);
}

Digest UploadDesk::root_of(const SiteId& site) const {
    const auto place = offers_.find(site);
    return place == offers_.end() ? Digest{} : place->second.shape.root;
}

std::uint64_t UploadDesk::bytes_of(const SiteId& site) const {
    const auto place = offers_.find(site);
    return place == offers_.end() ? 0 : place->second.shape.total_bytes;
}

}  // namespace fedstake::coordinator
