// Uploads on their way: one a site, chunk by chunk to disk, then made durable and gated on the
// worker thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "coordinator/app/event_loop.hpp"
#include "coordinator/round/refusal.hpp"
#include "coordinator/store/blob_store.hpp"
#include "proto/rules/round_rules.hpp"
#include "proto/rules/signed_update.hpp"
#include "proto/transport/router_server.hpp"
#include "proto/transport/transfer_upload.hpp"
#include "proto/wire/messages.hpp"

namespace fedstake::coordinator {

// The bytes are in: what the gate said. An Error kNotFound or kInvalidInput is about this upload
// only (its file is not there, or was damaged and is removed), any other is the disk's failure.
struct UploadFinished {
    rules::SignedUpdate update;
    Result<round::Refusal> verdict;
};

// One update among all that a site ever signs.
struct UpdateName {
    SiteId site;
    RoundNumber round = 0;
    std::uint32_t attempt = 0;
    Digest root;
    friend bool operator==(const UpdateName&, const UpdateName&) = default;
};

// One thread, but for the worker's jobs. At most one writer has a part file: while the worker
// finishes a blob, the same blob for another attempt waits behind it.
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
    // The machine takes it: opens the upload, or goes on with one. REQUIRES an offer of the site.
    // The answer is an UploadState or a Refusal.
    [[nodiscard]] wire::Message allow(const rules::SignedUpdate& update);

    // Nothing to answer for an upload that is gone: the site is told by other means.
    [[nodiscard]] std::optional<wire::Message> chunk(const SiteId& site,
                                                     const wire::UploadChunk& message);
    [[nodiscard]] std::optional<wire::Message> end(const SiteId& site,
                                                   const wire::UploadEnd& message);

    // One update, refused: its upload and part file go. Another update of the site stays.
    void drop(const UpdateName& name);
    // The round went on without them. Like drop(), it leaves what the worker has: the bytes may be
    // another update's, and the verdict says by itself that it comes too late.
    void drop_all();

    // Where the answer about a site's update goes.
    [[nodiscard]] std::optional<transport::PeerId> peer_of(const SiteId& site) const;
    // The site has offered the same bytes for another attempt since: an answer about this update
    // would be taken for one about the newer.
    [[nodiscard]] bool superseded(const UpdateName& name) const;

private:
    struct Offer {
        transport::PeerId peer;
        transport::BlobShape shape;
        UpdateName name;
    };
    struct Upload {
        rules::SignedUpdate update;
        // Shared with the worker's job once all is in.
        std::shared_ptr<transport::UploadReceiver> receiver;  // none: the blob is there already
    };
    [[nodiscard]] Result<Upload> open(const rules::SignedUpdate& update);
    void finish(const Upload& upload);
    [[nodiscard]] Result<round::Refusal> settle(const Upload& upload);
    [[nodiscard]] bool is_finishing(const SiteId& site, const Digest& root) const;
    void forget(std::map<SiteId, Upload>::iterator place);

    store::BlobStore& blobs_;
    const rules::RoundRules& rules_;
    Worker& worker_;
    EventLoop& loop_;
    OnFinished on_finished_;
    std::map<SiteId, Offer> offers_;
    std::map<SiteId, Upload> uploads_;                // bytes are coming
    std::vector<crypto::UpdateStatement> finishing_;  // bytes are in: ordered from the worker
};

}  // namespace fedstake::coordinator
