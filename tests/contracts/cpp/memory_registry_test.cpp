// Releases in the reference model.
#include "contracts/cpp/memory_registry.hpp"

#include <gtest/gtest.h>

#include "tests/contracts/cpp/memory_world.hpp"

namespace fedstake::chain {
namespace {

using testing::MemoryWorld;
using testing::refusal;

TEST(MemoryRegistry, ReleasesModelsInOrder) {
    MemoryWorld world;
    ASSERT_TRUE(world.commit(1, 0));
    PublishModel release = world.release(1);
    EXPECT_EQ(refusal(world.chain->publish(world.coordinator(), release)), "RoundNotFinal");
    world.chain->advance(world.chain->options().challenge_window);
    EXPECT_EQ(refusal(world.chain->publish(world.site(0), release)), "NotAuthorized");
    release.version = 2;
    EXPECT_EQ(refusal(world.chain->publish(world.coordinator(), release)), "VersionOutOfOrder");
    release.version = 1;
    ASSERT_TRUE(world.chain->publish(world.coordinator(), release));
    release.version = 2;
    EXPECT_EQ(refusal(world.chain->publish(world.coordinator(), release)), "ParentMismatch");
    release.parent = world.chain->record_of(release.model_id, 1);
    ASSERT_TRUE(world.chain->publish(world.coordinator(), release));
    EXPECT_EQ(world.chain->record_of(release.model_id, 2), provenance_hash(release));
}

TEST(MemoryRegistry, ARevokedVersionStaysRevoked) {
    MemoryWorld world;
    MemoryRegistry& registry = world.chain->registry();
    ASSERT_TRUE(world.commit(1, 0));
    world.chain->advance(world.chain->options().challenge_window);
    const PublishModel release = world.release(1);
    const Digest id = release.model_id;
    EXPECT_EQ(refusal(registry.set_status(world.coordinator(), id, 1, ReleaseStatus::kRevoked)),
              "UnknownVersion");
    ASSERT_TRUE(world.chain->publish(world.coordinator(), release));
    EXPECT_EQ(refusal(registry.set_status(world.site(0), id, 1, ReleaseStatus::kRevoked)),
              "NotAuthorized");
    ASSERT_TRUE(registry.set_status(world.coordinator(), id, 1, ReleaseStatus::kDeprecated));
    ASSERT_TRUE(registry.set_status(world.coordinator(), id, 1, ReleaseStatus::kActive));
    ASSERT_TRUE(registry.set_status(world.coordinator(), id, 1, ReleaseStatus::kRevoked));
    EXPECT_EQ(refusal(registry.set_status(world.coordinator(), id, 1, ReleaseStatus::kActive)),
              "AlreadyRevoked");
    EXPECT_EQ(registry.status_of(id, 1), ReleaseStatus::kRevoked);
}

TEST(MemoryRegistry, ThePublisherCanBeReplaced) {
    MemoryWorld world;
    MemoryRegistry& registry = world.chain->registry();
    ASSERT_TRUE(world.commit(1, 0));
    world.chain->advance(world.chain->options().challenge_window);
    EXPECT_EQ(refusal(registry.set_publisher(world.council(), world.site(0))),
              "AccessManagedUnauthorized");
    EXPECT_EQ(refusal(registry.set_publisher(world.governor(), Address{})), "ZeroAddress");
    ASSERT_TRUE(registry.set_publisher(world.governor(), world.site(0)));
    EXPECT_EQ(refusal(world.chain->publish(world.coordinator(), world.release(1))),
              "NotAuthorized");
    EXPECT_TRUE(world.chain->publish(world.site(0), world.release(1)));
}

}  // namespace
}  // namespace fedstake::chain
