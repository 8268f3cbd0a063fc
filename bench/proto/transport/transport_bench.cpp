// Loopback throughput of a 400 MB update: through CURVE alone, and as a whole upload (chunk hashes,
// protobuf, credits, part file), beside the rates of memcpy and of hashing in the same run.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "proto/base/check.hpp"
#include "proto/base/rng.hpp"
#include "proto/crypto/content_tree.hpp"
#include "proto/transport/dealer_client.hpp"
#include "proto/transport/file_blob.hpp"
#include "proto/transport/memory_blob.hpp"
#include "proto/transport/router_server.hpp"
#include "proto/transport/transfer_upload.hpp"
#include "proto/wire/codec.hpp"

namespace fedstake::transport {
namespace {

constexpr std::size_t kUpdateBytes = 400'000'000;
constexpr std::chrono::milliseconds kPatience{30'000};

const std::shared_ptr<const Bytes>& update() {
    static const auto kBytes = [] {
        auto bytes = std::make_shared<Bytes>(kUpdateBytes);
        Rng rng(1);
        for (std::size_t i = 0; i + 8 <= bytes->size(); i += 8) {
            const std::uint64_t word = rng.next();
            std::memcpy(bytes->data() + i, &word, sizeof word);
        }
        return std::shared_ptr<const Bytes>(std::move(bytes));
    }();
    return kBytes;
}

const BlobShape& update_shape() {
    static const BlobShape kShape = [] {
        crypto::ContentHasher hasher;
        hasher.update(*update());
        crypto::FileContent content = std::move(hasher).finish();
        return BlobShape{content.root, content.total_bytes, std::move(content.chunk_roots)};
    }();
    return kShape;
}

void set_rate(benchmark::State& state) {
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                            static_cast<std::int64_t>(kUpdateBytes));
}

void copy_memory(benchmark::State& state) {
    const Bytes& source = *update();
    Bytes target(source.size());
    for (auto _ : state) {
        std::memcpy(target.data(), source.data(), source.size());
        benchmark::DoNotOptimize(target.data());
        benchmark::ClobberMemory();
    }
    set_rate(state);
}

void hash_chunks(benchmark::State& state) {
    const ByteView bytes(*update());
    for (auto _ : state) {
        for (std::uint64_t i = 0; i < update_shape().chunks(); ++i) {
            benchmark::DoNotOptimize(crypto::chunk_root(
                i, bytes.subspan(i * limits::kChunkBytes, update_shape().chunk_bytes(i))));
        }
    }
    set_rate(state);
}

// A server and one connected site.
struct Link {
    Link() {
        const CurveKeyPair server_keys = generate_curve_keys();
        const CurveKeyPair site_keys = generate_curve_keys();
        RouterOptions options;
        options.secret_key = server_keys.secret_key;
        options.allowed = {{site_keys.public_key, SiteId{}}};
        server = RouterServer::start(std::move(options)).value();
        DealerOptions dealer;
        dealer.endpoint = "tcp://127.0.0.1:" + std::to_string(server->port());
        dealer.server_key = server_keys.public_key;
        dealer.secret_key = site_keys.secret_key;
        client = DealerClient::start(std::move(dealer)).value();
        const auto up = client->next(kPatience);
        FS_CHECK(up && std::get<LinkEvent>(*up).state == LinkState::kUp);
    }
    std::unique_ptr<RouterServer> server;
    std::unique_ptr<DealerClient> client;
};

// 1 MiB messages with one byte back for each, eight on the way.
void curve_messages(benchmark::State& state) {
    Link link;
    const ByteView bytes(*update());
    const std::uint64_t chunks = update_shape().chunks();
    for (auto _ : state) {
        std::thread receiver([&] {
            for (std::uint64_t i = 0; i < chunks; ++i) {
                const auto input = link.server->next(kPatience);
                FS_CHECK(input.has_value());
                FS_CHECK(link.server->send(std::get<Incoming>(*input).peer, {1}).has_value());
            }
        });
        std::uint64_t sent = 0;
        for (std::uint64_t acknowledged = 0; acknowledged < chunks;) {
            while (sent < chunks && sent - acknowledged < limits::kChunkCredits) {
                const ByteView chunk =
                    bytes.subspan(sent * limits::kChunkBytes, update_shape().chunk_bytes(sent));
                FS_CHECK(link.client->send(Bytes(chunk.begin(), chunk.end())).has_value());
                ++sent;
            }
            FS_CHECK(link.client->next(kPatience).has_value());
            ++acknowledged;
        }
        receiver.join();
    }
    set_rate(state);
}

void receive_upload(RouterServer& server, UploadReceiver& receiver) {
    while (!receiver.finished()) {
        const auto input = server.next(kPatience);
        FS_CHECK(input.has_value());
        const auto& incoming = std::get<Incoming>(*input);
        const wire::Message message = wire::decode(incoming.payload).value();
        wire::Message answer = receiver.state();
        if (const auto* chunk = std::get_if<wire::UploadChunk>(&message)) {
            FS_CHECK(receiver.on_chunk(*chunk).value() == ChunkOutcome::kStored);
            answer = wire::UploadAck{chunk->update_root, chunk->index};
        } else if (std::holds_alternative<wire::UploadEnd>(message)) {
            FS_CHECK(receiver.finish().has_value());
            answer = receiver.state();
        }
        FS_CHECK(server.send(incoming.peer, wire::encode(answer).value()).has_value());
    }
}

void send_upload(DealerClient& client, UploadSender& sender) {
    FS_CHECK(client.send(wire::encode(sender.begin()).value()).has_value());
    while (!sender.done()) {
        const auto input = client.next(kPatience);
        FS_CHECK(input.has_value());
        const wire::Message message = wire::decode(std::get<Bytes>(*input)).value();
        if (const auto* ack = std::get_if<wire::UploadAck>(&message)) {
            FS_CHECK(sender.on_ack(*ack).has_value());
        } else {
            FS_CHECK(sender.on_state(std::get<wire::UploadState>(message)).has_value());
        }
        for (auto next = sender.next().value(); next; next = sender.next().value()) {
            FS_CHECK(client.send(wire::encode(*next).value()).has_value());
        }
    }
}

void whole_upload(benchmark::State& state) {
    Link link;
    const std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("fedstake-bench-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    for (auto _ : state) {
        auto writer = FilePartWriter::open(folder / "x.part", folder / "x", kUpdateBytes).value();
        UploadReceiver receiver = UploadReceiver::open(update_shape(), std::move(writer)).value();
        UploadSender sender({1}, update_shape(), std::make_shared<MemoryBlobReader>(update()));
        std::thread receiving([&] { receive_upload(*link.server, receiver); });
        send_upload(*link.client, sender);
        receiving.join();
    }
    std::filesystem::remove_all(folder);
    set_rate(state);
}

BENCHMARK(copy_memory)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(hash_chunks)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(curve_messages)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(whole_upload)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace fedstake::transport
