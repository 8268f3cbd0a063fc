// The fields of transfer_messages.hpp with their bounds. Private to wire; see archive.hpp.
#pragma once

#include "proto/wire/archive.hpp"
#include "proto/wire/messages.hpp"

namespace fedstake::wire {

template <class A>
void describe_shape(A& a, std::uint64_t total_bytes, const std::vector<Digest>& chunk_roots) {
    const std::uint64_t chunks =
        total_bytes / limits::kChunkBytes + (total_bytes % limits::kChunkBytes != 0 ? 1 : 0);
    a.require(total_bytes != 0, "total_bytes", "zero");
    a.require(chunk_roots.size() == chunks, "chunk_roots", "not one root for each 1 MiB chunk");
}

template <class A>
void describe_chunk(A& a, Ref<A, std::uint64_t> index, Ref<A, Bytes> data) {
    a.number("index", index, std::uint64_t{kChunksMax - 1});
    a.bytes("data", data, limits::kChunkBytes);
    a.require(!data.empty(), "data", "empty");
}

template <class A>
void describe(A& a, Ref<A, UploadBegin> m) {
    a.bytes("signed_update", m.signed_update, kSignedUpdateBytesMax);
    a.number("total_bytes", m.total_bytes, limits::kCoordinatesMax * 4);
    a.fixed_list("chunk_roots", m.chunk_roots, kChunksMax);
    describe_shape(a, m.total_bytes, m.chunk_roots);
}

template <class A>
void describe(A& a, Ref<A, UploadState> m) {
    a.fixed("update_root", m.update_root);
    a.bytes("have", m.have, kChunksMax / 8);
    a.number("credits", m.credits, static_cast<std::uint32_t>(limits::kChunkCredits));
    a.flag("done", m.done);
}

template <class A>
void describe(A& a, Ref<A, UploadChunk> m) {
    a.fixed("update_root", m.update_root);
    describe_chunk(a, m.index, m.data);
}

template <class A>
void describe(A& a, Ref<A, UploadAck> m) {
    a.fixed("update_root", m.update_root);
    a.number("index", m.index, std::uint64_t{kChunksMax - 1});
}

template <class A>
void describe(A& a, Ref<A, UploadEnd> m) {
    a.fixed("update_root", m.update_root);
}

template <class A>
void describe(A& a, Ref<A, Receipt> m) {
    a.nested("receipt", m.receipt);
    a.fixed("signature", m.signature);
}

template <class A>
void describe(A& a, Ref<A, Refusal> m) {
    a.code("code", m.code, kRefusalCodeLast);
    a.text("reason", m.reason, kReasonBytesMax);
    a.number("round", m.round);
    a.fixed("update_root", m.update_root);
}

template <class A>
void describe(A& a, Ref<A, FetchBegin> m) {
    a.fixed("root", m.root);
}

template <class A>
void describe(A& a, Ref<A, FetchInfo> m) {
    a.fixed("root", m.root);
    a.number("total_bytes", m.total_bytes, limits::kCoordinatesMax * 4);
    a.fixed_list("chunk_roots", m.chunk_roots, kChunksMax);
    describe_shape(a, m.total_bytes, m.chunk_roots);
}

template <class A>
void describe(A& a, Ref<A, FetchChunk> m) {
    a.fixed("root", m.root);
    a.number("index", m.index, std::uint64_t{kChunksMax - 1});
}

template <class A>
void describe(A& a, Ref<A, FetchData> m) {
    a.fixed("root", m.root);
    describe_chunk(a, m.index, m.data);
}

}  // namespace fedstake::wire
