// The first model: its shape follows the rules, its values are the same everywhere.
#include "coordinator/app/initial_model.hpp"

#include <cmath>
#include <cstring>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"

namespace fedstake::coordinator {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

rules::RoundRules logistic() {
    rules::RoundRules rules;
    rules.model.kind = "logistic";
    rules.model.inputs = 13;
    rules.model.outputs = 1;
    rules.model.site_local = {"*.bias"};
    rules.coordinates = 13;
    return rules;
}

rules::RoundRules mlp() {
    rules::RoundRules rules;
    rules.model.kind = "mlp";
    rules.model.inputs = 4;
    rules.model.hidden = {8, 3};
    rules.model.outputs = 2;
    rules.coordinates = 4 * 8 + 8 + 8 * 3 + 3 + 3 * 2 + 2;
    return rules;
}

Result<Bytes> initial_model(const rules::RoundRules& rules, const std::filesystem::path& file) {
    Bytes bytes;
    FS_TRY(write_initial_model(rules, file, [&](ByteView piece) {
        bytes.insert(bytes.end(), piece.begin(), piece.end());
        return Status{};
    }));
    return bytes;
}

std::vector<float> floats(const Bytes& bytes) {
    std::vector<float> values(bytes.size() / 4);
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
}

TEST(InitialModel, LeavesOutWhatStaysAtTheSites) {
    const auto tensors = shared_tensors(logistic());
    ASSERT_TRUE(tensors.has_value()) << tensors.error().message;
    ASSERT_EQ(tensors->size(), 1U);
    EXPECT_EQ((*tensors)[0].name, "linear.weight");
    EXPECT_THAT((*tensors)[0].shape, ElementsAre(1, 13));
}

TEST(InitialModel, RefusesACountThatIsNotTheModels) {
    auto rules = logistic();
    rules.coordinates = 14;
    const auto tensors = shared_tensors(rules);
    ASSERT_FALSE(tensors.has_value());
    EXPECT_THAT(tensors.error().message, HasSubstr("13 shared parameters"));
}

TEST(InitialModel, LogisticStartsAtZero) {
    EXPECT_EQ(initial_model(logistic(), {}).value(), Bytes(52, 0));
}

TEST(InitialModel, MlpIsSeededAndScaledByFanIn) {
    const auto first = initial_model(mlp(), {});
    ASSERT_TRUE(first.has_value()) << first.error().message;
    EXPECT_EQ(*first, initial_model(mlp(), {}).value());
    auto other = mlp();
    other.model.init_seed = 2;
    EXPECT_NE(*first, initial_model(other, {}).value());
    const auto values = floats(*first);
    bool any = false;
    for (std::size_t i = 0; i < 32; ++i) {
        EXPECT_LE(std::fabs(values[i]), 0.5F) << "1 / sqrt(4)";
        any = any || values[i] != 0.0F;
    }
    EXPECT_TRUE(any);
    for (std::size_t i = 32; i < 40; ++i) {
        EXPECT_EQ(values[i], 0.0F) << "biases start at zero";
    }
}

TEST(InitialModel, TorchscriptNeedsAFile) {
    auto rules = logistic();
    rules.model.kind = "torchscript";
    const auto model = initial_model(rules, {});
    ASSERT_FALSE(model.has_value());
    EXPECT_THAT(model.error().message, HasSubstr("initial_model"));
}

TEST(InitialModel, ReadsAFileOfExactlyTheRightFiniteValues) {
    fedstake::testing::TempDir dir;
    const auto write = [&](const std::vector<float>& values) {
        std::ofstream out(dir / "model", std::ios::binary);
        out.write(reinterpret_cast<const char*>(values.data()),
                  static_cast<std::streamsize>(values.size() * 4));
    };
    std::vector<float> values(13, 1.5F);
    write(values);
    EXPECT_EQ(floats(initial_model(logistic(), dir / "model").value()), values);
    values[3] = NAN;
    write(values);
    EXPECT_THAT(initial_model(logistic(), dir / "model").error().message, HasSubstr("value 3"));
    values.pop_back();
    write(values);
    EXPECT_THAT(initial_model(logistic(), dir / "model").error().message,
                HasSubstr("13 float32 values"));
    EXPECT_EQ(initial_model(logistic(), dir / "none").error().code, Errc::kNotFound);
}

TEST(Glob, MatchesStarsAndQuestionMarks) {
    EXPECT_TRUE(matches_glob("*.bias", "linear.bias"));
    EXPECT_TRUE(matches_glob("layers.?.weight", "layers.1.weight"));
    EXPECT_TRUE(matches_glob("*", ""));
    EXPECT_TRUE(matches_glob("a*b*c", "aXbYbZc"));
    EXPECT_FALSE(matches_glob("*.bias", "linear.weight"));
    EXPECT_FALSE(matches_glob("bias", "linear.bias"));
    EXPECT_FALSE(matches_glob("?", ""));
}

}  // namespace
}  // namespace fedstake::coordinator
