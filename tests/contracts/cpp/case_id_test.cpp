// Names of cases.
#include "contracts/cpp/case_id.hpp"

#include <gtest/gtest.h>

namespace fedstake::chain {
namespace {

TEST(CaseNumber, IsTheFrontOfTheDigest) {
    EXPECT_EQ(case_number(*Digest::parse("0102030405060708" + std::string(48, 'f'))),
              0x0102030405060708U);
}

}  // namespace
}  // namespace fedstake::chain
