// How many files a process may hold open.
#pragma once

namespace fedstake {

// Raises the soft limit to the hard one: a round of n sites reads up to 4 n files at once, and the
// usual soft limit of 1024 is for programs that use select(). Does nothing where it cannot.
void allow_many_open_files() noexcept;

}  // namespace fedstake
