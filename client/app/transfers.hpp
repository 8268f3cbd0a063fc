// A client's transfers over one link: downloads one after another, and at most one upload.
//
// Driven by the owner of the link: it passes the chunk messages in and sends what comes out.
// Nothing is lost when the link goes: on_link_up() starts again where the other side says it
// stands.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/app/state_store.hpp"
#include "proto/transport/transfer_download.hpp"
#include "proto/transport/transfer_upload.hpp"
#include "proto/wire/messages.hpp"

namespace fedstake::client {

// A wanted blob is there, or cannot be had.
struct FetchResult {
    Digest root;
    std::optional<Error> failure;
};

class Transfers {
public:
    // store: borrowed. blob_bytes_max: larger blobs are refused before a byte is written.
    Transfers(StateStore& store, std::uint64_t blob_bytes_max);

    // Queues a download; a blob that is in the store is there at once. bytes_max: instead of the
    // usual bound.
    void want(const Digest& root, std::optional<std::uint64_t> bytes_max = std::nullopt);
    // Starts offering the stored update; replaces an earlier upload.
    [[nodiscard]] Status upload(const rules::SignedUpdate& update);
    void stop_upload() noexcept { upload_.reset(); }
    [[nodiscard]] bool uploading() const noexcept { return upload_.has_value(); }

    void on_link_up();
    void on_link_down() noexcept;
    // Takes the message when it belongs to a transfer; RETURNS whether it did.
    [[nodiscard]] bool on_message(const wire::Message& message);

    // The next message to send, or nothing for now.
    [[nodiscard]] std::optional<wire::Message> next();
    [[nodiscard]] std::optional<FetchResult> next_result();
    // A download that the coordinator was too busy for is asked for again.
    void retry() noexcept;

private:
    void start_next();
    void finish_current(std::optional<Error> failure);
    void on_data(const wire::FetchData& data);
    [[nodiscard]] bool on_refusal(const wire::Refusal& refusal);

    StateStore& store_;
    std::uint64_t blob_bytes_max_;
    struct Wanted {
        Digest root;
        std::uint64_t bytes_max = 0;
    };
    std::deque<Wanted> queue_;
    std::optional<transport::Downloader> current_;
    bool begin_due_ = false;
    bool waiting_busy_ = false;
    std::deque<FetchResult> results_;
    std::optional<transport::UploadSender> upload_;
    bool upload_begin_due_ = false;
    bool link_ = false;
};

}  // namespace fedstake::client
