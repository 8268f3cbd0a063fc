// Messages to and from sites.
#include "coordinator/app/site_link.hpp"

#include <algorithm>

#include "proto/base/log.hpp"
#include "proto/wire/codec.hpp"

namespace fedstake::coordinator {

namespace {
constexpr std::size_t kConnectionsMax = 4;
}

bool SiteLink::add(const transport::PeerId& peer) {
    auto& connections = peers_[peer.site];
    const bool first = connections.empty();
    std::erase(connections, peer);
    connections.push_back(peer);
    if (connections.size() > kConnectionsMax) {
        connections.erase(connections.begin());
    }
    return first;
}

bool SiteLink::remove(const transport::PeerId& peer) {
    const auto place = peers_.find(peer.site);
    if (place == peers_.end()) {
        return false;
    }
    std::erase(place->second, peer);
    if (!place->second.empty()) {
        return false;
    }
    peers_.erase(place);
    return true;
}

bool SiteLink::knows(const transport::PeerId& peer) const {
    const auto place = peers_.find(peer.site);
    return place != peers_.end() && std::ranges::find(place->second, peer) != place->second.end();
}

std::vector<SiteId> SiteLink::sites() const {
    std::vector<SiteId> sites;
    for (const auto& [site, connections] : peers_) {
        sites.push_back(site);
    }
    return sites;
}

void SiteLink::send(const transport::PeerId& peer, const wire::Message& message) {
    auto payload = wire::encode(message);
    if (!payload) {
        FS_LOG(kError, "wire", "message not sent kind={} error={}", wire::message_name(message),
               payload.error().message);
        ++dropped_;
        return;
    }
    if (!server_->send(peer, *std::move(payload))) {
        ++dropped_;
    }
}

void SiteLink::send(const SiteId& site, const wire::Message& message) {
    if (const auto place = peers_.find(site); place != peers_.end()) {
        for (const transport::PeerId& peer : place->second) {
            send(peer, message);
        }
    }
}

void SiteLink::broadcast(const wire::Message& message) {
    for (const auto& [site, connections] : peers_) {
        send(site, message);
    }
}

}  // namespace fedstake::coordinator
