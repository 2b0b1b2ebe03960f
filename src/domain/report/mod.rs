//! Reports: the five exports that administrators review and answer for, as tables of texts.
//!
//! ```text
//!  people, delegations, rooms as of an instant -> users | delegates | scheduling | deactivated
//!                                              -> Table: headers, and rows one by one
//!  kind, organization, zone, instant           -> file_name
//! ```
//!
//! The caller reads the facts as they were at one instant; what is made of them depends on
//! nothing else, so an export as of T equals the one taken at T (EX8). Bytes are the sheet's
//! business, scopes and events the service's.
//!
//! Invariants: headers, labels and words are those of the source documents, letter for letter
//! (EX1). The users report and the deactivated report together name every account of the
//! organization, and both name exactly the temporarily deactivated (EX2). A count is the number
//! of marks beside it (EX3). Without facts there is the header (EX4). No two headers of a pivot
//! are the same (EX5). Rows and columns have one order (`order`), whatever order the facts came
//! in. A pivot row costs its marks, not its columns.
//!
//! Who belongs to an organization is decided in one place, [`person::Person::belongs`] (Q34).
//! A closed person stands in the deactivated report and in no other, neither as row nor as
//! column (Q8); a person that a relation names and nobody handed in is an error, because a
//! delegate who is silently missing is worse than no report.
//!
//! Rejected: a cell matrix for pivots (2,000 rooms by 5,000 schedulers is ten million cells, most
//! of them empty); collation by language (two administrators would get two orders of one file).

pub mod deactivated;
pub mod delegates;
pub mod file_name;
pub mod kind;
pub mod order;
pub mod person;
pub mod pivot;
pub mod scheduling;
pub mod table;
pub mod users;

#[cfg(test)]
mod tests;
