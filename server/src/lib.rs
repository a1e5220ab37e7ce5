//! the gRPC service: translate, persist, answer, stream
