//! the wire contract: .proto files and the types generated from them
