// Chunk roots of files on disk.
#include "coordinator/store/content_cache.hpp"

#include <utility>

namespace fedstake::store {

namespace {
// Both copies of the path, the nodes that hold them, and the content's own fields.
constexpr std::size_t kOverhead = 400;
}  // namespace

std::size_t ContentCache::Entry::bytes() const noexcept {
    return kOverhead + content->chunk_roots.size() * sizeof(Digest);
}

void ContentCache::erase(Entries::iterator entry) {
    bytes_ -= entry->second.bytes();
    order_.erase(entry->second.place);
    entries_.erase(entry);
}

Result<std::shared_ptr<const crypto::FileContent>> ContentCache::of(
    const std::filesystem::path& path) {
    // Before the reading: a file that is replaced in between is read again next time.
    std::error_code missing;  // the reading says it better
    const auto written = std::filesystem::last_write_time(path, missing);
    if (const auto known = entries_.find(path); known != entries_.end()) {
        if (!missing && known->second.written == written) {
            order_.splice(order_.end(), order_, known->second.place);
            return known->second.content;
        }
        erase(known);
    }
    FS_ASSIGN(auto content, crypto::content_of_file(path));
    ++hashed_;
    auto shared = std::make_shared<const crypto::FileContent>(std::move(content));
    Entry entry{.content = shared, .written = written, .place = order_.insert(order_.end(), path)};
    bytes_ += entry.bytes();
    entries_.emplace(path, std::move(entry));
    while (bytes_ > bytes_max_ && !order_.empty()) {
        erase(entries_.find(order_.front()));
    }
    return shared;
}

}  // namespace fedstake::store
