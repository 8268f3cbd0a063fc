// Uploads on their way: one a site, chunk by chunk to disk, then made durable and gated on the
// worker thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "coordinator/app/event_loop.hpp"
#include "coordinator/round/refusal.hpp"
#include "coordinator/store/blob_store.hpp"
#include "proto/rules/round_rules.hpp"
#include "proto/rules/signed_update.hpp"
#include "proto/transport/router_server.hpp"
#include "proto/transport/transfer_upload.hpp"
#include "proto/wire/messages.hpp"

namespace fedstake::coordinator {

// The bytes are in: what the gate said, or the disk's failure.
struct UploadFinished {
    rules::SignedUpdate update;
    Result<round::Refusal> verdict;
};

// One thread, but for the worker's jobs.
class UploadDesk {
public:
    using OnFinished = std::function<void(UploadFinished)>;

    // Borrows all of them. on_finished is called on the loop's thread.
    UploadDesk(store::BlobStore& blobs, const rules::RoundRules& rules, Worker& worker,
               EventLoop& loop, OnFinished on_finished);

    // An UploadBegin, in front of the machine's decision: remembers its shape and who sent it.
    // RETURNS the statement, or the refusal to send.
    [[nodiscard]] tl::expected<rules::SignedUpdate, wire::Refusal> offer(
        const transport::PeerId& peer, const wire::UploadBegin& begin);
    // The machine takes it: opens the upload, or goes on with one. The answer is an UploadState or
    // a Refusal.
    [[nodiscard]] wire::Message allow(const rules::SignedUpdate& update);

    // Nothing to answer for chunks of an upload that is gone: the site is told by other means.
    [[nodiscard]] std::optional<wire::Message> chunk(const SiteId& site,
                                                     const wire::UploadChunk& message);
    [[nodiscard]] std::optional<wire::Message> end(const SiteId& site,
                                                   const wire::UploadEnd& message);

    // The round went on without it: forgets the upload and its part file.
    void drop(const SiteId& site);
    void drop_all();

    // Where the answer about a site's update goes, and which update it was.
    [[nodiscard]] std::optional<transport::PeerId> peer_of(const SiteId& site) const;
    [[nodiscard]] Digest root_of(const SiteId& site) const;
    [[nodiscard]] std::uint64_t bytes_of(const SiteId& site) const;

private:
    struct Offer {
        transport::PeerId peer;
        transport::BlobShape shape;
    };
    struct Upload {
        rules::SignedUpdate update;
        // Shared with the worker's job while it finishes.
        std::shared_ptr<transport::UploadReceiver> receiver;  // none: the blob was there already
        bool finishing = false;
    };
    [[nodiscard]] Result<Upload> open(const rules::SignedUpdate& update);
    void finish(Upload& upload);

    store::BlobStore& blobs_;
    const rules::RoundRules& rules_;
    Worker& worker_;
    EventLoop& loop_;
    OnFinished on_finished_;
    std::map<SiteId, Offer> offers_;
    std::map<SiteId, Upload> uploads_;
};

}  // namespace fedstake::coordinator
