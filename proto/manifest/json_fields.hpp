// Fields of the small JSON files that people pass on by hand.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "proto/base/result.hpp"

namespace fedstake::manifest {

// A text field that T::parse() takes. RETURNS kInvalidInput naming the field where there is none.
template <class T>
[[nodiscard]] Status read_hex(const nlohmann::json& object, const char* name, T& out) {
    const auto found = object.find(name);
    if (found == object.end() || !found->is_string()) {
        return fail(Errc::kInvalidInput, std::string("no text field '") + name + "'");
    }
    auto value = T::parse(found->template get<std::string>());
    if (!value) return with_context(value.error(), name);
    out = *value;
    return {};
}

}  // namespace fedstake::manifest
