// Which texts may travel, and how others are made to fit.
#include <gtest/gtest.h>

#include "proto/wire/codec.hpp"
#include "proto/wire/text.hpp"

namespace fedstake::wire {
namespace {

TEST(Text, AcceptsUtf8) {
    EXPECT_EQ(text_fault("Universitätsspital Zürich, 東京, 😀", false), "");
}

TEST(Text, RefusesMalformedUtf8) {
    for (const std::string_view bad :
         {"\x80", "\xC0\xAF", "\xC3", "\xC3(", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80",
          "\xF8\x88\x80\x80\x80", "\xE2\x82"}) {
        EXPECT_EQ(text_fault(bad, true), "not UTF-8");
    }
}

TEST(Text, RefusesControlAndDirectionCharacters) {
    const std::string nul("a\0b", 3);
    for (const std::string_view bad : {std::string_view(nul), std::string_view("\x7F"),
                                       std::string_view("\xC2\x9B"),         // C1 CSI
                                       std::string_view("\xE2\x80\xAE"),     // right-to-left
                                       std::string_view("\xEF\xBB\xBF")}) {  // byte order mark
        EXPECT_NE(text_fault(bad, true), "");
    }
    EXPECT_NE(text_fault("a\nb", false), "");
    EXPECT_EQ(text_fault("a\n\tb", true), "");
}

TEST(Text, PrintableFitsAndIsAccepted) {
    EXPECT_EQ(printable("fine"), "fine");
    EXPECT_EQ(printable("a\x1b[2Jb\xFF"), "a?[2Jb?");
    EXPECT_EQ(printable("ééé", 5), "éé");
    EXPECT_EQ(printable(std::string(2000, 'x')).size(), kReasonBytesMax);
    EXPECT_TRUE(encode(Bye{printable("two\nlines")}).has_value());
}

}  // namespace
}  // namespace fedstake::wire
