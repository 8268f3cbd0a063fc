// The download machine and the serving side.
#include "proto/transport/transfer_download.hpp"

#include <algorithm>
#include <utility>

namespace fedstake::transport {

Downloader::Downloader(const Digest& root, std::uint64_t bytes_max, WriterFactory make_writer,
                       std::size_t window)
    : root_(root), bytes_max_(bytes_max), make_writer_(std::move(make_writer)), window_(window) {}

wire::FetchBegin Downloader::begin() const {
    return {root_};
}

void Downloader::on_link_lost() noexcept {
    requested_.clear();
    info_seen_ = false;
}

Status Downloader::on_info(const wire::FetchInfo& info) {
    if (info.root != root_) {
        return {};
    }
    if (info.total_bytes > bytes_max_) {
        return fail(Errc::kLimitExceeded,
                    "the blob " + root_.short_hex() + " has " + std::to_string(info.total_bytes) +
                        " bytes, at most " + std::to_string(bytes_max_) + " were expected");
    }
    if (!receiver_) {
        BlobShape shape{info.root, info.total_bytes, info.chunk_roots};
        FS_TRY(shape.check());
        FS_ASSIGN(auto writer, make_writer_(shape));
        FS_ASSIGN(auto receiver, UploadReceiver::open(std::move(shape), std::move(writer)));
        receiver_.emplace(std::move(receiver));
    }  // a repeated info cannot differ: the root binds the size and the chunk roots
    info_seen_ = true;
    return {};
}

Result<ChunkOutcome> Downloader::on_data(const wire::FetchData& data) {
    if (data.root != root_ || !receiver_) {
        return ChunkOutcome::kWrongBlob;
    }
    requested_.erase(data.index);
    return receiver_->on_chunk({data.root, data.index, data.data});
}

std::optional<wire::FetchChunk> Downloader::next() {
    if (!info_seen_ || requested_.size() >= window_) {
        return std::nullopt;
    }
    const auto index = receiver_->first_missing(requested_);
    if (!index) {
        return std::nullopt;
    }
    requested_.insert(*index);
    return wire::FetchChunk{root_, *index};
}

Status Downloader::finish() {
    if (!receiver_) {
        return fail(Errc::kNotNow, "nothing is known about " + root_.short_hex() + " yet");
    }
    return receiver_->finish();
}

std::uint64_t Downloader::chunks_received() const noexcept {
    return receiver_ ? receiver_->chunks_received() : 0;
}

std::uint64_t Downloader::chunks_total() const noexcept {
    return receiver_ ? receiver_->shape().chunks() : 0;
}

namespace {

wire::Message refuse(const Error& error, const Digest& root) {
    wire::RefusalCode code = wire::RefusalCode::kBusy;
    if (error.code == Errc::kNotFound) {
        code = wire::RefusalCode::kNotFound;
    } else if (error.code == Errc::kUnauthorized) {
        code = wire::RefusalCode::kNotAuditor;
    } else if (error.code == Errc::kInvalidInput) {
        code = wire::RefusalCode::kOutOfRange;
    }
    // Only what the site asked for: the error's own words may name files of this machine.
    const std::string what =
        code == wire::RefusalCode::kNotFound     ? "no such blob: "
        : code == wire::RefusalCode::kNotAuditor ? "reading it needs the auditor role: "
        : code == wire::RefusalCode::kOutOfRange ? "no such chunk of: "
                                                 : "it cannot be read now, ask again later: ";
    return wire::Refusal{code, what + root.hex(), 0, root};
}

}  // namespace

BlobServer::BlobServer(Provider provider, std::size_t open_max)
    : provider_(std::move(provider)), open_max_(std::max<std::size_t>(open_max, 1)) {}

Result<const ServedBlob*> BlobServer::find(const Digest& root) {
    const auto known = std::find_if(open_.begin(), open_.end(), [&](const ServedBlob& blob) {
        return blob.shape.root == root;
    });
    if (known != open_.end()) {
        std::rotate(known, known + 1, open_.end());
        return &open_.back();
    }
    FS_ASSIGN(ServedBlob blob, provider_(root));
    if (open_.size() >= open_max_) {
        open_.erase(open_.begin());
    }
    open_.push_back(std::move(blob));
    return &open_.back();
}

wire::Message BlobServer::on_begin(const wire::FetchBegin& request) {
    const auto blob = find(request.root);
    if (!blob) {
        return refuse(blob.error(), request.root);
    }
    const BlobShape& shape = (*blob)->shape;
    return wire::FetchInfo{shape.root, shape.total_bytes, shape.chunk_roots};
}

wire::Message BlobServer::on_chunk(const wire::FetchChunk& request) {
    const auto blob = find(request.root);
    if (!blob) {
        return refuse(blob.error(), request.root);
    }
    const ServedBlob& served = **blob;
    if (request.index >= served.shape.chunks()) {
        return refuse({Errc::kInvalidInput, {}}, request.root);
    }
    wire::FetchData data{request.root, request.index,
                         Bytes(served.shape.chunk_bytes(request.index))};
    const Status read = served.reader->read_at(request.index * limits::kChunkBytes, data.data);
    if (!read) {
        forget(request.root);
        return refuse({Errc::kUnavailable, {}}, request.root);
    }
    return data;
}

void BlobServer::forget(const Digest& root) {
    std::erase_if(open_, [&](const ServedBlob& blob) { return blob.shape.root == root; });
}

}  // namespace fedstake::transport
