// Connections of those who do not belong to the federation.
#include <gtest/gtest.h>

#include "proto/transport/dealer_client.hpp"
#include "tests/integration/hand_written_site.hpp"
#include "tests/integration/loopback_http.hpp"
#include "tests/integration/program_output.hpp"
#include "tests/integration/running_federation.hpp"

namespace fedstake::testing {
namespace {

using namespace std::chrono_literals;

TEST(StrangerWithoutEnrolment, IsRefusedInSightOfTheOperatorAndTheRoundIsUnharmed) {
    RunningFederation running(small_options());
    FS_ASSERT_OK(running.parts().found());
    // One site is played by hand and holds the first round open while the stranger knocks.
    FS_ASSERT_OK(running.start_rounds_without(3));
    auto held = HandWrittenSite::join(running.parts(), running.parts().sites().back());
    FS_ASSERT_OK(held);
    const auto context = (*held)->wait_for_round(1);
    FS_ASSERT_OK(context);

    transport::DealerOptions options;
    options.endpoint = running.parts().manifest().endpoint;
    options.server_key = running.parts().manifest().coordinator_curve_key;
    options.secret_key = transport::generate_curve_keys().secret_key;
    auto stranger = transport::DealerClient::start(std::move(options));
    FS_ASSERT_OK(stranger);
    ASSERT_TRUE(wait_until([&] { return (*stranger)->state() == transport::LinkState::kRefused; }))
        << "state " << transport::link_state_name((*stranger)->state());
    const std::uint16_t http = running.parts().ports().http;
    EXPECT_TRUE(wait_until([&] {
        return metric(http, "fedstake_handshakes_refused_total{reason=\"not-enrolled\"}") >= 1.0;
    })) << http_get(http, "/metrics");
    EXPECT_TRUE(wait_until([&] {
        return read_text(running.folder() / "coordinator.log").find("reason=not-enrolled") !=
               std::string::npos;
    })) << running.log();
    (*stranger)->stop();

    ASSERT_TRUE(
        wait_until([&] { return running.events("update_accepted", in_round(1)).size() == 3; }));
    const std::vector<std::int32_t> values(13, 1000);
    const UploadAnswer answer = (*held)->upload((*held)->update_for(*context, values), values);
    EXPECT_TRUE(answer.receipt) << (answer.refusal ? answer.refusal->reason : "no answer");
    ASSERT_TRUE(running.wait_for_event("round_attested", in_round(1))) << running.log();
    EXPECT_TRUE(running.events("round_aborted").empty());
}

}  // namespace
}  // namespace fedstake::testing
