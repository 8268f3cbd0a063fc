// What a site keeps on disk: blobs by content root, the last signed update, receipts, and the
// parameters that stay at the site. Every file is written aside, synced and renamed.
//
//   blobs/<root>             updates and models
//   incoming/<root>.part     downloads under way
//   signed.bin               the last SignedUpdate
//   sat-out.bin              federation and newest round sat out after a start
//   attempts.bin             federation, highest attempt signed, and the floor of attempts
//   receipts/, audits/       what the coordinator signed and asked for: evidence_folder.hpp
//   local/<round>.bin        site-local parameters after training in that round, opaque
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>

#include "aggregation/update_rows.hpp"
#include "client/session/session_actions.hpp"
#include "proto/rules/signed_update.hpp"
#include "proto/transport/blob_ports.hpp"
#include "proto/wire/messages.hpp"

namespace fedstake::client {

class StateStore {
public:
    // Makes the folders; takes an exclusive lock for the life of the object. RETURNS kConflict when
    // another client runs on the same folder.
    [[nodiscard]] static Result<StateStore> open(const std::filesystem::path& folder);
    ~StateStore();
    StateStore(StateStore&& other) noexcept;
    StateStore& operator=(StateStore&&) = delete;

    [[nodiscard]] bool has_blob(const Digest& root) const;
    [[nodiscard]] std::filesystem::path blob_path(const Digest& root) const;
    // Stores 4-byte little-endian values and gives their content root.
    [[nodiscard]] Result<transport::BlobShape> put_values(std::span<const std::int32_t> values);
    [[nodiscard]] Result<std::unique_ptr<transport::BlobWriter>> incoming(
        const transport::BlobShape& shape);
    [[nodiscard]] Result<std::vector<float>> read_model(const Digest& root) const;
    // The whole blob. RETURNS kNotFound, kLimitExceeded above bytes_max, or the disk's failure.
    [[nodiscard]] Result<Bytes> read_blob(const Digest& root, std::uint64_t bytes_max) const;
    // Deletes every blob whose bytes are not what its name says. O(bytes).
    void remove_damaged() const;
    // Deletes every blob but these.
    void keep_only(std::span<const Digest> roots) const;

    [[nodiscard]] Result<std::optional<rules::SignedUpdate>> last_signed() const;
    [[nodiscard]] Status store_signed(const rules::SignedUpdate& update) const;
    // Newest round of that federation sat out; 0 where there is none.
    [[nodiscard]] Result<RoundNumber> sat_out(const FederationId& federation) const;
    [[nodiscard]] Status store_sat_out(const FederationId& federation, RoundNumber round) const;
    // Zeros where none are stored. RETURNS kCorrupt, naming the file, when it is damaged.
    [[nodiscard]] Result<session::Attempts> attempts(const FederationId& federation) const;
    [[nodiscard]] Status store_attempts(const FederationId& federation,
                                        const session::Attempts& attempts) const;
    // Evidence for a challenge: see evidence_folder.hpp.
    [[nodiscard]] Status store_receipt(const wire::Receipt& receipt) const;
    [[nodiscard]] Status store_audit(const wire::AttestRequest& request) const;
    // Those of the newest round up to `round`; empty where there are none. When some are stored,
    // older ones are deleted but for the last few, and those of later rounds, which began again.
    [[nodiscard]] Result<Bytes> local_parameters(RoundNumber round) const;
    [[nodiscard]] Status store_local_parameters(RoundNumber round, ByteView bytes) const;

private:
    [[nodiscard]] std::vector<RoundNumber> local_rounds() const;  // ascending
    StateStore(std::filesystem::path folder, int lock_fd) noexcept;
    std::filesystem::path folder_;
    int lock_fd_;
};

}  // namespace fedstake::client
