#include "proto/base/result.hpp"

#include <gtest/gtest.h>

namespace fedstake {
namespace {

Result<int> half(int value) {
    if (value % 2 != 0) return fail(Errc::kInvalidInput, "odd");
    return value / 2;
}

Result<int> quarter(int value) {
    FS_ASSIGN(const int once, half(value));
    FS_TRY(half(once));
    return once / 2;
}

TEST(Result, TryAndAssignPassTheErrorOn) {
    EXPECT_EQ(*quarter(8), 2);
    EXPECT_EQ(quarter(6).error(), (Error{Errc::kInvalidInput, "odd"}));
    EXPECT_EQ(quarter(3).error().message, "odd");
}

TEST(Result, ContextIsPutInFront) {
    const Status status = with_context(Error{Errc::kCorrupt, "short"}, "file a");
    EXPECT_EQ(status.error().message, "file a: short");
    EXPECT_EQ(status.error().code, Errc::kCorrupt);
}

}  // namespace
}  // namespace fedstake
