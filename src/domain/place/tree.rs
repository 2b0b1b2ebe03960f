//! How places lie in each other (domain rules TR1 and TR3).

use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::base::id::Id;

/// The rank of a place; what lies inside has the higher number (TR1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Rank {
    /// A region.
    Region = 1,
    /// A division of a region.
    Division = 2,
    /// An organization: the tenant.
    Organization = 3,
    /// A site of an organization.
    Site = 4,
    /// A room-based system at a site.
    RoomSystem = 5,
}

impl Rank {
    /// Every rank, highest place first.
    pub const ALL: [Self; 5] =
        [Self::Region, Self::Division, Self::Organization, Self::Site, Self::RoomSystem];

    /// Whether people may be assigned to a place of this rank. Room systems are scheduled, not
    /// worked at.
    pub fn is_location(self) -> bool {
        self != Self::RoomSystem
    }

    /// The stable word, as in `kind` and `locationKind` on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Region => "region",
            Self::Division => "division",
            Self::Organization => "organization",
            Self::Site => "site",
            Self::RoomSystem => "roomSystem",
        }
    }

    /// The rank that what is of this rank must lie in directly, where levels may not be skipped.
    fn must_lie_in(self) -> Option<Self> {
        match self {
            Self::Site => Some(Self::Organization),
            Self::RoomSystem => Some(Self::Site),
            Self::Region | Self::Division | Self::Organization => None,
        }
    }
}

impl fmt::Display for Rank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::RoomSystem { "room system" } else { self.word() })
    }
}

/// One place of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its record.
    pub id: Id,
    /// Its rank.
    pub rank: Rank,
    /// What it lies in; none directly under the network.
    pub parent: Option<Id>,
    /// Whether it is switched on. See [`Tree::in_use`] for what is above it.
    pub active: bool,
}

/// What a place still holds besides the places inside it, counted by the caller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Live assignments of people to it.
    pub assignments: usize,
    /// Room systems at it that are not in the tree, if the tree was built without them.
    pub room_systems: usize,
}

/// Why a place cannot stand, go or take a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such place.
    #[error("There is no such place. Name a place of this network.")]
    Unknown,
    /// A second place with one identifier.
    #[error("This place is in the tree already (TR1).")]
    Twice,
    /// It would lie in itself or in something that lies in it.
    #[error("A place cannot lie inside itself (TR1). Choose a place outside it.")]
    Circle,
    /// What it would lie in is not of a higher place.
    #[error(
        "A place must lie in one of a higher rank: region, division, organization, site, room \
         system (TR1). Choose a higher place."
    )]
    Rank,
    /// A site outside an organization, or a room system outside a site.
    #[error(
        "A site lies directly in an organization, and a room system directly at a site (TR1). \
         Name that place."
    )]
    Skipped,
    /// Its new rank does not leave room for what is in it.
    #[error("What lies in this place would no longer be of a lower rank (TR1). Move that first.")]
    Children,
    /// There are places inside.
    #[error("A place with other places inside cannot be deleted (TR3). Switch it off instead.")]
    HoldsPlaces,
    /// People are assigned to it.
    #[error("A place that people are assigned to cannot be deleted (TR3). Switch it off instead.")]
    HoldsAssignments,
    /// Room systems stand there.
    #[error("A place with room systems cannot be deleted (TR3). Switch it off instead.")]
    HoldsRoomSystems,
    /// It, or something it lies in, is switched off.
    #[error(
        "This place, or one it lies in, is switched off and takes no new grants (TR3). Switch it \
         on first, or choose another."
    )]
    SwitchedOff,
}

/// The places of the network. Cheap to ask: up is at most four steps, down is the answer's size.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    nodes: HashMap<Id, Node>,
    /// Sorted, so that answers come in one order.
    children: HashMap<Id, Vec<Id>>,
    misfits: Vec<(Id, Refusal)>,
}

impl Tree {
    /// The tree of `nodes`, in any order. What does not fit where it says becomes a root and is
    /// named by [`Tree::misfits`]; of two with one identifier the first stays.
    pub fn build(nodes: impl IntoIterator<Item = Node>) -> Self {
        let mut sorted: Vec<Node> = nodes.into_iter().collect();
        sorted.sort_by_key(|node| node.rank);
        let mut tree = Self { nodes: HashMap::with_capacity(sorted.len()), ..Self::default() };
        for node in sorted {
            let twice = tree.nodes.contains_key(&node.id);
            let fits = if twice { Err(Refusal::Twice) } else { tree.place(node) };
            let Err(why) = fits else { continue };
            tree.misfits.push((node.id, why));
            if !twice {
                tree.nodes.insert(node.id, Node { parent: None, ..node });
            }
        }
        tree.misfits.sort_by_key(|(id, _)| *id);
        tree
    }

    /// Places that did not fit when the tree was built, by identifier.
    pub fn misfits(&self) -> &[(Id, Refusal)] {
        &self.misfits
    }

    /// Puts a new place in, or moves or changes one that is here (TR1). Moving keeps the
    /// identifier, and so everything that names it (TR4).
    pub fn place(&mut self, node: Node) -> Result<(), Refusal> {
        self.may_attach(node.parent, node.id, node.rank)?;
        if let Some(before) = self.nodes.insert(node.id, node) {
            self.unlist(before);
        }
        if let Some(parent) = node.parent {
            let inside = self.children.entry(parent).or_default();
            // New identifiers sort last, so building in order appends.
            let at = inside.binary_search(&node.id).unwrap_or_else(|at| at);
            inside.insert(at, node.id);
        }
        Ok(())
    }

    /// Takes a place out (TR3).
    pub fn remove(&mut self, id: Id, held: Held) -> Result<Node, Refusal> {
        self.may_delete(id, held)?;
        let node = self.nodes.remove(&id).ok_or(Refusal::Unknown)?;
        self.unlist(node);
        Ok(node)
    }

    /// Whether the place `child` of `rank` may lie in `parent` (TR1). `child` may be new.
    pub fn may_attach(&self, parent: Option<Id>, child: Id, rank: Rank) -> Result<(), Refusal> {
        if self.inside(child).iter().any(|id| self.node(*id).is_some_and(|one| one.rank <= rank)) {
            return Err(Refusal::Children);
        }
        let Some(parent) = parent else {
            return rank.must_lie_in().map_or(Ok(()), |_| Err(Refusal::Skipped));
        };
        if parent == child || self.within(parent, child) {
            return Err(Refusal::Circle);
        }
        let above = self.node(parent).ok_or(Refusal::Unknown)?.rank;
        if above >= rank {
            return Err(Refusal::Rank);
        }
        if rank.must_lie_in().is_some_and(|wanted| wanted != above) {
            return Err(Refusal::Skipped);
        }
        Ok(())
    }

    /// Whether the place may be deleted (TR3): nothing lies in it and nobody is assigned to it,
    /// switched off or not.
    pub fn may_delete(&self, id: Id, held: Held) -> Result<(), Refusal> {
        self.node(id).ok_or(Refusal::Unknown)?;
        let inside = self.inside(id);
        let rooms = |id: &Id| self.node(*id).is_some_and(|one| one.rank == Rank::RoomSystem);
        if inside.iter().any(|id| !rooms(id)) {
            return Err(Refusal::HoldsPlaces);
        }
        if held.room_systems > 0 || !inside.is_empty() {
            return Err(Refusal::HoldsRoomSystems);
        }
        if held.assignments > 0 {
            return Err(Refusal::HoldsAssignments);
        }
        Ok(())
    }

    /// Whether the place takes new grants: it and everything above it is switched on (TR3).
    pub fn may_grant(&self, id: Id) -> Result<(), Refusal> {
        self.node(id).ok_or(Refusal::Unknown)?;
        if self.in_use(id) { Ok(()) } else { Err(Refusal::SwitchedOff) }
    }

    /// Whether the place and everything above it is switched on; unknown places are not.
    pub fn in_use(&self, id: Id) -> bool {
        self.node(id).is_some() && self.up(id).all(|node| node.active)
    }

    /// The place.
    pub fn node(&self, id: Id) -> Option<&Node> {
        self.nodes.get(&id)
    }

    /// How many places there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// What lies directly in the place, by identifier.
    pub fn inside(&self, id: Id) -> &[Id] {
        self.children.get(&id).map_or(&[], Vec::as_slice)
    }

    /// What the place lies in, nearest first; without the place itself.
    pub fn ancestors(&self, id: Id) -> impl Iterator<Item = Id> + '_ {
        self.up(id).skip(1).map(|node| node.id)
    }

    /// The place and everything in it, each before what it holds. Empty for an unknown place.
    pub fn subtree(&self, id: Id) -> Subtree<'_> {
        let ahead = self.node(id).map(|node| node.id).into_iter().collect();
        Subtree { tree: self, ahead }
    }

    /// Whether `id` is `ancestor` or lies in it, at any depth. Unknown places lie nowhere.
    pub fn within(&self, id: Id, ancestor: Id) -> bool {
        self.up(id).any(|node| node.id == ancestor)
    }

    /// The place of `rank` that `id` is or lies in: the organization of a room system, say.
    pub fn at_rank(&self, id: Id, rank: Rank) -> Option<Id> {
        self.up(id).find(|node| node.rank == rank).map(|node| node.id)
    }

    /// The place itself, then what it lies in. Ends by TR1: each step is of a higher rank.
    fn up(&self, id: Id) -> impl Iterator<Item = &Node> + '_ {
        std::iter::successors(self.node(id), |node| self.node(node.parent?))
    }

    fn unlist(&mut self, node: Node) {
        if let Some(inside) = node.parent.and_then(|parent| self.children.get_mut(&parent)) {
            inside.retain(|id| *id != node.id);
        }
    }
}

/// Walks a place and what is in it; made by [`Tree::subtree`].
#[derive(Clone, Debug)]
pub struct Subtree<'a> {
    tree: &'a Tree,
    /// Places not yet given, the next one last.
    ahead: Vec<Id>,
}

impl Iterator for Subtree<'_> {
    type Item = Id;

    fn next(&mut self) -> Option<Id> {
        let next = self.ahead.pop()?;
        self.ahead.extend(self.tree.inside(next).iter().rev());
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::entropy::Entropy;
    use crate::base::entropy::SeededEntropy;

    fn id(number: u8) -> Id {
        Id([number; 16])
    }

    fn node(number: u8, rank: Rank, parent: Option<u8>) -> Node {
        Node { id: id(number), rank, parent: parent.map(id), active: true }
    }

    /// Region 1 { division 2 { organization 3 { site 4 { room 5, room 6 } } } }, organization 7.
    fn small() -> Tree {
        Tree::build([
            node(6, Rank::RoomSystem, Some(4)),
            node(5, Rank::RoomSystem, Some(4)),
            node(4, Rank::Site, Some(3)),
            node(3, Rank::Organization, Some(2)),
            node(2, Rank::Division, Some(1)),
            node(1, Rank::Region, None),
            node(7, Rank::Organization, None),
        ])
    }

    #[test]
    fn tr1_a_place_lies_in_a_higher_one() {
        let tree = small();
        let roots = [Rank::Region, Rank::Division, Rank::Organization];
        for rank in Rank::ALL {
            let root = tree.may_attach(None, id(9), rank);
            assert_eq!(root.is_ok(), roots.contains(&rank), "{rank:?} as a root");
            for (parent, above) in [1, 2, 3, 4, 5].into_iter().zip(Rank::ALL) {
                let fits = match rank {
                    Rank::Site => above == Rank::Organization,
                    Rank::RoomSystem => above == Rank::Site,
                    _ => above < rank,
                };
                let found = tree.may_attach(Some(id(parent)), id(9), rank);
                assert_eq!(found.is_ok(), fits, "{rank:?} in {above:?}: {found:?}");
            }
        }
        assert_eq!(tree.may_attach(Some(id(99)), id(9), Rank::Site), Err(Refusal::Unknown));
    }

    #[test]
    fn tr1_no_circles() {
        let tree = small();
        for (child, rank) in [(1, Rank::Region), (2, Rank::Division)] {
            for parent in [child, 3, 4] {
                let found = tree.may_attach(Some(id(parent)), id(child), rank);
                assert_eq!(found, Err(Refusal::Circle), "{child} in {parent}");
            }
        }
        assert_eq!(tree.may_attach(Some(id(1)), id(2), Rank::Organization), Err(Refusal::Children));
    }

    #[test]
    fn tr1_a_damaged_place_becomes_a_root_that_nobody_above_reaches() {
        let tree = Tree::build([
            node(1, Rank::Region, Some(2)),
            node(2, Rank::Division, Some(1)),
            node(3, Rank::Site, Some(2)),
            node(4, Rank::Organization, Some(4)),
            node(4, Rank::Organization, Some(2)),
        ]);
        let ids: Vec<_> = tree.misfits().iter().map(|(id, _)| *id).collect();
        assert_eq!(ids, [id(1), id(3), id(4), id(4)]);
        assert!(tree.within(id(2), id(1)) && !tree.within(id(3), id(2)));
        assert!(tree.in_use(id(3)));
    }

    #[test]
    fn tr3_a_place_that_holds_anything_stays() {
        let mut tree = small();
        let none = Held::default();
        assert_eq!(tree.may_delete(id(3), none), Err(Refusal::HoldsPlaces));
        assert_eq!(tree.may_delete(id(4), none), Err(Refusal::HoldsRoomSystems));
        assert_eq!(tree.may_delete(id(9), none), Err(Refusal::Unknown));
        let assigned = Held { assignments: 1, ..none };
        assert_eq!(tree.may_delete(id(7), assigned), Err(Refusal::HoldsAssignments));
        let rooms = Held { room_systems: 1, ..none };
        assert_eq!(tree.may_delete(id(7), rooms), Err(Refusal::HoldsRoomSystems));
        for place in [5, 6, 4, 3, 2, 1, 7] {
            assert_eq!(tree.remove(id(place), none).map(|node| node.id), Ok(id(place)));
        }
        assert!(tree.is_empty());
    }

    #[test]
    fn tr3_what_is_switched_off_takes_no_new_grants() {
        let mut tree = small();
        tree.place(Node { active: false, ..node(2, Rank::Division, Some(1)) }).unwrap();
        assert_eq!(tree.may_grant(id(1)), Ok(()));
        for below in [2, 3, 4, 5] {
            assert_eq!(tree.may_grant(id(below)), Err(Refusal::SwitchedOff), "{below}");
        }
        assert_eq!(tree.may_grant(id(9)), Err(Refusal::Unknown));
        assert_eq!(tree.inside(id(1)), [id(2)], "a change lists nothing twice");
    }

    #[test]
    fn tr4_moving_an_organization_takes_all_of_it_along() {
        let mut tree = small();
        let before: Vec<_> = tree.subtree(id(3)).collect();
        tree.place(node(8, Rank::Division, Some(1))).unwrap();
        tree.place(node(3, Rank::Organization, Some(8))).unwrap();
        assert_eq!(tree.subtree(id(3)).collect::<Vec<_>>(), before);
        assert!(tree.within(id(6), id(8)) && !tree.within(id(6), id(2)));
        assert_eq!(tree.inside(id(2)), []);
    }

    #[test]
    fn tr1_up_and_down_agree_with_a_slow_walk() {
        let chance = SeededEntropy::new(7);
        let mut drawn = [0; 3];
        for _ in 0..50 {
            let mut tree = Tree::default();
            for number in 1..60 {
                chance.fill(&mut drawn).unwrap();
                let rank = Rank::ALL[usize::from(drawn[0] % 5)];
                let parent = (drawn[1] % 4 != 0).then_some(drawn[2] % 60);
                let _ = tree.place(node(number, rank, parent));
            }
            // Moves that do not fit change nothing.
            let there = (1..60).filter_map(|number| tree.node(id(number)).copied());
            for found in there.collect::<Vec<_>>() {
                chance.fill(&mut drawn).unwrap();
                let moved = Node { parent: Some(id(drawn[2] % 60)), ..found };
                let after = tree.place(moved).map_or(found, |_| moved);
                assert_eq!(*tree.node(found.id).unwrap(), after);
            }
            assert_agrees(&tree);
        }
    }

    fn assert_agrees(tree: &Tree) {
        let all: Vec<Id> = (1..60).map(id).filter(|id| tree.node(*id).is_some()).collect();
        for one in &all {
            let node = tree.node(*one).unwrap();
            let above = node.parent.map(|parent| tree.node(parent).unwrap().rank);
            assert!(above.is_none_or(|above| above < node.rank));
            let mut down: Vec<Id> = tree.subtree(*one).collect();
            down.sort_unstable();
            let slow: Vec<Id> = all.iter().copied().filter(|id| tree.within(*id, *one)).collect();
            assert_eq!(down, slow);
            assert!(tree.ancestors(*one).all(|high| tree.within(*one, high) && high != *one));
        }
    }
}
