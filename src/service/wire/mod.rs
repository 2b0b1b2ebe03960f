//! The meeting point of documents and records.
