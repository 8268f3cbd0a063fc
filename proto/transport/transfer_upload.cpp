// The upload machines.
#include "proto/transport/transfer_upload.hpp"

#include <utility>

#include "proto/base/check.hpp"
#include "proto/crypto/content_tree.hpp"

namespace fedstake::transport {

std::string_view chunk_outcome_name(ChunkOutcome outcome) noexcept {
    switch (outcome) {
        case ChunkOutcome::kStored: return "stored";
        case ChunkOutcome::kDuplicate: return "duplicate";
        case ChunkOutcome::kWrongBlob: return "wrong-blob";
        case ChunkOutcome::kOutOfRange: return "out-of-range";
        case ChunkOutcome::kWrongSize: return "wrong-size";
        case ChunkOutcome::kWrongContent: return "wrong-content";
        case ChunkOutcome::kClosed: return "closed";
    }
    return "unknown";
}

UploadReceiver::UploadReceiver(BlobShape shape, std::unique_ptr<BlobWriter> writer)
    : shape_(std::move(shape)), writer_(std::move(writer)), have_(shape_.chunks()) {}

Result<UploadReceiver> UploadReceiver::open(BlobShape shape, std::unique_ptr<BlobWriter> writer) {
    FS_TRY(shape.check());
    UploadReceiver receiver(std::move(shape), std::move(writer));
    Bytes chunk(limits::kChunkBytes);
    for (std::uint64_t i = 0; i < receiver.shape_.chunks(); ++i) {
        const std::span<std::uint8_t> out(chunk.data(), receiver.shape_.chunk_bytes(i));
        FS_ASSIGN(const std::size_t there,
                  receiver.writer_->read_back(i * limits::kChunkBytes, out));
        if (there == 0) {
            break;  // the file ends here
        }
        if (there == out.size() && crypto::chunk_root(i, out) == receiver.shape_.chunk_roots[i]) {
            receiver.have_.insert(i);
        }
    }
    return receiver;
}

wire::UploadState UploadReceiver::state() const {
    return {.update_root = shape_.root,
            .have = have_.bitmap(),
            .credits = static_cast<std::uint32_t>(limits::kChunkCredits),
            .done = finished_};
}

Result<ChunkOutcome> UploadReceiver::on_chunk(const wire::UploadChunk& chunk) {
    if (chunk.update_root != shape_.root) {
        return ChunkOutcome::kWrongBlob;
    }
    if (chunk.index >= shape_.chunks()) {
        return ChunkOutcome::kOutOfRange;
    }
    if (have_.contains(chunk.index)) {
        return ChunkOutcome::kDuplicate;
    }
    if (finished_) {
        return ChunkOutcome::kClosed;
    }
    if (chunk.data.size() != shape_.chunk_bytes(chunk.index)) {
        return ChunkOutcome::kWrongSize;
    }
    if (crypto::chunk_root(chunk.index, chunk.data) != shape_.chunk_roots[chunk.index]) {
        return ChunkOutcome::kWrongContent;
    }
    FS_TRY(writer_->write_at(chunk.index * limits::kChunkBytes, chunk.data));
    have_.insert(chunk.index);
    return ChunkOutcome::kStored;
}

std::optional<std::uint64_t> UploadReceiver::first_missing(
    const std::set<std::uint64_t>& except) const {
    auto index = have_.first_missing();
    while (index && except.contains(*index)) {
        index = have_.first_missing(*index + 1);
    }
    return index;
}

Status UploadReceiver::finish() {
    if (finished_) {
        return {};
    }
    if (!complete()) {
        return fail(Errc::kNotNow, std::to_string(shape_.chunks() - have_.count()) + " of " +
                                       std::to_string(shape_.chunks()) + " chunks are missing");
    }
    FS_TRY(writer_->commit());
    finished_ = true;
    return {};
}

UploadSender::UploadSender(Bytes signed_update, BlobShape shape, std::shared_ptr<BlobReader> reader)
    : signed_update_(std::move(signed_update)),
      shape_(std::move(shape)),
      reader_(std::move(reader)),
      have_(shape_.chunks()) {
    FS_CHECK(reader_->size() == shape_.total_bytes);
}

wire::UploadBegin UploadSender::begin() const {
    return {signed_update_, shape_.total_bytes, shape_.chunk_roots};
}

void UploadSender::on_link_lost() noexcept {
    in_flight_.clear();
    credits_ = 0;
    cursor_ = 0;
    started_ = false;
    end_sent_ = false;
}

Status UploadSender::on_state(const wire::UploadState& state) {
    if (state.update_root != shape_.root) {
        return {};
    }
    FS_ASSIGN(ChunkSet have, ChunkSet::parse(state.have, shape_.chunks()));
    if (state.done && !have.full()) {
        return fail(Errc::kInvalidInput, "the coordinator calls an upload done that lacks chunks");
    }
    // The coordinator's word counts: after a crash it may lack chunks that it acknowledged.
    have_ = std::move(have);
    in_flight_.clear();
    credits_ = state.credits;
    cursor_ = 0;
    started_ = true;
    end_sent_ = false;
    done_ = state.done;
    return {};
}

Status UploadSender::on_ack(const wire::UploadAck& ack) {
    if (ack.update_root != shape_.root) {
        return {};
    }
    if (ack.index >= shape_.chunks()) {
        return fail(Errc::kInvalidInput, "an acknowledgement past the last chunk");
    }
    if (in_flight_.erase(ack.index) != 0) {  // a late one from before a reconnect frees no credit
        have_.insert(ack.index);
    }
    return {};
}

Result<std::optional<wire::Message>> UploadSender::next() {
    using Next = std::optional<wire::Message>;
    if (!started_ || done_) {
        return Next{};
    }
    if (have_.full()) {
        return std::exchange(end_sent_, true) ? Next{} : Next{wire::UploadEnd{shape_.root}};
    }
    if (in_flight_.size() >= credits_) {
        return Next{};
    }
    auto index = have_.first_missing(cursor_);
    while (index && in_flight_.contains(*index)) {
        index = have_.first_missing(*index + 1);
    }
    if (!index) {
        return Next{};
    }
    wire::UploadChunk chunk{shape_.root, *index, Bytes(shape_.chunk_bytes(*index))};
    FS_TRY(reader_->read_at(*index * limits::kChunkBytes, chunk.data));
    in_flight_.insert(*index);
    cursor_ = *index + 1;
    return Next{std::move(chunk)};
}

}  // namespace fedstake::transport
