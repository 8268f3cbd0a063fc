// The transfer machines against each other and against hostile ends; no sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "proto/transport/memory_blob.hpp"
#include "proto/transport/transfer_download.hpp"
#include "proto/transport/transfer_upload.hpp"
#include "tests/proto/transport/sample_blob.hpp"

namespace fedstake::transport {
namespace {

using testing::sample_blob;
using testing::SampleBlob;

constexpr std::size_t kMiB = limits::kChunkBytes;

UploadReceiver receiver_on(const SampleBlob& blob, const std::shared_ptr<Bytes>& store) {
    return UploadReceiver::open(blob.shape,
                                std::make_unique<MemoryBlobWriter>(store, blob.shape.total_bytes))
        .value();
}

UploadSender sender_of(const SampleBlob& blob) {
    return {{1, 2, 3}, blob.shape, std::make_shared<MemoryBlobReader>(blob.bytes)};
}

wire::UploadChunk chunk_of(const SampleBlob& blob, std::uint64_t index) {
    const auto* begin = blob.bytes->data() + index * kMiB;
    return {blob.shape.root, index, Bytes(begin, begin + blob.shape.chunk_bytes(index))};
}

// Every message that the sender wants to send now.
std::vector<wire::Message> burst(UploadSender& sender) {
    std::vector<wire::Message> messages;
    for (auto message = sender.next().value(); message; message = sender.next().value()) {
        messages.push_back(*std::move(message));
    }
    return messages;
}

// Runs to the end. RETURNS the number of chunks that travelled.
std::size_t run_upload(UploadSender& sender, UploadReceiver& receiver) {
    EXPECT_TRUE(sender.on_state(receiver.state()).has_value());
    std::size_t chunks = 0;
    for (;;) {
        const auto messages = burst(sender);
        if (messages.empty()) {
            return chunks;
        }
        EXPECT_LE(messages.size(), limits::kChunkCredits);
        for (const auto& message : messages) {
            if (const auto* chunk = std::get_if<wire::UploadChunk>(&message)) {
                ++chunks;
                EXPECT_EQ(receiver.on_chunk(*chunk).value(), ChunkOutcome::kStored);
                EXPECT_TRUE(sender.on_ack({chunk->update_root, chunk->index}).has_value());
            } else {
                EXPECT_TRUE(std::holds_alternative<wire::UploadEnd>(message));
                EXPECT_TRUE(receiver.finish().has_value());
                EXPECT_TRUE(sender.on_state(receiver.state()).has_value());
            }
        }
    }
}

TEST(Upload, EverySizeAroundTheChunkBorderArrives) {
    for (const std::size_t size :
         {std::size_t{1}, std::size_t{1023}, kMiB - 1, kMiB, kMiB + 1, 11 * kMiB, 11 * kMiB + 52}) {
        const SampleBlob blob = sample_blob(size);
        const auto store = std::make_shared<Bytes>();
        UploadReceiver receiver = receiver_on(blob, store);
        UploadSender sender = sender_of(blob);
        EXPECT_EQ(run_upload(sender, receiver), blob.shape.chunks());
        EXPECT_TRUE(sender.done());
        EXPECT_TRUE(receiver.finished());
        EXPECT_TRUE(*store == *blob.bytes) << size;
    }
}

TEST(Upload, NothingTravelsWithoutCredit) {
    const SampleBlob blob = sample_blob(20 * kMiB);
    UploadSender sender = sender_of(blob);
    EXPECT_TRUE(burst(sender).empty()) << "before the coordinator answered";
    UploadReceiver receiver = receiver_on(blob, std::make_shared<Bytes>());
    ASSERT_TRUE(sender.on_state(receiver.state()).has_value());
    EXPECT_EQ(burst(sender).size(), limits::kChunkCredits);
    EXPECT_TRUE(burst(sender).empty());
    ASSERT_TRUE(sender.on_ack({blob.shape.root, 3}).has_value());
    EXPECT_EQ(burst(sender).size(), 1U);
    // The same acknowledgement again, or one for a chunk that never went out, frees nothing.
    ASSERT_TRUE(sender.on_ack({blob.shape.root, 3}).has_value());
    ASSERT_TRUE(sender.on_ack({blob.shape.root, 19}).has_value());
    EXPECT_TRUE(burst(sender).empty());
    EXPECT_EQ(sender.chunks_acknowledged(), 1U);
}

TEST(Upload, LostChunksAreSentAgainAfterAReconnect) {
    const SampleBlob blob = sample_blob(20 * kMiB + 5);
    const auto store = std::make_shared<Bytes>();
    UploadReceiver receiver = receiver_on(blob, store);
    UploadSender sender = sender_of(blob);
    ASSERT_TRUE(sender.on_state(receiver.state()).has_value());
    const auto first = burst(sender);  // two arrive, one is acknowledged, then the link breaks
    ASSERT_EQ(receiver.on_chunk(std::get<wire::UploadChunk>(first[0])).value(),
              ChunkOutcome::kStored);
    ASSERT_EQ(receiver.on_chunk(std::get<wire::UploadChunk>(first[5])).value(),
              ChunkOutcome::kStored);
    ASSERT_TRUE(sender.on_ack({blob.shape.root, 0}).has_value());
    sender.on_link_lost();
    EXPECT_TRUE(burst(sender).empty());
    EXPECT_EQ(sender.begin().chunk_roots, blob.shape.chunk_roots);
    EXPECT_EQ(run_upload(sender, receiver), blob.shape.chunks() - 2);
    EXPECT_TRUE(*store == *blob.bytes);
}

TEST(Upload, ReceiverTakesUpWhatIsOnDiskAndDistrustsTornChunks) {
    const SampleBlob blob = sample_blob(6 * kMiB + 77);
    const auto store = std::make_shared<Bytes>();
    {
        UploadReceiver before = receiver_on(blob, store);
        for (const std::uint64_t i : {0U, 2U, 5U, 3U}) {
            ASSERT_EQ(before.on_chunk(chunk_of(blob, i)).value(), ChunkOutcome::kStored);
        }
    }
    (*store)[2 * kMiB + 9] ^= 1U;        // a bit that flipped
    store->resize(5 * kMiB + kMiB / 2);  // a write that was cut
    UploadReceiver after = receiver_on(blob, store);
    EXPECT_EQ(after.chunks_received(), 2U);
    EXPECT_EQ(after.state().have, (Bytes{0b1001}));
    UploadSender sender = sender_of(blob);
    EXPECT_EQ(run_upload(sender, after), 5U);
    EXPECT_TRUE(*store == *blob.bytes);
}

TEST(Upload, RestartWithAllChunksNeedsNoneAgain) {
    const SampleBlob blob = sample_blob(3 * kMiB);
    const auto store = std::make_shared<Bytes>(*blob.bytes);
    UploadReceiver receiver = receiver_on(blob, store);
    EXPECT_TRUE(receiver.complete());
    UploadSender sender = sender_of(blob);
    EXPECT_EQ(run_upload(sender, receiver), 0U);
    EXPECT_TRUE(receiver.finished());
}

TEST(Upload, ReceiverNamesEveryFaultOfTheSender) {
    const SampleBlob blob = sample_blob(2 * kMiB + 10);
    const auto store = std::make_shared<Bytes>();
    UploadReceiver receiver = receiver_on(blob, store);
    const auto outcome = [&](const wire::UploadChunk& chunk) {
        return receiver.on_chunk(chunk).value();
    };
    wire::UploadChunk chunk = chunk_of(blob, 1);
    chunk.update_root.bytes[0] ^= 1U;
    EXPECT_EQ(outcome(chunk), ChunkOutcome::kWrongBlob);
    chunk = chunk_of(blob, 1);
    chunk.index = 3;
    EXPECT_EQ(outcome(chunk), ChunkOutcome::kOutOfRange);
    chunk.index = ~std::uint64_t{0};
    EXPECT_EQ(outcome(chunk), ChunkOutcome::kOutOfRange);
    chunk = chunk_of(blob, 1);
    chunk.data.pop_back();
    EXPECT_EQ(outcome(chunk), ChunkOutcome::kWrongSize);
    chunk = chunk_of(blob, 2);
    chunk.data.push_back(0);
    EXPECT_EQ(outcome(chunk), ChunkOutcome::kWrongSize);
    chunk = chunk_of(blob, 1);
    chunk.data[500] ^= 1U;
    EXPECT_EQ(outcome(chunk), ChunkOutcome::kWrongContent);
    chunk = chunk_of(blob, 1);
    chunk.index = 0;  // right bytes, another place
    EXPECT_EQ(outcome(chunk), ChunkOutcome::kWrongContent);
    EXPECT_EQ(receiver.chunks_received(), 0U);
    EXPECT_TRUE(store->empty()) << "nothing unchecked is written";
    EXPECT_EQ(receiver.finish().error().code, Errc::kNotNow);
    EXPECT_EQ(outcome(chunk_of(blob, 1)), ChunkOutcome::kStored);
    EXPECT_EQ(outcome(chunk_of(blob, 1)), ChunkOutcome::kDuplicate);
}

TEST(Upload, ReceiverRefusesRootsThatAreNotTheBlobs) {
    SampleBlob blob = sample_blob(2 * kMiB);
    std::swap(blob.shape.chunk_roots[0], blob.shape.chunk_roots[1]);
    const auto receiver = UploadReceiver::open(
        blob.shape, std::make_unique<MemoryBlobWriter>(std::make_shared<Bytes>(), 2 * kMiB));
    ASSERT_FALSE(receiver.has_value());
    EXPECT_EQ(receiver.error().code, Errc::kCorrupt);
}

TEST(Upload, SenderSurvivesAHostileCoordinator) {
    const SampleBlob blob = sample_blob(2 * kMiB);
    UploadSender sender = sender_of(blob);
    EXPECT_FALSE(sender.on_state({blob.shape.root, {0xFF}, 8, false}).has_value());
    EXPECT_FALSE(sender.on_state({blob.shape.root, {}, 8, false}).has_value());
    EXPECT_FALSE(sender.on_state({blob.shape.root, {0x01}, 8, true}).has_value());
    EXPECT_FALSE(sender.on_ack({blob.shape.root, 2}).has_value());
    EXPECT_FALSE(sender.started());
    Digest other = blob.shape.root;
    other.bytes[0] ^= 1U;
    EXPECT_TRUE(sender.on_state({other, {0x03}, 8, true}).has_value()) << "of another upload";
    EXPECT_FALSE(sender.started());
}

// ---- Download ----------------------------------------------------------------------------------

struct DownloadWorld {
    SampleBlob blob;
    std::shared_ptr<Bytes> store = std::make_shared<Bytes>();
    int opened = 0;
    BlobServer server{[this](const Digest& root) -> Result<ServedBlob> {
        ++opened;
        if (root != blob.shape.root) {
            return fail(Errc::kNotFound, "/var/lib/secret/path: no such file");
        }
        return ServedBlob{blob.shape, std::make_shared<MemoryBlobReader>(blob.bytes)};
    }};

    explicit DownloadWorld(std::size_t size) : blob(sample_blob(size)) {}

    Downloader downloader(std::uint64_t bytes_max = std::uint64_t{1} << 30U) {
        return {blob.shape.root, bytes_max,
                [this](const BlobShape& shape) -> Result<std::unique_ptr<BlobWriter>> {
                    return std::make_unique<MemoryBlobWriter>(store, shape.total_bytes);
                }};
    }
    wire::FetchInfo info(const Downloader& down) {
        return std::get<wire::FetchInfo>(server.on_begin(down.begin()));
    }
};

// RETURNS the number of chunks that travelled.
std::size_t run_download(DownloadWorld& world, Downloader& down) {
    std::size_t chunks = 0;
    std::deque<wire::FetchChunk> requests;
    for (;;) {
        for (auto request = down.next(); request; request = down.next()) {
            requests.push_back(*request);
        }
        EXPECT_LE(requests.size(), limits::kChunkCredits);
        if (requests.empty()) {
            return chunks;
        }
        const auto data = std::get<wire::FetchData>(world.server.on_chunk(requests.front()));
        requests.pop_front();
        EXPECT_EQ(down.on_data(data).value(), ChunkOutcome::kStored);
        ++chunks;
    }
}

TEST(Download, ArrivesUnderTheWindow) {
    DownloadWorld world(12 * kMiB + 3);
    Downloader down = world.downloader();
    EXPECT_EQ(down.next(), std::nullopt) << "before the size is known";
    EXPECT_EQ(down.finish().error().code, Errc::kNotNow);
    ASSERT_TRUE(down.on_info(world.info(down)).has_value());
    EXPECT_EQ(run_download(world, down), 13U);
    ASSERT_TRUE(down.complete());
    ASSERT_TRUE(down.finish().has_value());
    EXPECT_TRUE(*world.store == *world.blob.bytes);
    EXPECT_EQ(world.opened, 1) << "the blob stays open";
}

TEST(Download, GoesOnAfterAReconnectAndAfterARestart) {
    DownloadWorld world(12 * kMiB);
    Downloader down = world.downloader();
    ASSERT_TRUE(down.on_info(world.info(down)).has_value());
    const auto first = down.next();
    const auto lost = down.next();
    ASSERT_TRUE(first && lost);
    ASSERT_TRUE(down.on_data(std::get<wire::FetchData>(world.server.on_chunk(*first))).has_value());
    down.on_link_lost();
    EXPECT_EQ(down.next(), std::nullopt);
    ASSERT_TRUE(down.on_info(world.info(down)).has_value());
    EXPECT_EQ(down.next()->index, lost->index) << "asked for again";

    Downloader restarted = world.downloader();
    ASSERT_TRUE(restarted.on_info(world.info(restarted)).has_value());
    EXPECT_EQ(restarted.chunks_received(), 1U);
    EXPECT_EQ(run_download(world, restarted), 11U);
    ASSERT_TRUE(restarted.finish().has_value());
    EXPECT_TRUE(*world.store == *world.blob.bytes);
}

TEST(Download, RefusesAHostileServer) {
    DownloadWorld world(2 * kMiB);
    Downloader small = world.downloader(kMiB);
    EXPECT_EQ(small.on_info(world.info(small)).error().code, Errc::kLimitExceeded);
    Downloader down = world.downloader();
    wire::FetchInfo lie = world.info(down);
    lie.chunk_roots[0].bytes[0] ^= 1U;
    EXPECT_EQ(down.on_info(lie).error().code, Errc::kCorrupt);
    ASSERT_TRUE(down.on_info(world.info(down)).has_value());
    auto data = std::get<wire::FetchData>(world.server.on_chunk(*down.next()));
    data.data[7] ^= 1U;
    EXPECT_EQ(down.on_data(data).value(), ChunkOutcome::kWrongContent);
    EXPECT_TRUE(world.store->empty());
    EXPECT_EQ(down.next()->index, data.index) << "asked for again";
}

TEST(BlobServer, RefusesWithoutNamingFiles) {
    DownloadWorld world(kMiB);
    const auto refusal =
        std::get<wire::Refusal>(world.server.on_begin({sample_blob(3, 99).shape.root}));
    EXPECT_EQ(refusal.code, wire::RefusalCode::kNotFound);
    EXPECT_THAT(refusal.reason, ::testing::Not(::testing::HasSubstr("/var")));
    const auto past = world.server.on_chunk({world.blob.shape.root, 1});
    EXPECT_EQ(std::get<wire::Refusal>(past).code, wire::RefusalCode::kOutOfRange);
}

TEST(BlobServer, KeepsAFewBlobsOpen) {
    std::vector<SampleBlob> blobs;
    for (std::uint64_t i = 0; i < 3; ++i) {
        blobs.push_back(sample_blob(10, i));
    }
    std::vector<Digest> opened;
    BlobServer server(
        [&](const Digest& root) -> Result<ServedBlob> {
            opened.push_back(root);
            const auto it = std::find_if(blobs.begin(), blobs.end(), [&](const SampleBlob& blob) {
                return blob.shape.root == root;
            });
            return ServedBlob{it->shape, std::make_shared<MemoryBlobReader>(it->bytes)};
        },
        2);
    const auto touch = [&](std::size_t i) { (void)server.on_begin({blobs[i].shape.root}); };
    touch(0);
    touch(1);
    touch(0);
    touch(2);  // closes 1, which was used longest ago
    touch(0);
    EXPECT_EQ(opened.size(), 3U);
    touch(1);
    EXPECT_EQ(opened.size(), 4U);
    server.forget(blobs[1].shape.root);
    touch(1);
    EXPECT_EQ(opened.size(), 5U);
}

}  // namespace
}  // namespace fedstake::transport
