// Pages until the newest block.
#include "contracts/cpp/evm/log_reader.hpp"

#include <algorithm>
#include <iterator>

namespace fedstake::evm {

namespace {

constexpr std::uint64_t kBlocksAtOnce = 2000;

}  // namespace

Result<std::vector<Log>> read_logs(EthNode& node, LogQuery query) {
    FS_ASSIGN(const BlockHead head, node.latest_block());
    query.to_block = head.number;
    std::vector<Log> logs;
    while (query.from_block <= head.number) {
        FS_ASSIGN(LogPage page, node.log_page(query));
        std::move(page.logs.begin(), page.logs.end(), std::back_inserter(logs));
        query.from_block = page.last_block + 1;
    }
    return logs;
}

Result<std::optional<Log>> newest_log(EthNode& node, LogQuery query) {
    FS_ASSIGN(const BlockHead head, node.latest_block());
    const std::uint64_t first = query.from_block;
    std::uint64_t end = head.number + 1;
    while (end > first) {
        const std::uint64_t begin = end - std::min(kBlocksAtOnce, end - first);
        std::optional<Log> found;
        for (std::uint64_t next = begin; next < end;) {
            query.from_block = next;
            query.to_block = end - 1;
            FS_ASSIGN(const LogPage page, node.log_page(query));
            if (!page.logs.empty()) found = page.logs.back();
            next = page.last_block + 1;
        }
        if (found) return found;
        end = begin;
    }
    return std::optional<Log>{};
}

Digest topic_of(const Address& address) noexcept {
    Digest topic;
    std::copy(address.bytes.begin(), address.bytes.end(), topic.bytes.begin() + 12);
    return topic;
}

Digest topic_of(std::uint64_t number) noexcept {
    Digest topic;
    for (std::size_t i = 0; i < 8; ++i) {
        topic.bytes[31 - i] = static_cast<std::uint8_t>(number >> (8 * i));
    }
    return topic;
}

}  // namespace fedstake::evm
