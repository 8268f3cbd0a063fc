// Result of an operation that may fail: a value or an Error that says what to do.
//
// Every fallible function returns Result<T> (or Status). Third-party exceptions are caught once, in
// the adapter that can raise them, and become an Error. A misbehaving site is data, never an Error.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace fedstake {

// Codes are named for what the caller does about them.
enum class Errc : std::uint8_t {
    kInvalidInput = 1,   // the caller's data is wrong: fix it and call again
    kUnauthorized = 2,   // not allowed for this identity
    kNotNow = 3,         // valid, but not in this state (too early, too late, already done)
    kLimitExceeded = 4,  // a configured bound was hit
    kUnavailable = 5,    // a peer, node or disk did not answer: retry later
    kConflict = 6,       // another writer or another truth: do not retry blindly
    kCorrupt = 7,        // stored or received bytes do not match their digest
    kNotFound = 8,       // the named thing does not exist
    kInternal = 9,       // a bug or an impossible state
};

// Stable lower-case name of a code, for logs and JSON ("invalid-input").
[[nodiscard]] std::string_view errc_name(Errc code) noexcept;

// What went wrong, in a sentence a person can act on.
struct Error {
    Errc code = Errc::kInternal;
    std::string message;

    friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

// Makes the failing side of any Result: `return fail(Errc::kInvalidInput, "rounds must be >= 1");`
[[nodiscard]] inline tl::unexpected<Error> fail(Errc code, std::string message) {
    return tl::unexpected<Error>(Error{code, std::move(message)});
}

// The same error with "prefix: " in front of its message, to add where it happened.
[[nodiscard]] tl::unexpected<Error> with_context(Error error, std::string_view prefix);

}  // namespace fedstake

#define FS_CONCAT_INNER(a, b) a##b
#define FS_CONCAT(a, b) FS_CONCAT_INNER(a, b)

// Returns the error of `expr` from the enclosing function, if it has one.
#define FS_TRY(expr)                                                                      \
    do {                                                                                  \
        auto fs_try_result = (expr);                                                      \
        if (!fs_try_result) {                                                             \
            return ::tl::unexpected<::fedstake::Error>(std::move(fs_try_result).error()); \
        }                                                                                 \
    } while (false)

// FS_ASSIGN(auto x, f()); declares x from the value of f(), or returns its error.
#define FS_ASSIGN(declaration, expr) \
    FS_ASSIGN_IMPL(FS_CONCAT(fs_assign_, __LINE__), declaration, expr)
#define FS_ASSIGN_IMPL(temporary, declaration, expr)                              \
    auto temporary = (expr);                                                      \
    if (!temporary) {                                                             \
        return ::tl::unexpected<::fedstake::Error>(std::move(temporary).error()); \
    }                                                                             \
    declaration = *std::move(temporary)
