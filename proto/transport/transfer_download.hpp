// Download of one blob in checked chunks under a window, and the serving side.
//
// Pure state machines over blob ports: no socket, no clock. The downloader asks for at most
// limits::kChunkCredits chunks at once; the server keeps nothing per chunk.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "proto/base/result.hpp"
#include "proto/transport/blob_ports.hpp"
#include "proto/transport/chunk_set.hpp"
#include "proto/transport/transfer_upload.hpp"
#include "proto/wire/messages.hpp"

namespace fedstake::transport {

class Downloader {
public:
    // Makes the writer once the size is known (a part file that may hold an earlier run's chunks).
    using WriterFactory =
        std::function<Result<std::unique_ptr<BlobWriter>>(const BlobShape& shape)>;

    // bytes_max: a larger blob is refused before anything is written.
    Downloader(const Digest& root, std::uint64_t bytes_max, WriterFactory make_writer,
               std::size_t window = limits::kChunkCredits);

    // To send first, and after every reconnect (call on_link_lost when the link goes).
    [[nodiscard]] wire::FetchBegin begin() const;
    void on_link_lost() noexcept;

    // RETURNS kCorrupt or kInvalidInput when the server's word does not fit the root,
    // kLimitExceeded above bytes_max. Takes up what the writer already has. A repeated info after a
    // reconnect is accepted.
    [[nodiscard]] Status on_info(const wire::FetchInfo& info);
    // The server's faults are outcomes, errors are the writer's.
    [[nodiscard]] Result<ChunkOutcome> on_data(const wire::FetchData& data);
    // The next request to send now, or nothing. Call until nothing comes.
    [[nodiscard]] std::optional<wire::FetchChunk> next();

    [[nodiscard]] bool complete() const noexcept { return receiver_ && receiver_->complete(); }
    // Commits the writer. RETURNS kNotNow while chunks are missing.
    [[nodiscard]] Status finish();
    [[nodiscard]] const Digest& root() const noexcept { return root_; }
    [[nodiscard]] std::uint64_t chunks_received() const noexcept;
    [[nodiscard]] std::uint64_t chunks_total() const noexcept;

private:
    Digest root_;
    std::uint64_t bytes_max_;
    WriterFactory make_writer_;
    std::size_t window_;
    std::optional<UploadReceiver> receiver_;  // the same checks and the same resume
    std::set<std::uint64_t> requested_;
    bool info_seen_ = false;  // since the last begin()
};

// A blob that may be served.
struct ServedBlob {
    BlobShape shape;
    std::shared_ptr<BlobReader> reader;
};

// Answers fetches. Who may fetch what is decided by the provider, which the host writes.
class BlobServer {
public:
    // RETURNS kNotFound for a blob that is not there, kUnauthorized for one that this site may not
    // read. Called once per blob while it stays among the open ones.
    using Provider = std::function<Result<ServedBlob>(const Digest& root)>;

    explicit BlobServer(Provider provider, std::size_t open_max = 8);

    // FetchInfo, or a Refusal (kNotFound, kNotAuditor, kBusy).
    [[nodiscard]] wire::Message on_begin(const wire::FetchBegin& request);
    // FetchData, or a Refusal.
    [[nodiscard]] wire::Message on_chunk(const wire::FetchChunk& request);
    // Forgets an open blob (the file is to be deleted, or rights changed).
    void forget(const Digest& root);

private:
    [[nodiscard]] Result<const ServedBlob*> find(const Digest& root);
    Provider provider_;
    std::size_t open_max_;
    std::vector<ServedBlob> open_;  // most recently used last
};

}  // namespace fedstake::transport
