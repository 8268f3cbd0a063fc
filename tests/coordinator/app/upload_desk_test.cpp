// Uploads between messages, disk and worker: whatever a site offers in which order, every accepted
// update is made durable once.
#include "coordinator/app/upload_desk.hpp"

#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/crypto/content_tree.hpp"
#include "proto/crypto/sha256.hpp"
#include "tests/support/temp_dir.hpp"

namespace fedstake::coordinator {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::uint64_t kCoordinates = 300'000;  // two chunks

struct Update {
    rules::SignedUpdate signed_update;
    Bytes bytes;
    crypto::FileContent content;

    [[nodiscard]] Digest root() const { return content.root; }
    [[nodiscard]] UpdateName name() const {
        const auto& statement = signed_update.statement;
        return {.site = statement.site,
                .round = statement.round,
                .attempt = statement.attempt,
                .root = statement.update_root};
    }
    [[nodiscard]] wire::UploadChunk chunk(std::uint64_t index) const {
        const std::size_t begin = index * limits::kChunkBytes;
        const std::size_t size = std::min(limits::kChunkBytes, bytes.size() - begin);
        const ByteView view = ByteView(bytes).subspan(begin, size);
        return {root(), index, Bytes(view.begin(), view.end())};
    }
};

// The same seed gives the same bytes.
Update make_update(std::uint32_t attempt = 0, std::uint8_t seed = 1, RoundNumber round = 1) {
    Update update;
    for (std::uint64_t i = 0; i < kCoordinates; ++i) {
        update.bytes.insert(update.bytes.end(), {static_cast<std::uint8_t>(i % 251), seed, 0, 0});
    }
    crypto::ContentHasher hasher;
    hasher.update(update.bytes);
    update.content = std::move(hasher).finish();
    update.signed_update.details = Bytes{7};
    auto& statement = update.signed_update.statement;
    statement.site.bytes.fill(0x11);
    statement.round = round;
    statement.attempt = attempt;
    statement.update_root = update.content.root;
    statement.coordinates = kCoordinates;
    statement.details_digest = crypto::sha256(update.signed_update.details);
    return update;
}

class UploadDeskTest : public ::testing::Test {
protected:
    UploadDeskTest() {
        rules_.coordinates = kCoordinates;
        blobs_ = std::move(store::BlobStore::open(dir_.path()).value());
        desk_ = std::make_unique<UploadDesk>(
            *blobs_, rules_, *worker_, loop_,
            [this](UploadFinished finished) { finished_.push_back(std::move(finished)); });
    }
    ~UploadDeskTest() override { let_worker_go(); }

    // The worker begins nothing more until let_worker_go().
    void hold_worker() {
        worker_->order([gate = gate_.get_future().share()] { gate.wait(); });
        held_ = true;
    }
    void let_worker_go() {
        if (std::exchange(held_, false)) {
            gate_.set_value();
        }
    }
    // Until everything that was ordered is done.
    void drain() {
        let_worker_go();
        bool done = false;
        worker_->order([&] { loop_.post([&] { done = true; }); });
        while (!done) {
            const auto tasks = loop_.wait(Duration{20'000});
            ASSERT_THAT(tasks, ::testing::Not(IsEmpty())) << "the worker is stuck";
            for (const auto& task : tasks) {
                task();
            }
        }
    }

    void offer(const Update& update) {
        const auto offered =
            desk_->offer({update.name().site, 1}, {.signed_update = update.signed_update.encode(),
                                                   .total_bytes = update.content.total_bytes,
                                                   .chunk_roots = update.content.chunk_roots});
        ASSERT_TRUE(offered.has_value()) << offered.error().reason;
    }
    // Which chunks the desk has, as the site is told; nothing for a refusal.
    std::optional<Bytes> begin(const Update& update) {
        offer(update);
        const auto answer = desk_->allow(update.signed_update);
        const auto* state = std::get_if<wire::UploadState>(&answer);
        return state == nullptr ? std::nullopt : std::optional<Bytes>(state->have);
    }
    void send(const Update& update, std::uint64_t index) {
        const auto answer = desk_->chunk(update.name().site, update.chunk(index));
        ASSERT_TRUE(answer && std::holds_alternative<wire::UploadAck>(*answer));
    }
    void send_all(const Update& update) {
        send(update, 0);
        send(update, 1);
    }
    std::optional<wire::Message> end(const Update& update) {
        return desk_->end(update.name().site, wire::UploadEnd{update.root()});
    }
    // What became of the uploads, in order: "attempt:refusal".
    std::vector<std::string> verdicts() const {
        std::vector<std::string> out;
        for (const UploadFinished& item : finished_) {
            out.push_back(
                std::to_string(item.update.statement.attempt) + ":" +
                (item.verdict ? std::string(round::refusal_name(*item.verdict)) : "error"));
        }
        return out;
    }
    static std::string good(std::uint32_t attempt) {
        return std::to_string(attempt) + ":" +
               std::string(round::refusal_name(round::Refusal::kNone));
    }

    const Bytes kNothing{0x00};
    const Bytes kFirst{0x01};
    const Bytes kBoth{0x03};

    fedstake::testing::TempDir dir_;
    rules::RoundRules rules_;
    std::unique_ptr<store::BlobStore> blobs_;
    EventLoop loop_;
    std::vector<UploadFinished> finished_;
    std::unique_ptr<UploadDesk> desk_;
    std::promise<void> gate_;
    bool held_ = false;
    std::unique_ptr<Worker> worker_ = std::make_unique<Worker>();
};

TEST_F(UploadDeskTest, MakesAnUpdateDurableAndSaysWhatTheGateFound) {
    const Update update = make_update();
    EXPECT_EQ(begin(update), kNothing);
    send(update, 0);
    EXPECT_TRUE(end(update)) << "a chunk is missing";
    send(update, 1);
    EXPECT_EQ(end(update), std::nullopt);
    drain();
    EXPECT_THAT(verdicts(), ::testing::ElementsAre(good(0)));
    EXPECT_TRUE(blobs_->verify(update.root()).has_value());
}

TEST_F(UploadDeskTest, UpdateThatTheWorkerHasIsNeitherDroppedNorFinishedTwice) {
    const Update update = make_update();
    hold_worker();
    begin(update);
    send_all(update);
    end(update);
    const Update other = make_update(0, 2, 9);
    offer(other);
    desk_->drop(other.name());  // it was signed for another round
    desk_->drop(update.name());
    desk_->drop_all();
    EXPECT_EQ(begin(update), kBoth) << "the receipt is on its way";
    EXPECT_EQ(desk_->chunk(update.name().site, update.chunk(0)),
              std::optional<wire::Message>(wire::UploadAck{update.root(), 0}));
    EXPECT_EQ(end(update), std::nullopt);
    drain();
    EXPECT_THAT(verdicts(), ::testing::ElementsAre(good(0)));
}

TEST_F(UploadDeskTest, SameBytesForTheNextAttemptWaitForTheWorker) {
    const Update first = make_update(0);
    const Update second = make_update(1);
    ASSERT_EQ(first.root(), second.root());
    hold_worker();
    begin(first);
    send_all(first);
    end(first);
    desk_->drop_all();  // the attempt is aborted
    EXPECT_EQ(begin(second), kBoth);
    desk_->drop(second.name());  // takes no file from under the worker
    EXPECT_EQ(begin(second), kBoth);
    EXPECT_EQ(end(second), std::nullopt);
    drain();
    EXPECT_THAT(verdicts(), ::testing::ElementsAre(good(0), good(1)));
    EXPECT_TRUE(blobs_->verify(second.root()).has_value());
}

TEST_F(UploadDeskTest, PartFileThatIsGoneIsAnErrorOfThatUploadAndTheBytesAreTakenAgain) {
    const Update update = make_update();
    begin(update);
    send_all(update);
    std::filesystem::remove(blobs_->part_of(update.name().site, update.root()));
    end(update);
    drain();
    ASSERT_THAT(finished_, SizeIs(1));
    ASSERT_FALSE(finished_[0].verdict.has_value());
    EXPECT_EQ(finished_[0].verdict.error().code, Errc::kNotFound);
    EXPECT_EQ(begin(update), kNothing);
    send_all(update);
    end(update);
    drain();
    EXPECT_EQ(verdicts().at(1), good(0));
}

TEST_F(UploadDeskTest, PartFileThatIsGoneDoesNotMatterWhereTheBlobIsStored) {
    const Update update = make_update();
    begin(update);
    send_all(update);
    std::filesystem::rename(blobs_->part_of(update.name().site, update.root()),
                            blobs_->path_of(update.root()));
    end(update);
    drain();
    EXPECT_THAT(verdicts(), ::testing::ElementsAre(good(0)));
}

TEST_F(UploadDeskTest, DamagedBlobIsRemovedAndTheBytesAreTakenAgain) {
    const Update first = make_update(0);
    begin(first);
    send_all(first);
    end(first);
    drain();
    std::filesystem::resize_file(blobs_->path_of(first.root()), first.bytes.size() - 1);
    const Update second = make_update(1);
    ASSERT_EQ(first.root(), second.root());
    EXPECT_EQ(begin(second), kBoth);
    end(second);
    drain();
    ASSERT_THAT(finished_, SizeIs(2));
    ASSERT_FALSE(finished_[1].verdict.has_value()) << "the site is not to blame";
    EXPECT_EQ(finished_[1].verdict.error().code, Errc::kNotFound);
    EXPECT_EQ(begin(second), kNothing);
    send_all(second);
    end(second);
    drain();
    EXPECT_EQ(verdicts().at(2), good(1));
    EXPECT_TRUE(blobs_->verify(second.root()).has_value());
}

TEST_F(UploadDeskTest, RefusalDropsOnlyItsOwnUpdate) {
    const Update update = make_update(1);
    begin(update);
    send(update, 0);
    desk_->drop(make_update(0).name());  // a late word about the attempt before
    desk_->drop(make_update(1, 2).name());
    EXPECT_EQ(begin(update), kFirst);
    desk_->drop(update.name());
    EXPECT_FALSE(std::filesystem::exists(blobs_->part_of(update.name().site, update.root())));
    EXPECT_EQ(begin(update), kNothing);
}

TEST_F(UploadDeskTest, KnowsWhichAnswersWouldBeTakenForTheNewerOffer) {
    const Update first = make_update(0);
    const Update second = make_update(1);
    offer(first);
    EXPECT_FALSE(desk_->superseded(first.name()));
    offer(second);
    EXPECT_TRUE(desk_->superseded(first.name()));
    EXPECT_FALSE(desk_->superseded(second.name()));
    offer(make_update(1, 2));
    EXPECT_FALSE(desk_->superseded(first.name())) << "the root tells them apart";
}

TEST_F(UploadDeskTest, TakesNoBytesUnderTheShapeOfAnotherOffer) {
    const Update update = make_update();
    offer(update);
    offer(make_update(0, 2));
    const auto answer = desk_->allow(update.signed_update);
    ASSERT_TRUE(std::holds_alternative<wire::Refusal>(answer));
    EXPECT_EQ(std::get<wire::Refusal>(answer).code, wire::RefusalCode::kBusy);
}

}  // namespace
}  // namespace fedstake::coordinator
