//! A description of a network: read whole, understood row by row, turned into what is to be done.
//!
//! ```text
//!  a file or a folder -> source -> sheets, document -> rows, or every fault with its place
//!  a row + what is there -> errands (people, places, ties) -> bodies for the use cases
//! ```
//!
//! Nothing is changed here: `operate` carries errands out, first under a veil and then in
//! earnest, through the same use case that SCIM comes through. Rows name each other by what
//! people know (`ORG####`, site code, system name, user name), never by id.
//!
//! What a row does not speak of is left alone, and nothing is removed: an empty cell says
//! nothing, lists grow, and who is missing from a sheet stays. Reading twice is reading once.
//!
//! A refusal names its file, row and column (or JSON path) and never what stands there.
//!
//! Rejected: ids in the files (nobody who writes a sheet knows them), and removing what is not
//! described (half a sheet would empty a hospital).

mod document;
mod errand;
mod finder;
mod groups;
mod people;
mod places;
mod row;
mod sample;
mod sheets;
mod sort;
mod source;
mod ties;

pub use errand::Deed;
pub use errand::Errand;
pub use finder::Finder;
pub use finder::Stop;
pub use row::Place;
pub use row::Refusal;
pub use row::Row;
pub use row::Spot;
pub use sample::Sample;
pub use sort::Sort;
pub use source::Heap;
pub use source::Source;
pub use source::read;

/// What a row asks for, by what is there now; nothing when all of it is there.
pub async fn errands(finder: &Finder<'_>, row: &Row) -> Result<Vec<Errand>, Stop> {
    match row.sort {
        Sort::Organizations => places::organization(finder, row).await,
        Sort::Sites => places::site(finder, row).await,
        Sort::RoomSystems => places::room(finder, row).await,
        Sort::Providers => places::provider(finder, row).await,
        Sort::Pools => places::pool(finder, row).await,
        Sort::People => people::person(finder, row).await,
        Sort::Groups => groups::group(finder, row).await,
        Sort::Delegations => ties::delegation(finder, row).await,
        Sort::Schedulers => ties::scheduler(finder, row).await,
    }
}
