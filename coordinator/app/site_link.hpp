// Messages to and from sites: which connections a site has, and encoding.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "proto/transport/router_server.hpp"
#include "proto/wire/messages.hpp"

namespace fedstake::coordinator {

// One thread. A site may have several connections (its session, and an auditor's `verify`); each
// counts from its Hello to its Bye.
class SiteLink {
public:
    explicit SiteLink(std::unique_ptr<transport::RouterServer> server)
        : server_(std::move(server)) {}

    [[nodiscard]] transport::RouterServer& server() noexcept { return *server_; }

    // Keeps the newest few connections of a site. Whether it is the site's first.
    bool add(const transport::PeerId& peer);
    // Whether it was the site's last.
    bool remove(const transport::PeerId& peer);
    [[nodiscard]] bool knows(const transport::PeerId& peer) const;
    [[nodiscard]] bool online(const SiteId& site) const { return peers_.contains(site); }
    [[nodiscard]] std::vector<SiteId> sites() const;

    // A message that cannot be delivered is counted and dropped: sites ask again.
    void send(const transport::PeerId& peer, const wire::Message& message);
    void send(const SiteId& site, const wire::Message& message);
    void broadcast(const wire::Message& message);
    [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }

private:
    std::unique_ptr<transport::RouterServer> server_;
    std::map<SiteId, std::vector<transport::PeerId>> peers_;  // oldest first
    std::uint64_t dropped_ = 0;
};

}  // namespace fedstake::coordinator
