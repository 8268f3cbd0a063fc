// Who may read which blob. Models: every enrolled site. Single updates and aggregates: auditors
// only, because an update can tell about the data that it was trained on.
#pragma once

#include <set>

#include "coordinator/store/blob_store.hpp"
#include "coordinator/store/content_cache.hpp"
#include "proto/transport/transfer_download.hpp"

namespace fedstake::coordinator {

// One thread.
class BlobDesk {
public:
    explicit BlobDesk(const store::BlobStore& blobs);

    void add_model(const Digest& root) { models_.insert(root); }
    void add_for_auditors(const Digest& root) { audited_.insert(root); }

    [[nodiscard]] wire::Message begin(bool auditor, const wire::FetchBegin& request);
    [[nodiscard]] wire::Message chunk(bool auditor, const wire::FetchChunk& request);
    // Blobs read whole for their chunk roots: at most once each, however often they are fetched.
    [[nodiscard]] std::uint64_t hashed() const noexcept { return contents_.hashed(); }

private:
    [[nodiscard]] Result<transport::ServedBlob> open(bool auditor, const Digest& root);

    const store::BlobStore& blobs_;
    std::set<Digest> models_;
    std::set<Digest> audited_;
    store::ContentCache contents_;
    transport::BlobServer for_sites_;
    transport::BlobServer for_auditors_;
};

}  // namespace fedstake::coordinator
