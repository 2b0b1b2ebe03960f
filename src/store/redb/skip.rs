//! Skipping far ahead in the order of identifiers without walking there.
//!
//! The rows that a partition owns of a kind are counted in blocks of 1,024, where a walk passes
//! them; a later walk jumps over the blocks that are known. A block is the identifier it ends
//! with (which need not exist any more) and how many rows it has: twenty bytes.
//!
//! Blocks describe the newest snapshot and no other. Only a reader of that snapshot may use or
//! add them, and the writer corrects them under the same lock under which it replaces the
//! snapshot: one row more or fewer in the block where a record was made or erased.
//!
//! Rejected: dropping the blocks behind an erased record (an early one would cost the next deep
//! page a walk over everything).

use std::collections::HashMap;
use std::sync::Mutex;

use crate::base::id::Id;
use crate::domain::record::Head;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::store::Fault;
use crate::store::redb::ask::Ask;
use crate::store::redb::keys;

/// Rows of a new block.
const STRIDE: u64 = 1_024;
/// Rows from which a block is worth nothing any more: it and those behind it are counted anew.
const SWOLLEN: u32 = 16_384;
/// Lists of blocks that are kept.
const LISTS: usize = 4_096;

/// Whose records of which kind.
type Place = (Partition, Kind);

/// A record that was made (or else erased).
pub(super) struct Move {
    /// Where.
    pub(super) place: Place,
    /// Which.
    pub(super) id: Id,
    /// Made, not erased.
    pub(super) made: bool,
}

impl Move {
    /// What became of the record with this head.
    pub(super) fn of(head: &Head, made: bool) -> Self {
        Self { place: (head.partition, head.kind), id: head.id, made }
    }
}

/// The blocks that are known.
#[derive(Default)]
pub(super) struct Marks(Mutex<Known>);

#[derive(Default)]
struct Known {
    /// Number of the snapshot that the blocks describe.
    snapshot: u64,
    lists: HashMap<Place, Vec<Block>>,
}

struct Block {
    last: Id,
    rows: u32,
}

impl Marks {
    /// Goes on to the next snapshot: `publish` makes it the one that readers get.
    pub(super) fn advance(&self, snapshot: u64, moves: &[Move], publish: impl FnOnce()) {
        // After a panic in here the blocks describe no snapshot, and nobody uses them.
        let Ok(mut known) = self.0.lock() else { return publish() };
        for change in moves {
            if let Some(list) = known.lists.get_mut(&change.place) {
                correct(list, change);
            }
        }
        known.snapshot = snapshot;
        publish();
    }

    /// The end of the last block with at most `skip` rows up to there, and how many they are.
    fn jump(&self, snapshot: u64, place: Place, skip: u64) -> (Option<Id>, u64) {
        let mut reached = (None, 0_u64);
        let Ok(known) = self.0.lock() else { return reached };
        if known.snapshot != snapshot {
            return reached;
        }
        for block in known.lists.get(&place).into_iter().flatten() {
            let rows = reached.1.saturating_add(u64::from(block.rows));
            if rows > skip {
                break;
            }
            reached = (Some(block.last), rows);
        }
        reached
    }

    /// Adds a block of [`STRIDE`] rows behind the one that ends with `after`, if that is still the
    /// last one. Says whether it did.
    fn extend(&self, snapshot: u64, place: Place, after: Option<Id>, last: Id) -> bool {
        let Ok(mut known) = self.0.lock() else { return false };
        let end = known.lists.get(&place).and_then(|list| list.last()).map(|block| block.last);
        if known.snapshot != snapshot || end != after {
            return false;
        }
        if known.lists.len() >= LISTS && !known.lists.contains_key(&place) {
            let any = known.lists.keys().next().copied();
            any.and_then(|any| known.lists.remove(&any));
        }
        let rows = u32::try_from(STRIDE).unwrap_or(u32::MAX);
        known.lists.entry(place).or_default().push(Block { last, rows });
        true
    }
}

/// Counts one record more or fewer in its block. What lies behind the last block is not counted.
fn correct(list: &mut Vec<Block>, change: &Move) {
    let at = list.partition_point(|block| block.last < change.id);
    let Some(block) = list.get_mut(at) else { return };
    let rows = match change.made {
        true => block.rows.checked_add(1).filter(|rows| *rows < SWOLLEN),
        false => block.rows.checked_sub(1),
    };
    match rows {
        Some(rows) => block.rows = rows,
        None => list.truncate(at),
    }
}

/// Passes `skip` rows of a place, or all that there are: the last one that was passed (`None`
/// when the walk begins at the start), and how many.
pub(super) fn pass(
    ask: &Ask<'_>,
    marks: &Marks,
    (partition, kind): Place,
    skip: u64,
) -> Result<(Option<Id>, u64), Fault> {
    let number = ask.snapshot.number;
    let (mut reached, mut passed) = marks.jump(number, (partition, kind), skip);
    let (mut low, high) = keys::starting(keys::kind(partition, kind));
    if let Some(id) = reached {
        low = std::ops::Bound::Excluded(keys::owned(partition, kind, id));
    }
    let mut end = reached;
    let mut marking = true;
    let mut rows = ask.snapshot.owned.range::<&[u8]>(keys::borrowed(&(low, high)))?;
    let mut counted = 0_u64;
    while passed < skip {
        let Some(row) = rows.next() else { break };
        ask.step()?;
        let id = keys::last_id(row?.0.value())?;
        reached = Some(id);
        passed = passed.saturating_add(1);
        counted = counted.saturating_add(1);
        if marking && counted == STRIDE {
            marking = marks.extend(number, (partition, kind), end, id);
            (end, counted) = (Some(id), 0);
        }
    }
    Ok((reached, passed))
}
