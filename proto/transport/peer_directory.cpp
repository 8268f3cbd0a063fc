// Allow list, handshake budget and message tags.
#include "proto/transport/peer_directory.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

#include "proto/base/check.hpp"
#include "proto/crypto/random.hpp"

namespace fedstake::transport {

std::string_view admission_name(Admission admission) noexcept {
    switch (admission) {
        case Admission::kAccepted: return "accepted";
        case Admission::kNotEnrolled: return "not-enrolled";
        case Admission::kTooManyConnections: return "too-many-connections";
    }
    return "unknown";
}

PeerDirectory::PeerDirectory(std::uint32_t handshakes_per_minute)
    : handshakes_per_minute_(handshakes_per_minute) {
    crypto::random_bytes(mac_key_);
}

PeerDirectory::Tag PeerDirectory::tag_of(const CurvePublicKey& key, const SiteId& site) const {
    const Bytes text = ByteWriter{}.raw(key.view()).raw(site.view()).take();
    Tag tag{};
    unsigned length = 0;
    const auto* made = HMAC(EVP_sha256(), mac_key_.data(), static_cast<int>(mac_key_.size()),
                            text.data(), text.size(), tag.data(), &length);
    FS_CHECK(made != nullptr && length == tag.size());
    return tag;
}

void PeerDirectory::replace(const std::vector<AllowedPeer>& allowed) {
    const std::lock_guard lock(mutex_);
    std::map<CurvePublicKey, Peer> old = std::exchange(peers_, {});
    keys_of_site_.clear();
    for (const AllowedPeer& entry : allowed) {
        Peer peer{.site = entry.site,
                  .tag = tag_of(entry.key, entry.site),
                  .budget_milli = handshakes_per_minute_ * 1000};
        if (const auto known = old.find(entry.key); known != old.end()) {
            peer.budget_milli = known->second.budget_milli;
            peer.refilled = known->second.refilled;
        }
        if (peers_.emplace(entry.key, peer).second) {
            keys_of_site_.emplace(entry.site, entry.key);
        }
    }
}

AdmissionResult PeerDirectory::admit(const CurvePublicKey& key, std::chrono::milliseconds now) {
    const std::lock_guard lock(mutex_);
    const auto found = peers_.find(key);
    if (found == peers_.end()) {
        return {Admission::kNotEnrolled, {}};
    }
    Peer& peer = found->second;
    // A minute refills the whole budget: elapsed ms * per-minute / 60000, in thousandths.
    const std::int64_t elapsed = std::clamp<std::int64_t>((now - peer.refilled).count(), 0, 60'000);
    peer.budget_milli = std::min(handshakes_per_minute_ * 1000,
                                 peer.budget_milli + elapsed * handshakes_per_minute_ / 60);
    peer.refilled = now;
    if (peer.budget_milli < 1000) {
        return {Admission::kTooManyConnections, {}};
    }
    peer.budget_milli -= 1000;
    return {Admission::kAccepted, peer.site.hex() + ":" + to_hex(peer.tag)};
}

std::optional<SiteId> PeerDirectory::verify(std::string_view user_id) const {
    const std::size_t colon = user_id.find(':');
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    const auto site = SiteId::parse(user_id.substr(0, colon));
    Tag claimed{};
    if (!site || !from_hex_into(user_id.substr(colon + 1), claimed)) {
        return std::nullopt;
    }
    const std::lock_guard lock(mutex_);
    const auto [first, last] = keys_of_site_.equal_range(*site);
    for (auto it = first; it != last; ++it) {
        const Tag& tag = peers_.at(it->second).tag;
        if (CRYPTO_memcmp(tag.data(), claimed.data(), tag.size()) == 0) {
            return *site;
        }
    }
    return std::nullopt;
}

}  // namespace fedstake::transport
