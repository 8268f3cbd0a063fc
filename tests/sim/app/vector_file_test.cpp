// The aggregate as an .npy file.
#include "sim/app/vector_file.hpp"

#include <cmath>
#include <cstring>

#include <gtest/gtest.h>

#include "tests/sim/app/sim_program.hpp"
#include "tests/support/temp_dir.hpp"

namespace fedstake::sim {
namespace {

Spool& filled(Spool& spool, const std::vector<std::int32_t>& steps) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(steps.data());
    EXPECT_TRUE(spool.append({bytes, steps.size() * 4}));
    return spool;
}

template <class Value>
std::vector<Value> values_behind_header(const std::string& file, std::size_t count) {
    std::vector<Value> values(count);
    EXPECT_GE(file.size(), count * sizeof(Value));
    std::memcpy(values.data(), file.data() + (file.size() - count * sizeof(Value)),
                count * sizeof(Value));
    return values;
}

TEST(VectorFile, ReadsStepsAsExactNumbers) {
    Spool spool;
    const FixedPointVector vector{.steps = &filled(spool, {1, -3, INT32_MAX}), .exponent = -30};
    std::vector<double> values(3);
    ASSERT_TRUE(vector.read(0, values));
    EXPECT_EQ(values, (std::vector<double>{0x1p-30, -0x3p-30, INT32_MAX * 0x1p-30}));
}

TEST(VectorFile, WritesBothTypesInPieces) {
    const fedstake::testing::TempDir folder;
    std::vector<std::int32_t> steps(10'000);
    for (std::size_t k = 0; k < steps.size(); ++k) {
        steps[k] = static_cast<std::int32_t>(k * 100'003) - 400'000'000;
    }
    Spool spool;
    const FixedPointVector vector{.steps = &filled(spool, steps), .exponent = -5};
    ASSERT_TRUE(write_npy_vector(folder / "f8.npy", vector, ElementType::kFloat64));
    ASSERT_TRUE(write_npy_vector(folder / "f4.npy", vector, ElementType::kFloat32));
    const std::string f8 = file_text(folder / "f8.npy");
    const std::string f4 = file_text(folder / "f4.npy");
    EXPECT_EQ(f8.size() % 64, 10'000 * 8 % 64);
    EXPECT_NE(f8.find("'<f8', 'fortran_order': False, 'shape': (10000,)"), std::string::npos);
    EXPECT_NE(f4.find("'<f4', 'fortran_order': False, 'shape': (10000,)"), std::string::npos);
    const auto doubles = values_behind_header<double>(f8, steps.size());
    const auto floats = values_behind_header<float>(f4, steps.size());
    for (std::size_t k = 0; k < steps.size(); ++k) {
        ASSERT_EQ(doubles[k], steps[k] * 0x1p-5);
        ASSERT_EQ(floats[k], static_cast<float>(steps[k] * 0x1p-5));
    }
    EXPECT_FALSE(std::filesystem::exists(folder / "f8.npy.part"));
}

TEST(VectorFile, LeavesNothingBehindWhenItFails) {
    const fedstake::testing::TempDir folder;
    Spool spool;
    const FixedPointVector vector{.steps = &filled(spool, {1 << 30}), .exponent = 100};
    const Status large = write_npy_vector(folder / "large.npy", vector, ElementType::kFloat32);
    ASSERT_FALSE(large);
    EXPECT_EQ(large.error().code, Errc::kLimitExceeded);
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
    const Status absent = write_npy_vector(folder / "no" / "x", vector, ElementType::kFloat64);
    ASSERT_FALSE(absent);
    EXPECT_EQ(absent.error().code, Errc::kUnavailable);
}

}  // namespace
}  // namespace fedstake::sim
