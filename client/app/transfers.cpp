// Runs the transfer machines of the wire on a client's store.
#include "client/app/transfers.hpp"

#include <algorithm>

#include "proto/base/log.hpp"
#include "proto/crypto/content_tree.hpp"
#include "proto/transport/file_blob.hpp"

namespace fedstake::client {

Transfers::Transfers(StateStore& store, std::uint64_t blob_bytes_max)
    : store_(store), blob_bytes_max_(blob_bytes_max) {}

void Transfers::want(const Digest& root, std::optional<std::uint64_t> bytes_max) {
    if (store_.has_blob(root)) {
        results_.push_back({root, std::nullopt});
        return;
    }
    const bool queued = std::ranges::find(queue_, root, &Wanted::root) != queue_.end();
    if (queued || (current_ && current_->root() == root)) return;
    queue_.push_back({root, bytes_max.value_or(blob_bytes_max_)});
    if (!current_) start_next();
}

Status Transfers::upload(const rules::SignedUpdate& update) {
    const auto path = store_.blob_path(update.statement.update_root);
    FS_ASSIGN(crypto::FileContent content, crypto::content_of_file(path));
    if (content.root != update.statement.update_root) {
        return fail(Errc::kCorrupt,
                    path.string() + " is damaged: its bytes are not the ones that were signed");
    }
    FS_ASSIGN(std::unique_ptr<transport::FileBlobReader> reader,
              transport::FileBlobReader::open(path));
    transport::BlobShape shape{.root = content.root,
                               .total_bytes = content.total_bytes,
                               .chunk_roots = std::move(content.chunk_roots)};
    upload_.emplace(update.encode(), std::move(shape),
                    std::shared_ptr<transport::BlobReader>(std::move(reader)));
    upload_begin_due_ = true;
    return {};
}

void Transfers::on_link_up() {
    link_ = true;
    begin_due_ = current_.has_value();
    upload_begin_due_ = upload_.has_value();
}

void Transfers::on_link_down() noexcept {
    link_ = false;
    if (current_) current_->on_link_lost();
    if (upload_) upload_->on_link_lost();
}

void Transfers::start_next() {
    while (!current_ && !queue_.empty()) {
        const auto [root, bytes_max] = queue_.front();
        queue_.pop_front();
        if (store_.has_blob(root)) {
            results_.push_back({root, std::nullopt});
            continue;
        }
        current_.emplace(root, bytes_max, [this](const transport::BlobShape& shape) {
            return store_.incoming(shape);
        });
        begin_due_ = link_;
        waiting_busy_ = false;
    }
}

void Transfers::finish_current(std::optional<Error> failure) {
    results_.push_back({current_->root(), std::move(failure)});
    current_.reset();
    start_next();
}

bool Transfers::on_refusal(const wire::Refusal& refusal) {
    if (!current_ || refusal.update_root != current_->root()) return false;
    if (refusal.code == wire::RefusalCode::kBusy) {
        waiting_busy_ = true;
        return true;
    }
    const Errc code =
        refusal.code == wire::RefusalCode::kNotFound ? Errc::kNotFound : Errc::kUnauthorized;
    finish_current(Error{code, "refused (" + std::string(wire::refusal_name(refusal.code)) +
                                   "): " + refusal.reason});
    return true;
}

void Transfers::on_data(const wire::FetchData& data) {
    const auto outcome = current_->on_data(data);
    if (!outcome) {
        finish_current(outcome.error());
        return;
    }
    const bool fine = *outcome == transport::ChunkOutcome::kStored ||
                      *outcome == transport::ChunkOutcome::kDuplicate;
    if (!fine) {
        finish_current(Error{Errc::kCorrupt,
                             "blob " + data.root.hex() + ", chunk " + std::to_string(data.index) +
                                 ": the coordinator's bytes are not the ones that the root "
                                 "names (" +
                                 std::string(transport::chunk_outcome_name(*outcome)) + ")"});
        return;
    }
    if (!current_->complete()) return;
    const Status status = current_->finish();
    finish_current(status ? std::nullopt : std::optional(status.error()));
}

bool Transfers::on_message(const wire::Message& message) {
    if (const auto* info = std::get_if<wire::FetchInfo>(&message)) {
        if (current_ && info->root == current_->root()) {
            if (const Status status = current_->on_info(*info); !status) {
                finish_current(Error{status.error().code,
                                     "blob " + info->root.hex() +
                                         ": the coordinator's copy is not what the root names: " +
                                         status.error().message});
            }
        }
        return true;
    }
    if (const auto* data = std::get_if<wire::FetchData>(&message)) {
        if (current_ && data->root == current_->root()) on_data(*data);
        return true;
    }
    if (const auto* state = std::get_if<wire::UploadState>(&message)) {
        if (upload_) {
            if (const Status status = upload_->on_state(*state); !status) {
                FS_LOG(kWarn, "upload", "ignored a state: {}", status.error().message);
            }
        }
        return true;
    }
    if (const auto* ack = std::get_if<wire::UploadAck>(&message)) {
        if (upload_) {
            if (const Status status = upload_->on_ack(*ack); !status) {
                FS_LOG(kWarn, "upload", "ignored an acknowledgement: {}", status.error().message);
            }
        }
        return true;
    }
    if (const auto* refusal = std::get_if<wire::Refusal>(&message)) return on_refusal(*refusal);
    return false;
}

std::optional<wire::Message> Transfers::next() {
    if (!link_) return std::nullopt;
    if (begin_due_ && current_) {
        begin_due_ = false;
        return current_->begin();
    }
    if (current_ && !waiting_busy_) {
        if (auto request = current_->next()) return *request;
    }
    if (!upload_) return std::nullopt;
    if (upload_begin_due_) {
        upload_begin_due_ = false;
        return upload_->begin();
    }
    auto message = upload_->next();
    if (!message) {
        FS_LOG(kError, "upload", "cannot read the update: {}", message.error().message);
        upload_.reset();
        return std::nullopt;
    }
    return *message;
}

std::optional<FetchResult> Transfers::next_result() {
    if (results_.empty()) return std::nullopt;
    FetchResult result = std::move(results_.front());
    results_.pop_front();
    return result;
}

void Transfers::retry() noexcept {
    if (!waiting_busy_ || !current_) return;
    waiting_busy_ = false;
    current_->on_link_lost();
    begin_due_ = true;
}

}  // namespace fedstake::client
