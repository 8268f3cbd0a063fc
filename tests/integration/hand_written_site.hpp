// A site written by hand on the wire protocol, with an enrolled site's keys. It says whatever a
// test wants, where the production client would refuse to. It says Hello again by itself when the
// connection was lost and comes back.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "demo/federation.hpp"
#include "proto/crypto/secp256k1.hpp"
#include "proto/rules/round_context.hpp"
#include "proto/rules/signed_update.hpp"
#include "proto/transport/dealer_client.hpp"
#include "proto/wire/messages.hpp"

namespace fedstake::testing {

// What the coordinator said to an upload: one of the two, or nothing in time.
struct UploadAnswer {
    std::optional<wire::Receipt> receipt;
    std::optional<wire::Refusal> refusal;
};

class HandWrittenSite {
public:
    // Connects and says Hello; waits for the Welcome.
    [[nodiscard]] static Result<std::unique_ptr<HandWrittenSite>> join(
        const demo::Federation& federation, const demo::DemoSite& site);

    [[nodiscard]] const SiteId& site() const noexcept { return site_; }

    // The context of this round, once the coordinator opens it.
    [[nodiscard]] Result<rules::RoundContext> wait_for_round(RoundNumber round);

    // A well-formed statement over these coordinates for that round, signed. Change it and sign()
    // again to lie.
    [[nodiscard]] rules::SignedUpdate update_for(const rules::RoundContext& context,
                                                 const std::vector<std::int32_t>& values) const;
    void sign(rules::SignedUpdate& update) const;

    // Offers the update and sends its bytes as far as the coordinator lets it.
    [[nodiscard]] UploadAnswer upload(const rules::SignedUpdate& update,
                                      const std::vector<std::int32_t>& values,
                                      std::chrono::seconds limit = std::chrono::seconds(20));
    // Shows the signed statement alone.
    [[nodiscard]] Status offer(const rules::SignedUpdate& update,
                               const std::vector<std::int32_t>& values);

    // Bytes that are no message at all. Waits while the own queue is full.
    [[nodiscard]] Status send_raw(Bytes frame);
    [[nodiscard]] Status send(const wire::Message& message);

    // Reads until nothing arrives for a while and drops the refusals. RETURNS how many.
    std::size_t forget_refusals(std::chrono::milliseconds quiet = std::chrono::milliseconds(500));

    // The next message of that type; others are kept. Nothing after the limit.
    template <class T>
    [[nodiscard]] std::optional<T> receive(std::chrono::seconds limit = std::chrono::seconds(20)) {
        const auto end = std::chrono::steady_clock::now() + limit;
        for (;;) {
            for (auto item = inbox_.begin(); item != inbox_.end(); ++item) {
                if (T* message = std::get_if<T>(&*item)) {
                    T taken = std::move(*message);
                    inbox_.erase(item);
                    return taken;
                }
            }
            if (!read_until(end)) return std::nullopt;
        }
    }

private:
    HandWrittenSite(const demo::Federation& federation, const SiteId& site,
                    crypto::SigningKey signer, std::unique_ptr<transport::DealerClient> link);
    // Takes one message into the inbox. RETURNS false when the time is over.
    [[nodiscard]] bool read_until(std::chrono::steady_clock::time_point end);
    [[nodiscard]] std::optional<wire::Refusal> take_refusal(const Digest& root);
    [[nodiscard]] Status say_hello();

    const manifest::Manifest& manifest_;
    SiteId site_;
    crypto::SigningKey signer_;
    std::unique_ptr<transport::DealerClient> link_;
    std::deque<wire::Message> inbox_;
    bool welcomed_ = false;  // once
};

// int32 little-endian, as updates travel.
[[nodiscard]] Bytes coordinate_bytes(const std::vector<std::int32_t>& values);

}  // namespace fedstake::testing
