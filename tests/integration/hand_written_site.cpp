// Speaks to the coordinator through the library's transport and codec, but decides for itself.
#include "tests/integration/hand_written_site.hpp"

#include <algorithm>
#include <thread>

#include <nlohmann/json.hpp>

#include "proto/crypto/content_tree.hpp"
#include "proto/crypto/keystore.hpp"
#include "proto/crypto/sha256.hpp"
#include "proto/transport/memory_blob.hpp"
#include "proto/transport/transfer_upload.hpp"
#include "proto/wire/codec.hpp"
#include "tests/integration/program_output.hpp"

namespace fedstake::testing {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds kAnswerLimit{20};

transport::BlobShape shape_of(ByteView bytes) {
    crypto::ContentHasher hasher;
    hasher.update(bytes);
    crypto::FileContent content = std::move(hasher).finish();
    return {.root = content.root,
            .total_bytes = content.total_bytes,
            .chunk_roots = std::move(content.chunk_roots)};
}

}  // namespace

Bytes coordinate_bytes(const std::vector<std::int32_t>& values) {
    Bytes bytes;
    for (const std::int32_t value : values) {
        const auto bits = static_cast<std::uint32_t>(value);
        for (unsigned shift = 0; shift < 32; shift += 8) {
            bytes.push_back(static_cast<std::uint8_t>(bits >> shift));
        }
    }
    return bytes;
}

HandWrittenSite::HandWrittenSite(const demo::Federation& federation, const SiteId& site,
                                 crypto::SigningKey signer,
                                 std::unique_ptr<transport::DealerClient> link)
    : manifest_(federation.manifest()),
      site_(site),
      signer_(std::move(signer)),
      link_(std::move(link)) {}

Result<std::unique_ptr<HandWrittenSite>> HandWrittenSite::join(const demo::Federation& federation,
                                                               const demo::DemoSite& site) {
    const auto keys = federation.site_folder(site) / "keys";
    std::string passphrase =
        read_text(federation.coordinator_folder().parent_path() / "passphrase");
    passphrase.pop_back();  // the end of the line
    FS_ASSIGN(auto signer, crypto::read_keystore(keys / "signer.json", passphrase));
    FS_ASSIGN(const auto curve, crypto::read_secret(keys / "curve.json", passphrase));
    const auto names = nlohmann::json::parse(read_text(keys / "public.json"));
    FS_ASSIGN(const SiteId owner, SiteId::parse(names.at("owner").get<std::string>()));
    transport::DealerOptions options;
    options.endpoint = federation.manifest().endpoint;
    options.server_key = federation.manifest().coordinator_curve_key;
    options.secret_key = transport::CurveSecretKey(curve);
    FS_ASSIGN(auto link, transport::DealerClient::start(std::move(options)));
    std::unique_ptr<HandWrittenSite> self(
        new HandWrittenSite(federation, owner, std::move(signer), std::move(link)));
    FS_TRY(self->say_hello());
    if (!self->receive<wire::Welcome>(kAnswerLimit)) {
        return fail(Errc::kUnavailable, "the coordinator does not welcome " + site.name);
    }
    self->welcomed_ = true;
    return self;
}

Status HandWrittenSite::say_hello() {
    return send(wire::Hello{.federation = manifest_.federation,
                            .site = site_,
                            .protocol_version = wire::kProtocolVersion,
                            .software = "hand-written"});
}

Status HandWrittenSite::send_raw(Bytes frame) {
    const auto end = std::chrono::steady_clock::now() + kAnswerLimit;
    for (;;) {
        Status sent = link_->send(frame);
        if (sent || sent.error().code != Errc::kLimitExceeded ||
            std::chrono::steady_clock::now() > end) {
            return sent;
        }
        if (!read_until(std::chrono::steady_clock::now() + 2ms)) continue;
    }
}

Status HandWrittenSite::send(const wire::Message& message) {
    FS_ASSIGN(Bytes frame, wire::encode(message));
    return send_raw(std::move(frame));
}

bool HandWrittenSite::read_until(std::chrono::steady_clock::time_point end) {
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            end - std::chrono::steady_clock::now());
        if (left.count() <= 0) return false;
        const auto input = link_->next(left);
        if (!input) continue;
        if (const auto* event = std::get_if<transport::LinkEvent>(&*input)) {
            if (welcomed_ && event->state == transport::LinkState::kUp) (void)say_hello();
            continue;
        }
        const Bytes* frame = std::get_if<Bytes>(&*input);
        auto message = wire::decode(*frame);
        if (message) {
            inbox_.push_back(*std::move(message));
            return true;
        }
    }
}

Result<rules::RoundContext> HandWrittenSite::wait_for_round(RoundNumber round) {
    for (;;) {
        const auto opened = receive<wire::RoundOpen>(kAnswerLimit);
        if (!opened) {
            return fail(Errc::kUnavailable,
                        "round " + std::to_string(round) + " was not opened in time");
        }
        FS_ASSIGN(rules::RoundContext context, rules::RoundContext::decode(opened->context));
        if (context.round == round) return context;
    }
}

rules::SignedUpdate HandWrittenSite::update_for(const rules::RoundContext& context,
                                                const std::vector<std::int32_t>& values) const {
    rules::SignedUpdate update;
    update.details = {1, 2, 3};
    update.statement = {.federation = context.federation,
                        .round = context.round,
                        .attempt = context.attempt,
                        .site = site_,
                        .base_model = context.base_model,
                        .update_root = crypto::content_root_of(coordinate_bytes(values)),
                        .coordinates = values.size(),
                        .details_digest = crypto::sha256(update.details)};
    sign(update);
    return update;
}

void HandWrittenSite::sign(rules::SignedUpdate& update) const {
    update.signature = crypto::sign_statement(manifest_.domain(), update.statement, signer_);
}

std::optional<wire::Refusal> HandWrittenSite::take_refusal(const Digest& root) {
    for (auto item = inbox_.begin(); item != inbox_.end(); ++item) {
        const auto* refusal = std::get_if<wire::Refusal>(&*item);
        // A signed update that cannot be read has no root to name.
        if (refusal != nullptr &&
            (refusal->update_root == root || refusal->update_root.is_zero())) {
            wire::Refusal taken = *refusal;
            inbox_.erase(item);
            return taken;
        }
    }
    return std::nullopt;
}

std::size_t HandWrittenSite::forget_refusals(std::chrono::milliseconds quiet) {
    while (read_until(std::chrono::steady_clock::now() + quiet)) {
    }
    return std::erase_if(inbox_, [](const wire::Message& message) {
        return std::holds_alternative<wire::Refusal>(message);
    });
}

Status HandWrittenSite::offer(const rules::SignedUpdate& update,
                              const std::vector<std::int32_t>& values) {
    auto bytes = std::make_shared<const Bytes>(coordinate_bytes(values));
    transport::UploadSender sender(update.encode(), shape_of(*bytes),
                                   std::make_shared<transport::MemoryBlobReader>(bytes));
    return send(sender.begin());
}

UploadAnswer HandWrittenSite::upload(const rules::SignedUpdate& update,
                                     const std::vector<std::int32_t>& values,
                                     std::chrono::seconds limit) {
    auto bytes = std::make_shared<const Bytes>(coordinate_bytes(values));
    const Digest root = update.statement.update_root;
    transport::UploadSender sender(update.encode(), shape_of(*bytes),
                                   std::make_shared<transport::MemoryBlobReader>(bytes));
    if (!send(sender.begin())) return {};
    const auto end = std::chrono::steady_clock::now() + limit;
    for (;;) {
        if (auto refusal = take_refusal(root)) return {.receipt = {}, .refusal = refusal};
        if (auto receipt = receive<wire::Receipt>(0s)) return {.receipt = receipt, .refusal = {}};
        if (const auto state = receive<wire::UploadState>(0s)) (void)sender.on_state(*state);
        if (const auto ack = receive<wire::UploadAck>(0s)) (void)sender.on_ack(*ack);
        for (auto next = sender.next(); next && *next; next = sender.next()) {
            if (!send(**next)) return {};
        }
        if (!read_until(std::min(end, std::chrono::steady_clock::now() + 50ms)) &&
            std::chrono::steady_clock::now() > end) {
            return {};
        }
    }
}

}  // namespace fedstake::testing
