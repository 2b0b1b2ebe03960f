//! Answers about people that lie ready: finished once, kept until they may be others.
//!
//! Clients read the same people over and over, by id or by name, and most of the time nothing
//! has changed since. So a finished answer is kept with two numbers of the store: the edition of
//! the person's record and the count of links and groups of their organization
//! ([`Store::edition`], [`Store::ties`]). Both are asked before the record is read, and again
//! before what is kept is used: one answered commit later it is made anew.
//!
//! Kept is only what every connection that may see the person sees alike: the usual attributes,
//! now, with nothing hidden. Whose the person is, is checked at each use. Nothing else may decide
//! about the bytes: an attribute that depends on more (another person's record) makes its answer
//! one that does not last, and one that depends on the hour says until when it does
//! ([`Rendered::lasts`]).
//!
//! Most answers are asked for once: right before or after a change, or in a walk over everybody.
//! They would only push out those that are asked for often, so once there is no room for more an
//! answer is kept when it is asked for a second time before many others were.
//!
//! [`Store::edition`]: crate::store::Store::edition
//! [`Store::ties`]: crate::store::Store::ties

use std::sync::atomic::AtomicU32;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::scim::project::Projection;
use crate::service::Error;
use crate::service::Work;
use crate::service::access::visible;
use crate::service::wire::model::Model;
use crate::service::wire::render;
use crate::service::wire::render::Rendered;

/// Memory for what is kept, in bytes.
pub const MEMORY: u64 = 48 << 20;
/// So much is kept without a second asking.
const ROOM: u64 = MEMORY / 4 * 3;
/// About so many answers fit.
const ANSWERS: usize = 16_384;
/// What keeping one answer costs beside its bytes.
const OVERHEAD: usize = 256;
/// Places for those that were asked for lately; a power of two.
const LATELY: usize = 1 << 14;

/// A finished answer about one resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ready {
    /// Finished JSON.
    pub body: Bytes,
    /// The entity tag; printable ASCII.
    pub etag: Bytes,
    /// Where the resource is; printable ASCII.
    pub location: Bytes,
}

/// What is kept, by the identifier of its record.
pub struct Shelf {
    kept: Cache<Id, Entry, Weight>,
    /// Bytes that were ever put here.
    put: AtomicU64,
    lately: Box<[AtomicU32]>,
}

/// What the store counted before the record was read.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Mark {
    edition: u64,
    ties: u64,
}

/// What is kept of one answer. Small, and with one piece of memory behind it, whose beginning is
/// wanted first: reading it is mostly waiting for memory.
#[derive(Clone)]
struct Entry {
    mark: Mark,
    home: Partition,
    /// The last instant at which it is true.
    until: Moment,
    /// Tag, location, body.
    bytes: Bytes,
    /// Where the location and where the body begins.
    seams: (u16, u16),
}

#[derive(Clone)]
struct Weight;

impl Weighter<Id, Entry> for Weight {
    fn weight(&self, _: &Id, entry: &Entry) -> u64 {
        u64::try_from(entry.bytes.len().saturating_add(OVERHEAD)).unwrap_or(u64::MAX)
    }
}

impl Default for Shelf {
    fn default() -> Self {
        Self {
            kept: Cache::with_weighter(ANSWERS, MEMORY, Weight),
            put: AtomicU64::new(0),
            lately: (0..LATELY).map(|_| AtomicU32::new(0)).collect(),
        }
    }
}

impl std::fmt::Debug for Shelf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shelf")
    }
}

impl Shelf {
    /// Keeps an answer, if it is likely to be asked for again.
    fn keep(&self, id: Id, entry: Entry) {
        let weight = Weight.weight(&id, &entry);
        let room = self.put.load(Ordering::Relaxed).saturating_add(weight) <= ROOM;
        if room || self.again(id) {
            self.put.fetch_add(weight, Ordering::Relaxed);
            self.kept.insert(id, entry);
        }
    }

    /// Whether `id` was asked for lately; from now on it was.
    fn again(&self, id: Id) -> bool {
        let [.., a, b, c, d, e, f] = id.0;
        let place = usize::from(u16::from_be_bytes([e, f])) % LATELY;
        let word = u32::from_be_bytes([a, b, c, d]);
        let Some(slot) = self.lately.get(place) else { return false };
        let known = slot.load(Ordering::Relaxed) == word;
        if !known {
            slot.store(word, Ordering::Relaxed);
        }
        known
    }
}

impl Entry {
    /// `None` for an answer that does not last, or whose tag or location is of no usual length.
    fn new(mark: Mark, home: Partition, rendered: &Rendered, location: &str) -> Option<Self> {
        let (tag, body) = (rendered.etag.as_bytes(), rendered.body.as_slice());
        let ends = tag.len().checked_add(location.len())?;
        let seams = (u16::try_from(tag.len()).ok()?, u16::try_from(ends).ok()?);
        let bytes = Bytes::from([tag, location.as_bytes(), body].concat());
        Some(Self { mark, home, until: rendered.lasts?, bytes, seams })
    }

    fn ready(self) -> Ready {
        let (tag, ends) = (usize::from(self.seams.0), usize::from(self.seams.1));
        let mut body = self.bytes;
        let mut etag = body.split_to(ends.min(body.len()));
        let location = etag.split_off(tag.min(etag.len()));
        Ready { body, etag, location }
    }
}

impl Ready {
    /// The opaque part of the entity tag.
    pub fn tag(&self) -> &str {
        let tag = self.etag.strip_prefix(b"W/\"").and_then(|rest| rest.strip_suffix(b"\""));
        tag.and_then(|tag| std::str::from_utf8(tag).ok()).unwrap_or_default()
    }
}

/// Whether answers that ask for `view`, now, are such as are kept.
pub fn serves(work: Work<'_>, model: &Model, view: &Projection) -> bool {
    let plain = model.kind == Kind::USER && model.is_usual();
    plain && view.is_default() && work.caller.connection().is_some()
}

/// The usual answer about the person `id`, if it lies ready and the caller may see it. Ask
/// [`serves`] first.
pub fn find(work: Work<'_>, id: Id) -> Option<Ready> {
    let entry = work.ports.shelf.kept.get(&id)?;
    let fits = mark(work, id) == Some(entry.mark)
        && (entry.until == Moment::MAX || work.ports.clock.now() <= entry.until)
        && visible::sees_record(work.caller, Kind::USER, entry.home, id);
    fits.then(|| entry.ready())
}

/// The same, and if none lies ready, it is made; `None` when there is nobody of this id whom the
/// caller may see.
pub async fn answer(work: Work<'_>, model: &Model, id: Id) -> Result<Option<Ready>, Error> {
    match find(work, id) {
        Some(ready) => Ok(Some(ready)),
        // In a box: who finds an answer ready does not carry the room for making one about.
        None => Box::pin(make(work, model, id)).await,
    }
}

async fn make(work: Work<'_>, model: &Model, id: Id) -> Result<Option<Ready>, Error> {
    let mark = mark(work, id);
    let Some(record) = work.ports.store.get(id, None).await? else { return Ok(None) };
    if record.head.kind != model.kind || !visible::covers(work.caller, &record) {
        return Ok(None);
    }
    let rendered = render::render(work, model, &record, &Projection::default(), None).await?;
    let location = render::location(work, model, id);
    if let Some(mark) = mark
        && let Some(entry) = Entry::new(mark, record.head.partition, &rendered, &location)
    {
        work.ports.shelf.keep(id, entry);
    }
    let Rendered { body, etag, .. } = rendered;
    Ok(Some(Ready { body: body.into(), etag: etag.into(), location: location.into() }))
}

/// What the store counts now of all that decides about the bytes of an answer.
fn mark(work: Work<'_>, id: Id) -> Option<Mark> {
    let organization = work.caller.connection()?.organization;
    let edition = work.ports.store.edition(id)?;
    Some(Mark { edition, ties: work.ports.store.ties(organization) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_comes_apart_as_it_was_put_together() {
        let home = Partition { organization: 1, connection: 2 };
        let mark = Mark { edition: 2, ties: 3 };
        let rendered =
            Rendered { body: b"{}".to_vec(), etag: "W/\"7-ab\"".into(), lasts: Some(Moment::MAX) };
        let ready = Entry::new(mark, home, &rendered, "https://a/1").unwrap().ready();
        assert_eq!((&*ready.body, &*ready.location), (&b"{}"[..], &b"https://a/1"[..]));
        assert_eq!((&*ready.etag, ready.tag()), (&b"W/\"7-ab\""[..], "7-ab"));
    }

    #[test]
    fn an_answer_is_kept_at_the_second_asking() {
        let shelf = Shelf::default();
        let (one, other) = (Id([1; 16]), Id([2; 16]));
        assert!(!shelf.again(one) && !shelf.again(other));
        assert!(shelf.again(one) && shelf.again(other));
        let mut beside = one.0;
        beside[10] = 9;
        assert!(!shelf.again(Id(beside)), "the one place, another person");
        assert!(!shelf.again(one), "forgotten meanwhile");
    }
}
