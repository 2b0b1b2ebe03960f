//! The rows of the protocol, one story for each: RFC 7643, 7644 and 9865 through the real router.
//!
//! Test names begin with the row that they prove: `rfc_flt24_...` for FLT-24.

mod cursors;
mod filter_places;
mod filter_refusals;
mod filters;
mod lookups;
mod pages;
mod people;
mod plans;
mod roots;
mod searches;
mod sorts;
