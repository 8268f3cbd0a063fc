// Asks the coordinator one thing after another over a link of its own: for commands that end.
//
// Runs beside a working `run` of the same site; its blobs live in a folder of their own that is
// removed at the end.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "client/app/site.hpp"
#include "client/app/state_store.hpp"
#include "client/app/transfers.hpp"
#include "proto/transport/dealer_client.hpp"
#include "proto/wire/messages.hpp"

namespace fedstake::client {

// What a refused request means to the operator: kNotFound, kUnavailable (busy), kUnauthorized, and
// so on, in words with the refusal's name.
[[nodiscard]] Error refused(const wire::Refusal& refusal);

class Inquiry {
public:
    // Connects and says hello. RETURNS kUnavailable or kUnauthorized, in words for the operator,
    // when the coordinator does not welcome the site within the limit, and kConflict when its
    // federation or its rules are not the manifest's. A connection that is lost later is made and
    // greeted again, and what was asked is asked again.
    [[nodiscard]] static Result<std::unique_ptr<Inquiry>> open(const Site& site,
                                                               std::chrono::seconds limit,
                                                               const std::atomic<bool>& stop);
    ~Inquiry();
    Inquiry(const Inquiry&) = delete;
    Inquiry& operator=(const Inquiry&) = delete;

    // attempt: counted from 1; 0: the one that stands.
    [[nodiscard]] Result<wire::RoundRecord> round_record(RoundNumber round,
                                                         std::uint32_t attempt = 0);
    [[nodiscard]] Result<std::string> status_json();
    // Downloads what is missing. RETURNS the first failure, naming the blob.
    // bytes_max: see Transfers::want().
    [[nodiscard]] Status fetch(std::span<const Digest> roots,
                               std::optional<std::uint64_t> bytes_max = std::nullopt);
    [[nodiscard]] const StateStore& store() const noexcept { return *store_; }
    [[nodiscard]] RoundNumber current_round() const noexcept { return current_round_; }

private:
    Inquiry(const Site& site, std::filesystem::path folder, StateStore store,
            std::chrono::steady_clock::time_point deadline, const std::atomic<bool>& stop);
    [[nodiscard]] Status connect();
    [[nodiscard]] Status send(const wire::Message& message);
    [[nodiscard]] Status on_link(const transport::LinkEvent& event);
    [[nodiscard]] Status on_welcome(const wire::Welcome& welcome);
    // The next message that is not a transfer's; keeps link and transfers going meanwhile.
    [[nodiscard]] Result<wire::Message> next_message();
    template <class Answer>
    [[nodiscard]] Result<Answer> ask(wire::Message question);

    const Site& site_;
    std::filesystem::path folder_;
    std::optional<StateStore> store_;
    std::optional<Transfers> transfers_;
    std::unique_ptr<transport::DealerClient> link_;
    std::chrono::steady_clock::time_point deadline_;
    const std::atomic<bool>& stop_;
    bool welcomed_ = false;                  // on the connection that is up now
    std::optional<wire::Message> question_;  // asked and not answered yet
    std::string trouble_ = "no answer";      // of the link, for the message at the end
    RoundNumber current_round_ = 0;
};

}  // namespace fedstake::client
