// Upload of one blob in checked chunks under credits: the receiving and the sending machine.
//
// Pure state machines over blob ports: no socket, no clock. A message comes in, answers go out.
// Memory is one chunk a call; what is on the way is bounded by limits::kChunkCredits.
// Model: ZeroMQ guide, "File transfer", model three (credit flow control).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>

#include "proto/base/result.hpp"
#include "proto/transport/blob_ports.hpp"
#include "proto/transport/chunk_set.hpp"
#include "proto/wire/messages.hpp"

namespace fedstake::transport {

// What became of one chunk. Everything but kStored and kDuplicate is the sender's fault.
enum class ChunkOutcome : std::uint8_t {
    kStored,
    kDuplicate,     // had it already: acknowledge again
    kWrongBlob,     // for another update root
    kOutOfRange,    // index past the last chunk
    kWrongSize,     // not the length that this chunk must have
    kWrongContent,  // does not match its chunk root
    kClosed,        // after finish()
};
[[nodiscard]] std::string_view chunk_outcome_name(ChunkOutcome outcome) noexcept;

class UploadReceiver {
public:
    // Takes up the blob where an earlier run left it: what the writer has is hashed and compared,
    // so no bitmap is stored and a torn write is simply asked for again. O(bytes that are there).
    // RETURNS what BlobShape::check refuses, or the writer's error.
    [[nodiscard]] static Result<UploadReceiver> open(BlobShape shape,
                                                     std::unique_ptr<BlobWriter> writer);

    // Answer to UploadBegin, also a repeated one.
    [[nodiscard]] wire::UploadState state() const;
    // Checks and writes one chunk. Errors are the writer's; the sender's faults are outcomes.
    [[nodiscard]] Result<ChunkOutcome> on_chunk(const wire::UploadChunk& chunk);
    [[nodiscard]] bool complete() const noexcept { return have_.full(); }
    // Commits the writer. RETURNS kNotNow while chunks are missing. Idempotent once it succeeded.
    // Every chunk matched its root and the roots hash to the content root, so the blob does too.
    [[nodiscard]] Status finish();
    [[nodiscard]] bool finished() const noexcept { return finished_; }
    [[nodiscard]] const BlobShape& shape() const noexcept { return shape_; }
    [[nodiscard]] std::uint64_t chunks_received() const noexcept { return have_.count(); }
    // Lowest chunk that is neither there nor in `except`.
    [[nodiscard]] std::optional<std::uint64_t> first_missing(
        const std::set<std::uint64_t>& except) const;

private:
    UploadReceiver(BlobShape shape, std::unique_ptr<BlobWriter> writer);
    BlobShape shape_;
    std::unique_ptr<BlobWriter> writer_;
    ChunkSet have_;
    bool finished_ = false;
};

class UploadSender {
public:
    // REQUIRES reader->size() == shape.total_bytes. signed_update is rules::SignedUpdate::encode.
    UploadSender(Bytes signed_update, BlobShape shape, std::shared_ptr<BlobReader> reader);

    // To send first, and after every reconnect (call on_link_lost when the link goes).
    [[nodiscard]] wire::UploadBegin begin() const;
    void on_link_lost() noexcept;

    // RETURNS kInvalidInput for a state or acknowledgement that cannot belong to this upload; the
    // machine is then unchanged. A state of another update root is ignored.
    [[nodiscard]] Status on_state(const wire::UploadState& state);
    [[nodiscard]] Status on_ack(const wire::UploadAck& ack);

    // The next message to send now: UploadChunk while there is credit, UploadEnd once after the
    // last acknowledgement, nothing otherwise. Call until nothing comes. Errors are the reader's.
    [[nodiscard]] Result<std::optional<wire::Message>> next();

    [[nodiscard]] bool started() const noexcept { return started_; }
    // The coordinator said that it has all of it (a Receipt is still to come).
    [[nodiscard]] bool done() const noexcept { return done_; }
    [[nodiscard]] std::uint64_t chunks_acknowledged() const noexcept { return have_.count(); }
    [[nodiscard]] const BlobShape& shape() const noexcept { return shape_; }

private:
    Bytes signed_update_;
    BlobShape shape_;
    std::shared_ptr<BlobReader> reader_;
    ChunkSet have_;
    std::set<std::uint64_t> in_flight_;
    std::uint64_t cursor_ = 0;
    std::uint32_t credits_ = 0;
    bool started_ = false;
    bool end_sent_ = false;
    bool done_ = false;
};

}  // namespace fedstake::transport
