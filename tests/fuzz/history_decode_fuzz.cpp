// libFuzzer: what detect::History::decode() accepts is exactly what encode() writes, and the next
// rounds can be computed from it.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "aggregation/detect/history.hpp"
#include "proto/base/check.hpp"
#include "proto/base/limits.hpp"

namespace {

using namespace fedstake;  // NOLINT: the file is one fuzz target

// Every second site that the history knows, and one that it does not.
std::vector<SiteId> some_sites(const aggregation::detect::History& history) {
    std::vector<SiteId> sites;
    for (std::size_t i = 0; i < history.sites.size(); i += 2) {
        sites.push_back(history.sites[i].site);
    }
    SiteId other;
    other.bytes.fill(0xff);
    if (sites.size() < limits::kSitesMax && (sites.empty() || sites.back() < other)) {
        sites.push_back(other);
    }
    return sites;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    namespace detect = aggregation::detect;
    const ByteView bytes(data, size);
    const auto history = detect::History::decode(bytes);
    if (!history) {
        FS_CHECK(history.error().code == Errc::kCorrupt);
        return 0;
    }
    FS_CHECK(history->encode() == Bytes(bytes.begin(), bytes.end()));
    if (history->round == UINT64_MAX) {
        return 0;
    }
    const std::vector<SiteId> sites = some_sites(*history);
    const detect::History next = detect::begin_round(*history, history->round + 1, sites);
    for (const SiteId& site : sites) {
        FS_CHECK(detect::position(next, site).has_value());
    }
    const auto again = detect::History::decode(next.encode());
    FS_CHECK(again.has_value());
    FS_CHECK(*again == next);
    return 0;
}
