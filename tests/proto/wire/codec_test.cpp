// Round trips of every message, and a refusal for every bound.
#include "proto/wire/codec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "proto/fedstake/v1/frame.pb.h"
#include "tests/proto/wire/sample_messages.hpp"

namespace fedstake::wire {
namespace {

using testing::filled;
using ::testing::HasSubstr;
using testing::sample_messages;

// Bytes of a frame written by protobuf itself, as a hostile or foreign client would.
Bytes raw(const fedstake::v1::Frame& frame) {
    const std::string text = frame.SerializeAsString();
    return {text.begin(), text.end()};
}

void expect_refused(ByteView frame, Errc code, const std::string& words) {
    const auto message = decode(frame);
    ASSERT_FALSE(message.has_value()) << "accepted as " << message_name(*message);
    EXPECT_EQ(message.error().code, code) << message.error().message;
    EXPECT_THAT(message.error().message, HasSubstr(words));
}

void expect_not_encodable(const Message& message, Errc code, const std::string& words) {
    const auto bytes = encode(message);
    ASSERT_FALSE(bytes.has_value());
    EXPECT_EQ(bytes.error().code, code) << bytes.error().message;
    EXPECT_THAT(bytes.error().message, HasSubstr(words));
}

void expect_all_set(const google::protobuf::Message& message) {
    const auto* type = message.GetDescriptor();
    const auto& reflection = *message.GetReflection();
    for (int i = 0; i < type->field_count(); ++i) {
        const auto* field = type->field(i);
        if (field->is_repeated()) {
            EXPECT_GT(reflection.FieldSize(message, field), 0) << std::string(field->full_name());
        } else {
            EXPECT_TRUE(reflection.HasField(message, field)) << std::string(field->full_name());
        }
        if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE &&
            !field->is_repeated()) {
            expect_all_set(reflection.GetMessage(message, field));
        }
    }
}

TEST(Codec, EveryMessageSurvivesTheRoundTrip) {
    const auto messages = sample_messages();
    ASSERT_EQ(messages.size(), std::variant_size_v<Message>);
    for (std::size_t i = 0; i < messages.size(); ++i) {
        ASSERT_EQ(messages[i].index(), i) << "samples are in the order of the variant";
        const auto bytes = encode(messages[i]);
        ASSERT_TRUE(bytes.has_value()) << bytes.error().message;
        const auto back = decode(*bytes);
        ASSERT_TRUE(back.has_value()) << message_name(messages[i]) << ": " << back.error().message;
        EXPECT_TRUE(*back == messages[i]) << message_name(messages[i]);
    }
}

TEST(Codec, EveryFieldOfTheSchemaIsWritten) {
    for (const Message& message : sample_messages()) {
        fedstake::v1::Frame frame;
        const Bytes bytes = encode(message).value();
        ASSERT_TRUE(frame.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
        const auto& reflection = *frame.GetReflection();
        const auto* oneof = fedstake::v1::Frame::descriptor()->oneof_decl(0);
        expect_all_set(
            reflection.GetMessage(frame, reflection.GetOneofFieldDescriptor(frame, oneof)));
    }
}

TEST(Codec, LargestChunkFitsAFrame) {
    const UploadChunk chunk{filled<Digest>(1), kChunksMax - 1, Bytes(limits::kChunkBytes, 0xAB)};
    const auto bytes = encode(chunk);
    ASSERT_TRUE(bytes.has_value());
    EXPECT_TRUE(decode(*bytes).value() == Message(chunk));
}

TEST(Codec, LargestBlobsRootsFitAFrame) {
    const UploadBegin begin{Bytes(kSignedUpdateBytesMax, 1), limits::kCoordinatesMax * 4,
                            std::vector<Digest>(kChunksMax, filled<Digest>(3))};
    EXPECT_TRUE(decode(encode(begin).value()).value() == Message(begin));
}

TEST(Codec, FederationOfMaximumSizeFitsAFrame) {
    auto request = std::get<AttestRequest>(sample_messages()[18]);
    request.context.assign(limits::kSitesMax * 85 + 200, 7);
    request.signed_updates.assign(limits::kSitesMax, Bytes(400, 5));
    request.report.assign(limits::kSitesMax * 512, 'x');
    request.faults.assign(limits::kSitesMax, request.faults[0]);
    const auto bytes = encode(request);
    ASSERT_TRUE(bytes.has_value()) << bytes.error().message;
    EXPECT_TRUE(decode(*bytes).value() == Message(request));
}

TEST(Codec, RefusesEmptyGarbageAndOversizedFrames) {
    expect_refused({}, Errc::kInvalidInput, "holds no message");
    expect_refused(Bytes(100, 0xFF), Errc::kInvalidInput, "bad number");
    expect_refused(Bytes(limits::kFrameBytesMax + 1, 0), Errc::kLimitExceeded, "at most");
}

TEST(Codec, RefusesTwoMessagesInOneFrame) {
    Bytes both = encode(Bye{"a"}).value();
    const Bytes second = encode(StatusRequest{}).value();
    both.insert(both.end(), second.begin(), second.end());
    expect_refused(both, Errc::kInvalidInput, "given twice");
}

TEST(Codec, RefusesTruncationAtEveryByte) {
    for (const Message& message : sample_messages()) {
        const Bytes bytes = encode(message).value();
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            EXPECT_FALSE(decode(ByteView(bytes).first(size)).has_value())
                << message_name(message) << " cut to " << size;
        }
    }
}

TEST(Codec, RefusesFixedSizesThatAreAbsentOrWrong) {
    fedstake::v1::Frame frame;
    frame.mutable_fetch_begin();
    expect_refused(raw(frame), Errc::kInvalidInput, "FetchBegin.root: not 32 bytes");
    frame.mutable_fetch_begin()->set_root(std::string(33, 'x'));
    expect_refused(raw(frame), Errc::kInvalidInput, "FetchBegin.root: not 32 bytes");
    frame.mutable_round_closed()->set_accepted(std::string(21, 'x'));
    expect_refused(raw(frame), Errc::kInvalidInput, "RoundClosed.accepted: not a multiple of 20");
    frame.mutable_receipt()->set_signature(std::string(65, 'x'));
    expect_refused(raw(frame), Errc::kInvalidInput, "Receipt.receipt: missing");
}

TEST(Codec, RefusesSitesOutOfOrderAndTwice) {
    const SiteId low = filled<SiteId>(1);
    const SiteId high = filled<SiteId>(2);
    expect_not_encodable(RoundClosed{1, 0, {high, low}}, Errc::kInvalidInput, "not ascending");
    expect_not_encodable(RoundClosed{1, 0, {low, low}}, Errc::kInvalidInput, "not ascending");
    fedstake::v1::Frame frame;
    frame.mutable_round_closed()->set_accepted(to_text(high.view()) + to_text(low.view()));
    expect_refused(raw(frame), Errc::kInvalidInput, "not ascending");
}

TEST(Codec, RefusesMoreSitesThanAFederationHolds) {
    std::vector<SiteId> sites(limits::kSitesMax + 1);
    for (std::size_t i = 0; i < sites.size(); ++i) {
        sites[i].bytes[18] = static_cast<std::uint8_t>(i >> 8U);
        sites[i].bytes[19] = static_cast<std::uint8_t>(i);
    }
    expect_not_encodable(RoundClosed{1, 0, sites}, Errc::kLimitExceeded, "at most 512");
    fedstake::v1::Frame frame;
    frame.mutable_round_closed()->set_accepted(std::string(20 * (limits::kSitesMax + 1), 'x'));
    expect_refused(raw(frame), Errc::kLimitExceeded, "at most 512");
}

TEST(Codec, RefusesEnumsOutOfRange) {
    fedstake::v1::Frame frame;
    frame.mutable_refusal()->set_update_root(std::string(32, 'x'));
    expect_refused(raw(frame), Errc::kInvalidInput, "Refusal.code: unknown value");
    frame.mutable_refusal()->set_code(kRefusalCodeLast + 1U);
    expect_refused(raw(frame), Errc::kInvalidInput, "Refusal.code: unknown value");
    frame.mutable_refusal()->set_code(257);
    expect_refused(raw(frame), Errc::kInvalidInput, "Refusal.code: unknown value");
}

TEST(Codec, RefusesMetricsThatMakeNoSense) {
    SiteMetrics metrics{1, 10, 5, 6, 0.5};
    expect_not_encodable(metrics, Errc::kInvalidInput, "more than test_rows");
    metrics.test_correct = 5;
    for (const double bad : {std::numeric_limits<double>::quiet_NaN(),
                             std::numeric_limits<double>::infinity(), -1.0}) {
        metrics.loss = bad;
        expect_not_encodable(metrics, Errc::kInvalidInput, "SiteMetrics.loss");
        fedstake::v1::Frame frame;
        frame.mutable_site_metrics()->set_loss(bad);
        expect_refused(raw(frame), Errc::kInvalidInput, "SiteMetrics.loss");
    }
}

TEST(Codec, RefusesChunksThatNoBlobHas) {
    UploadChunk chunk{filled<Digest>(1), kChunksMax, {1}};
    expect_not_encodable(chunk, Errc::kLimitExceeded, "UploadChunk.index");
    chunk = {filled<Digest>(1), 0, {}};
    expect_not_encodable(chunk, Errc::kInvalidInput, "UploadChunk.data: empty");
    chunk.data.resize(limits::kChunkBytes + 1);
    expect_not_encodable(chunk, Errc::kLimitExceeded, "UploadChunk.data");
}

TEST(Codec, RefusesBlobsWhoseRootsDoNotFitTheirSize) {
    const std::vector<Digest> two(2, filled<Digest>(1));
    expect_not_encodable(FetchInfo{filled<Digest>(1), limits::kChunkBytes, two},
                         Errc::kInvalidInput, "FetchInfo.chunk_roots");
    expect_not_encodable(FetchInfo{filled<Digest>(1), 0, {}}, Errc::kInvalidInput, "zero");
    expect_not_encodable(UploadBegin{{1}, limits::kCoordinatesMax * 4 + 1, two},
                         Errc::kLimitExceeded, "UploadBegin.total_bytes");
}

TEST(Codec, RefusesNumbersAboveTheirBound) {
    expect_not_encodable(UploadState{filled<Digest>(1), {}, limits::kChunkCredits + 1, false},
                         Errc::kLimitExceeded, "UploadState.credits");
    auto record = std::get<RoundRecord>(sample_messages()[22]);
    record.faults[0].fault.bps = 10'001;
    expect_not_encodable(record, Errc::kLimitExceeded, "RoundRecord.faults.fault.bps");
    record.faults[0].fault.bps = 10;
    record.signatures[1].auditor = 0;
    expect_not_encodable(record, Errc::kInvalidInput, "RoundRecord.signatures");
    record.signatures[1].auditor = limits::kAuditorsMax;
    expect_not_encodable(record, Errc::kInvalidInput, "auditor out of range");
    fedstake::v1::Frame frame;  // a bps that would wrap a 16-bit integer
    const Bytes good = encode(sample_messages()[22]).value();
    ASSERT_TRUE(frame.ParseFromArray(good.data(), static_cast<int>(good.size())));
    frame.mutable_round_record()->mutable_faults(0)->mutable_fault()->set_bps(65'536 + 5);
    expect_refused(raw(frame), Errc::kLimitExceeded, "bps");
    frame.mutable_round_record()->mutable_faults(0)->mutable_fault()->set_bps(5);
    frame.mutable_round_record()->mutable_commitment()->set_reward_total("short");
    expect_refused(raw(frame), Errc::kInvalidInput, "commitment.reward_total: not 16 bytes");
}

TEST(Codec, RefusesTextsThatCouldDriveATerminal) {
    expect_not_encodable(Bye{"\x1b[2J"}, Errc::kInvalidInput, "control characters");
    expect_not_encodable(Bye{"two\nlines"}, Errc::kInvalidInput, "control characters");
    expect_not_encodable(Bye{std::string(kReasonBytesMax + 1, 'x')}, Errc::kLimitExceeded,
                         "Bye.reason");
    fedstake::v1::Frame frame;
    frame.mutable_bye()->set_reason("\x1b[2J");
    expect_refused(raw(frame), Errc::kInvalidInput, "control characters");
    const Bytes bad_utf8 = {0x1A, 0x04, 0x0A, 0x02, 0xC3, 0x28};  // bye { reason: C3 28 }
    expect_refused(bad_utf8, Errc::kInvalidInput, "UTF-8");
}

TEST(Codec, ErrorsDoNotEchoThePeersBytes) {
    fedstake::v1::Frame frame;
    frame.mutable_bye()->set_reason("secret-looking" + std::string(kReasonBytesMax, 'x'));
    const auto message = decode(raw(frame));
    ASSERT_FALSE(message.has_value());
    EXPECT_THAT(message.error().message, ::testing::Not(HasSubstr("secret-looking")));
}

TEST(Messages, RefusalNamesAreStable) {
    EXPECT_EQ(refusal_name(RefusalCode::kNotEnrolled), "not-enrolled");
    EXPECT_EQ(refusal_name(RefusalCode::kWrongBaseModel), "wrong-base-model");
    EXPECT_EQ(refusal_name(RefusalCode::kBusy), "busy");
    EXPECT_EQ(refusal_name(RefusalCode::kUnexpected), "unexpected");
}

}  // namespace
}  // namespace fedstake::wire
