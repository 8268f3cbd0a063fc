// An open file that closes itself. Private to the library's file adapters.
#pragma once

#include <utility>

#include <unistd.h>

namespace fedstake::crypto {

class FileDescriptor {
public:
    explicit FileDescriptor(int fd) noexcept : fd_(fd) {}
    ~FileDescriptor() { close(); }
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;

    // Negative where open failed.
    [[nodiscard]] int get() const noexcept { return fd_; }
    // RETURNS whether close(2) reported no write error. Does nothing the second time.
    bool close() noexcept { return fd_ < 0 || ::close(std::exchange(fd_, -1)) == 0; }

private:
    int fd_;
};

}  // namespace fedstake::crypto
