// The coordinator's data folder, held by one process at a time.
#pragma once

#include <filesystem>

#include "proto/base/result.hpp"

namespace fedstake::store {

// Holds an exclusive lock on `<path>/lock` for its lifetime; the system releases it when the
// process dies, however it dies.
class DataDir {
public:
    // Creates the folder (mode 0700). RETURNS kConflict, naming the process that holds it, when
    // another coordinator runs there; kUnavailable when it cannot be made or locked.
    [[nodiscard]] static Result<DataDir> open(const std::filesystem::path& path);
    ~DataDir();
    DataDir(DataDir&& other) noexcept;
    DataDir& operator=(DataDir&& other) noexcept;

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

private:
    DataDir(std::filesystem::path path, int fd) : path_(std::move(path)), fd_(fd) {}
    std::filesystem::path path_;
    int fd_ = -1;
};

// Makes a folder's entries durable. RETURNS kUnavailable naming the folder.
[[nodiscard]] Status sync_folder(const std::filesystem::path& path);

}  // namespace fedstake::store
