// Released models: what is written, and everything a reader must not believe.
#include "client/training/safetensors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temp_dir.hpp"

namespace fedstake::training {
namespace {

using ::testing::HasSubstr;

TensorFile some_file() {
    return {.tensors = {{.name = "linear.weight", .shape = {1, 3}, .values = {1.0F, -2.5F, 0.0F}},
                        {.name = "empty", .shape = {0, 4}, .values = {}},
                        {.name = "scalar", .shape = {}, .values = {7.0F}}},
            .metadata = {{"federation", "0x01"}, {"round", "15"}}};
}

Bytes file_of(std::string_view header, std::size_t data_bytes) {
    Bytes bytes(8);
    for (std::size_t i = 0; i < 8; ++i) {
        bytes[i] = static_cast<std::uint8_t>(header.size() >> (8 * i));
    }
    bytes.insert(bytes.end(), header.begin(), header.end());
    bytes.resize(bytes.size() + data_bytes);
    return bytes;
}

std::string error_of(std::string_view header, std::size_t data_bytes = 4) {
    const auto decoded = decode_safetensors(file_of(header, data_bytes));
    if (decoded) return "(no error)";
    EXPECT_EQ(decoded.error().code, Errc::kCorrupt);
    return decoded.error().message;
}

TEST(Safetensors, ReadsBackTheSame) {
    const auto again = decode_safetensors(encode_safetensors(some_file()).value());
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(*again, some_file());
}

TEST(Safetensors, HasTheDocumentedBytes) {
    const Bytes bytes =
        encode_safetensors({.tensors = {{.name = "w", .shape = {1}, .values = {1.0F}}}}).value();
    const std::string header = R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
    const std::size_t padded = (header.size() + 7) / 8 * 8;
    ASSERT_EQ(bytes.size(), 8 + padded + 4);
    EXPECT_EQ(bytes[0], padded);
    EXPECT_EQ(to_text(ByteView(bytes).subspan(8, header.size())), header);
    EXPECT_EQ(to_hex(ByteView(bytes).last(4)), "0000803f");
}

TEST(Safetensors, RefusesToWriteWhatDoesNotFit) {
    const auto refused = [](NamedTensor tensor) {
        return !encode_safetensors({.tensors = {std::move(tensor)}});
    };
    EXPECT_TRUE(refused({.name = "", .shape = {1}, .values = {1}}));
    EXPECT_TRUE(refused({.name = "__metadata__", .shape = {1}, .values = {1}}));
    EXPECT_TRUE(refused({.name = "w", .shape = {2}, .values = {1}}));
    EXPECT_TRUE(refused({.name = "w", .shape = {-1}, .values = {1}}));
    const NamedTensor tensor{.name = "w", .shape = {1}, .values = {1}};
    EXPECT_FALSE(encode_safetensors({.tensors = {tensor, tensor}}));
}

TEST(Safetensors, SurvivesEveryCut) {
    const Bytes bytes = encode_safetensors(some_file()).value();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(decode_safetensors(ByteView(bytes).first(size))) << size;
    }
    Bytes longer = bytes;
    longer.push_back(0);
    EXPECT_FALSE(decode_safetensors(longer));
}

TEST(Safetensors, SurvivesEveryFlippedHeaderByte) {
    const Bytes bytes = encode_safetensors(some_file()).value();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        for (const unsigned bit : {0x01U, 0x04U, 0x80U}) {
            Bytes damaged = bytes;
            damaged[i] = static_cast<std::uint8_t>(damaged[i] ^ bit);
            static_cast<void>(decode_safetensors(damaged));  // any answer, no crash
        }
    }
}

TEST(Safetensors, RefusesHeadersThatLie) {
    EXPECT_THAT(error_of("[]"), HasSubstr("not JSON"));
    EXPECT_THAT(error_of("{"), HasSubstr("not JSON"));
    EXPECT_THAT(error_of(R"({"w":1})"), HasSubstr("exactly dtype"));
    EXPECT_THAT(error_of(R"({"w":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}})"),
                HasSubstr("F32"));
    EXPECT_THAT(error_of(R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})"),
                HasSubstr("do not agree"));
    EXPECT_THAT(error_of(R"({"w":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})"),
                HasSubstr("shape"));
    EXPECT_THAT(error_of(R"({"w":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}})"),
                HasSubstr("shape"));
    EXPECT_THAT(error_of(R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})"),
                HasSubstr("out of bounds"));
    EXPECT_THAT(error_of(R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})"),
                HasSubstr("out of bounds"));
    EXPECT_THAT(error_of(R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8),
                HasSubstr("gap or overlap"));
    EXPECT_THAT(error_of(R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 8),
                HasSubstr("no tensor"));
    EXPECT_THAT(error_of(R"({"__metadata__":{"a":1}})", 0), HasSubstr("not text"));
}

TEST(Safetensors, RefusesShapesWhoseProductOverflows) {
    // 2^32 * 2^32 * ... wraps to 1 in 64 bits only with care: both factors are legal alone.
    EXPECT_THAT(error_of(R"({"w":{"dtype":"F32","shape":[4294967296,4294967296],)"
                         R"("data_offsets":[0,0]}})",
                         0),
                HasSubstr("do not agree"));
}

TEST(Safetensors, RefusesOverlapAndRepeatedNames) {
    const std::string entry = R"({"dtype":"F32","shape":[1],"data_offsets":[0,4]})";
    EXPECT_THAT(error_of(R"({"a":)" + entry + R"(,"b":)" + entry + "}"),
                HasSubstr("gap or overlap"));
    EXPECT_THAT(error_of(R"({"a":)" + entry + R"(,"a":)" + entry + "}"),
                HasSubstr("\"a\" appears twice"));
}

TEST(Safetensors, RefusesHugeHeaderLengthsBeforeReading) {
    Bytes bytes(16, 0xff);
    const auto decoded = decode_safetensors(bytes);
    ASSERT_FALSE(decoded);
    EXPECT_THAT(decoded.error().message, HasSubstr("at most"));
}

TEST(Safetensors, RefusesDeepNesting) {
    EXPECT_THAT(error_of(std::string(100'000, '[')), HasSubstr("not JSON"));
}

TEST(Safetensors, FilesAppearWhole) {
    const testing::TempDir folder;
    const auto path = folder / "model.safetensors";
    ASSERT_TRUE(write_safetensors(path, some_file()));
    EXPECT_EQ(read_safetensors(path).value(), some_file());
    TensorFile other = some_file();
    other.metadata["round"] = "16";
    ASSERT_TRUE(write_safetensors(path, other));
    EXPECT_EQ(read_safetensors(path).value(), other);
    EXPECT_FALSE(std::filesystem::exists(folder / "model.safetensors.part"));
}

TEST(Safetensors, NamesTheFileThatFails) {
    const testing::TempDir folder;
    EXPECT_EQ(read_safetensors(folder / "none").error().code, Errc::kNotFound);
    std::ofstream(folder / "short") << "abc";
    const auto read = read_safetensors(folder / "short");
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message, HasSubstr("short"));
    const auto written = write_safetensors(folder / "no" / "model", some_file());
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, Errc::kUnavailable);
}

TEST(ReleasedModel, LeavesSiteLocalParametersOut) {
    rules::ModelRules model;
    model.inputs = 2;
    model.site_local = {"*.bias"};
    const auto layout = builtin_layout(model).value();
    const std::vector<float> shared = {1.0F, 2.0F};
    const TensorFile file = released_model(layout, shared, {{"round", "1"}});
    ASSERT_EQ(file.tensors.size(), 1U);
    EXPECT_EQ(file.tensors[0].name, "linear.weight");
    EXPECT_EQ(file.tensors[0].shape, (std::vector<std::int64_t>{1, 2}));
    EXPECT_EQ(file.tensors[0].values, shared);
}

}  // namespace
}  // namespace fedstake::training
