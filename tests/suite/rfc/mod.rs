//! The requirements of RFC 7643 and RFC 7644, one story or several for each, through the real
//! router. Names begin with the requirements that they prove: `rfc_pat31_pat32_...`.

mod bulk;
mod bulk_references;
mod delete;
mod errors;
mod made;
mod media;
mod patch_add;
mod patch_members;
mod patch_remove;
mod patch_replace;
mod put;
mod security;
mod versions;
