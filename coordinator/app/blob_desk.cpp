// Who may read which blob.
#include "coordinator/app/blob_desk.hpp"

#include "proto/transport/file_blob.hpp"

namespace fedstake::coordinator {

BlobDesk::BlobDesk(const store::BlobStore& blobs)
    : blobs_(blobs),
      for_sites_([this](const Digest& root) { return open(/*auditor=*/false, root); }),
      for_auditors_([this](const Digest& root) { return open(/*auditor=*/true, root); }) {}

Result<transport::ServedBlob> BlobDesk::open(bool auditor, const Digest& root) {
    if (!models_.contains(root)) {
        if (!audited_.contains(root)) {
            return fail(Errc::kNotFound, "no blob " + root.short_hex() + " here");
        }
        if (!auditor) {
            return fail(Errc::kUnauthorized, "single updates are for auditors");
        }
    }
    const std::filesystem::path path = blobs_.path_of(root);
    FS_ASSIGN(auto reader, transport::FileBlobReader::open(path));
    FS_ASSIGN(const auto content, contents_.of(path));
    // A damaged blob is served as it is: chunk roots that do not fit the root tell the auditor.
    return transport::ServedBlob{.shape = {.root = root,
                                           .total_bytes = content->total_bytes,
                                           .chunk_roots = content->chunk_roots},
                                 .reader = std::move(reader)};
}

wire::Message BlobDesk::begin(bool auditor, const wire::FetchBegin& request) {
    return (auditor ? for_auditors_ : for_sites_).on_begin(request);
}

wire::Message BlobDesk::chunk(bool auditor, const wire::FetchChunk& request) {
    return (auditor ? for_auditors_ : for_sites_).on_chunk(request);
}

}  // namespace fedstake::coordinator
