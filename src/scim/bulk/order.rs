//! In which order the operations run.

use std::collections::HashMap;

use crate::scim::bulk::Method;
use crate::scim::bulk::Operation;
use crate::scim::bulk::Refused;
use crate::scim::bulk::Request;
use crate::scim::bulk::Target;
use crate::scim::bulk::bulk_id;
use crate::scim::bulk::circles;
use crate::scim::bulk::circles::Graph;
use crate::scim::bulk::references;

/// What comes next. Operations are named by their place in the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It runs; what it refers to has had its turn. Refused operations have theirs like this too.
    Alone(usize),
    /// They refer to each other and run one after the other, each knowing the identifiers that
    /// the others will have.
    Ring(Vec<usize>),
    /// It cannot run.
    Blocked(usize, Blocked),
}

impl Turn {
    /// Whether it is one that cannot run.
    pub fn is_blocked(&self) -> bool {
        matches!(self, Self::Blocked(..))
    }
}

/// Why the references of an operation cannot be resolved (RFC 7644 §3.7.1: 409).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// No operation makes a resource with the bulkId that it refers to.
    Unknown,
    /// It needs itself to be there first, be it through others.
    Circular,
    /// It refers to an operation that cannot run.
    Dependent,
}

/// The order in which operations run: that of the request, save that what an operation refers to
/// comes before it. Every operation has its turn exactly once, refused and blocked ones too, so
/// that errors can be counted. Takes time in proportion to operations and references.
///
/// `firm` says whether what the data of an operation refers to must be there before it runs, as
/// the members of a group must; else its identifier is enough, and circles can be resolved.
pub fn plan(request: &Request, firm: impl Fn(&Operation) -> bool) -> Vec<Turn> {
    let mut makers = HashMap::new();
    for (index, operation) in request.operations.iter().enumerate() {
        if let Some(name) = bulk_id(operation).filter(|_| makes(operation)) {
            makers.entry(name).or_insert(index);
        }
    }
    let nodes: Vec<Node> =
        request.operations.iter().map(|operation| Node::new(operation, &makers, &firm)).collect();
    let graph: Graph = nodes.iter().map(|node| node.needs.clone()).collect();
    let mut planner = Planner { failing: vec![false; nodes.len()], nodes, turns: Vec::new() };
    for group in circles::groups(&graph) {
        planner.settle(group);
    }
    planner.turns
}

/// Whether the operation is to make a resource, as far as can be told.
fn makes(operation: &Result<Operation, Refused>) -> bool {
    let method = operation.as_ref().map_or_else(|refused| refused.method, |it| Some(it.method));
    method.is_none_or(|method| method == Method::Post)
}

/// An operation and what it refers to.
struct Node {
    needs: Vec<usize>,
    /// Those of `needs` that must be there before it runs.
    first: Vec<usize>,
    refused: bool,
    unknown: bool,
}

impl Node {
    fn new(
        operation: &Result<Operation, Refused>,
        makers: &HashMap<&str, usize>,
        firm: impl Fn(&Operation) -> bool,
    ) -> Self {
        let Ok(operation) = operation else {
            return Self { needs: Vec::new(), first: Vec::new(), refused: true, unknown: false };
        };
        let names = references(operation);
        let maker = |name: &str| makers.get(name).copied();
        let mut needs: Vec<usize> = names.iter().filter_map(|name| maker(name)).collect();
        let unknown = needs.len() < names.len();
        needs.sort_unstable();
        needs.dedup();
        let first = match &operation.target {
            _ if firm(operation) => needs.clone(),
            Some(Target::BulkId(name)) => maker(name).into_iter().collect(),
            _ => Vec::new(),
        };
        Self { needs, first, refused: false, unknown }
    }
}

struct Planner {
    nodes: Vec<Node>,
    /// Which operations are known to fail.
    failing: Vec<bool>,
    turns: Vec<Turn>,
}

impl Planner {
    /// Gives a group its turns. If one of a circle cannot run, none can: each refers to it.
    fn settle(&mut self, group: Vec<usize>) {
        let nodes = || group.iter().filter_map(|index| self.nodes.get(*index));
        let fails = |index: &usize| self.failing.get(*index).is_some_and(|fails| *fails);
        let broken =
            nodes().any(|node| node.refused || node.unknown || node.needs.iter().any(fails));
        let is_circle = match group.as_slice() {
            [alone] => nodes().any(|node| node.needs.contains(alone)),
            _ => true,
        };
        if broken {
            return self.block(&group, Blocked::Dependent);
        }
        match (is_circle, group.as_slice()) {
            (false, [alone]) => self.turns.push(Turn::Alone(*alone)),
            _ => match self.ring(&group) {
                Some(ring) => self.turns.push(Turn::Ring(ring)),
                None => self.block(&group, Blocked::Circular),
            },
        }
    }

    fn block(&mut self, group: &[usize], why: Blocked) {
        for index in group {
            let Some(node) = self.nodes.get(*index) else { continue };
            self.turns.push(match node {
                Node { refused: true, .. } => Turn::Alone(*index),
                Node { unknown: true, .. } => Turn::Blocked(*index, Blocked::Unknown),
                _ => Turn::Blocked(*index, why),
            });
            if let Some(failing) = self.failing.get_mut(*index) {
                *failing = true;
            }
        }
    }

    /// The operations of a circle in an order in which they can run; `None` when there is none.
    fn ring(&self, group: &[usize]) -> Option<Vec<usize>> {
        let places: HashMap<usize, usize> =
            group.iter().enumerate().map(|(place, index)| (*index, place)).collect();
        let first = |index: &usize| self.nodes.get(*index).map(|node| node.first.as_slice());
        let graph: Graph = group
            .iter()
            .map(|index| first(index).unwrap_or_default())
            .map(|first| first.iter().filter_map(|need| places.get(need).copied()).collect())
            .collect();
        let needs_itself = graph.iter().enumerate().any(|(place, needs)| needs.contains(&place));
        let order = circles::groups(&graph);
        (!needs_itself && order.len() == group.len()).then(|| {
            order.iter().flatten().filter_map(|place| group.get(*place).copied()).collect()
        })
    }
}
