// An upload through real sockets whose coordinator is stopped in the middle and started again.
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "proto/transport/file_blob.hpp"
#include "proto/transport/memory_blob.hpp"
#include "proto/transport/transfer_upload.hpp"
#include "proto/wire/codec.hpp"
#include "tests/proto/transport/sample_blob.hpp"
#include "tests/proto/transport/socket_support.hpp"
#include "tests/support/temp_dir.hpp"

namespace fedstake::transport {
namespace {

using namespace testing;  // NOLINT: the support header of these tests

// The receiving host: a server and the receiver of one blob, on files.
class ReceivingHost {
public:
    ReceivingHost(RouterOptions options, std::filesystem::path folder)
        : server_(start_server(std::move(options))), folder_(std::move(folder)) {}

    [[nodiscard]] RouterServer& server() { return *server_; }
    [[nodiscard]] std::size_t stored() const { return stored_; }
    [[nodiscard]] std::uint64_t found_on_disk() const { return found_on_disk_; }

    // Handles one message. RETURNS false when none came in time or the upload is done.
    bool step() {
        const auto incoming = next_of<Incoming>(*server_);
        if (!incoming) {
            return false;
        }
        const wire::Message message = wire::decode(incoming->payload).value();
        if (const auto* begin = std::get_if<wire::UploadBegin>(&message)) {
            open(*begin);
            reply(incoming->peer, receiver_->state());
        } else if (const auto* chunk = std::get_if<wire::UploadChunk>(&message)) {
            if (receiver_) {  // a chunk of the time before the restart has no receiver yet
                stored_ += receiver_->on_chunk(*chunk).value() == ChunkOutcome::kStored ? 1U : 0U;
                reply(incoming->peer, wire::UploadAck{chunk->update_root, chunk->index});
            }
        } else if (std::holds_alternative<wire::UploadEnd>(message)) {
            EXPECT_TRUE(receiver_->finish().has_value());
            reply(incoming->peer, receiver_->state());
            return false;
        }
        return true;
    }

private:
    void open(const wire::UploadBegin& begin) {
        BlobShape shape{crypto::content_root(begin.total_bytes, begin.chunk_roots),
                        begin.total_bytes, begin.chunk_roots};
        auto writer =
            FilePartWriter::open(folder_ / "x.part", folder_ / "x", shape.total_bytes).value();
        receiver_.emplace(UploadReceiver::open(std::move(shape), std::move(writer)).value());
        found_on_disk_ = receiver_->chunks_received();
    }
    void reply(const PeerId& peer, const wire::Message& message) {
        EXPECT_TRUE(server_->send(peer, wire::encode(message).value()).has_value());
    }

    std::unique_ptr<RouterServer> server_;
    std::filesystem::path folder_;
    std::optional<UploadReceiver> receiver_;
    std::size_t stored_ = 0;
    std::uint64_t found_on_disk_ = 0;
};

void send_all(UploadSender& sender, DealerClient& client) {
    for (auto message = sender.next().value(); message; message = sender.next().value()) {
        ASSERT_TRUE(client.send(wire::encode(*message).value()).has_value());
    }
}

// The sending host, on a thread of its own until the upload is done.
void run_sender(UploadSender& sender, DealerClient& client) {
    while (!sender.done()) {
        const auto input = client.next(kPatience);
        ASSERT_TRUE(input.has_value()) << "the upload stalled";
        if (const auto* link = std::get_if<LinkEvent>(&*input)) {
            sender.on_link_lost();
            if (link->state == LinkState::kUp) {
                ASSERT_TRUE(client.send(wire::encode(sender.begin()).value()).has_value());
            }
            continue;
        }
        const wire::Message message = wire::decode(std::get<Bytes>(*input)).value();
        if (const auto* state = std::get_if<wire::UploadState>(&message)) {
            ASSERT_TRUE(sender.on_state(*state).has_value());
        } else if (const auto* ack = std::get_if<wire::UploadAck>(&message)) {
            ASSERT_TRUE(sender.on_ack(*ack).has_value());
        }
        send_all(sender, client);
    }
}

TEST(UploadOverSockets, ResumesAfterTheCoordinatorRestarted) {
    const fedstake::testing::TempDir folder;
    const SampleBlob blob = sample_blob(20 * limits::kChunkBytes + 17);
    const CurveKeyPair server_keys = generate_curve_keys();
    const CurveKeyPair site_keys = generate_curve_keys();
    RouterOptions options;
    options.secret_key = server_keys.secret_key;
    options.allowed = {{site_keys.public_key, site_number(1)}};

    auto host = std::make_unique<ReceivingHost>(options, folder.path());
    options.port = host->server().port();
    auto client =
        start_client(client_options(options.port, server_keys.public_key, site_keys.secret_key));
    UploadSender sender({1, 2, 3}, blob.shape, std::make_shared<MemoryBlobReader>(blob.bytes));
    std::thread sending([&] { run_sender(sender, *client); });

    while (host->stored() < 8 && host->step()) {
    }
    EXPECT_EQ(host->stored(), 8U);
    host.reset();  // with chunks on the way and acknowledgements not yet sent
    host = std::make_unique<ReceivingHost>(options, folder.path());
    while (host->step()) {
    }
    sending.join();

    EXPECT_EQ(host->found_on_disk(), 8U);
    EXPECT_EQ(host->stored(), blob.shape.chunks() - 8) << "no stored chunk travels twice";
    EXPECT_TRUE(sender.done());
    EXPECT_EQ(crypto::content_of_file(folder / "x")->root, blob.shape.root);
}

}  // namespace
}  // namespace fedstake::transport
