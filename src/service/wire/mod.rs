//! The meeting point of documents and records.
//!
//! SCIM documents come in canonical form from `scim`; records leave for `store`. `model` knows,
//! per resource type, which attributes are indexed and which live outside the document; `keys`
//! reads index entries out of a document; `condition` turns a filter into what an index can
//! answer, `comparison` one comparison of it; `render` turns records into finished answers;
//! `members` handles the links of groups and room systems, `groups` shows those of groups from
//! the person's side, `access_group` reads the extension of access groups, `directory` tells
//! whose a group is, `reference` the attributes that lead to another record (`spelling`: by
//! which words, `filled`: which of their parts nothing is found by, `unseen`: which of them a
//! caller does not see), `organization` what the tenancy needs of an organization, `person` what
//! is worked out of a person (`plain`: of most people, without a look); `shelf` keeps finished answers about people.
//!
//! Invariant: a record's body is the canonical document with `id`, finished JSON; `meta`,
//! `groups` and `members` are spliced in when it is read.

pub mod access_group;
pub mod comparison;
pub mod condition;
pub mod directory;
pub mod filled;
pub mod groups;
pub mod keys;
pub mod members;
pub mod model;
pub mod organization;
pub mod person;
pub mod plain;
pub mod reference;
pub mod render;
pub mod shelf;
pub mod spelling;
pub mod unseen;
