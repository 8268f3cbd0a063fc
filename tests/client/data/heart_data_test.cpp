// The four hospitals of the UCI Heart Disease data set, against the counts in the literature
// (Ogier du Terrail et al., "FLamby", 2022, Fed-Heart-Disease).
#include <gtest/gtest.h>

#include "client/data/csv.hpp"
#include "client/data/split.hpp"
#include "tests/support/shared_data.hpp"

namespace fedstake::data {
namespace {

struct Hospital {
    const char* name;
    std::size_t rows_read;
    std::size_t rows;
    std::size_t positives;
    std::size_t train;
};
constexpr Hospital kHospitals[] = {{"cleveland", 303, 303, 139, 199},
                                   {"hungarian", 294, 261, 98, 172},
                                   {"switzerland", 123, 46, 45, 30},
                                   {"va", 200, 130, 101, 85}};

TEST(HeartData, HasTheKnownRowsAndPositives) {
    FEDSTAKE_NEED_SHARED(folder, "data/heart");
    const Schema schema = builtin_schema("uci-heart").value();
    for (const Hospital& hospital : kHospitals) {
        const auto csv =
            load_csv(folder / (std::string("processed.") + hospital.name + ".data"), schema);
        ASSERT_TRUE(csv) << csv.error().message;
        EXPECT_EQ(csv->rows_read, hospital.rows_read) << hospital.name;
        EXPECT_EQ(csv->data.rows(), hospital.rows) << hospital.name;
        EXPECT_EQ(csv->data.positives(), hospital.positives) << hospital.name;
        EXPECT_EQ(csv->data.inputs, 13U);
        const auto prepared = prepare(csv->data, 1);
        ASSERT_TRUE(prepared);
        EXPECT_EQ(prepared->train.rows(), hospital.train) << hospital.name;
    }
}

TEST(HeartData, FirstPatientReadsAsWritten) {
    FEDSTAKE_NEED_SHARED(folder, "data/heart");
    const auto csv =
        load_csv(folder / "processed.cleveland.data", builtin_schema("uci-heart").value());
    ASSERT_TRUE(csv);
    const auto row = csv->data.row(0);
    const std::vector<float> expected = {63, 1, 0, 0, 0, 145, 233, 1, 0, 1, 150, 0, 2.3F};
    EXPECT_EQ(std::vector<float>(row.begin(), row.end()), expected);
    EXPECT_EQ(csv->data.labels[0], 0);
    EXPECT_EQ(csv->data.labels[1], 1);
}

}  // namespace
}  // namespace fedstake::data
