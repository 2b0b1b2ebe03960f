//! In which order the operations run.

use std::collections::HashMap;

use crate::scim::bulk::Operation;
use crate::scim::bulk::Refused;
use crate::scim::bulk::Request;
use crate::scim::bulk::bulk_id;
use crate::scim::bulk::references;

/// An operation's turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which operation, by its place in the request.
    pub index: usize,
    /// Why it cannot run, if it cannot.
    pub blocked: Option<Blocked>,
}

/// Why the references of an operation cannot be resolved (RFC 7644 §3.7.1: 409).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// No operation has the bulkId that it refers to.
    Unknown,
    /// It refers to itself, be it through others.
    Circular,
    /// It refers to an operation that cannot run.
    Dependent,
}

/// The order in which operations run: that of the request, save that what an operation refers to
/// comes before it. Every operation has its turn exactly once, refused and blocked ones too, so
/// that errors can be counted. Takes time in proportion to operations and references.
pub fn plan(request: &Request) -> Vec<Step> {
    let mut makers = HashMap::new();
    for (index, operation) in request.operations.iter().enumerate() {
        if let Some(name) = bulk_id(operation) {
            makers.entry(name).or_insert(index);
        }
    }
    let nodes = request.operations.iter().map(|operation| Node::new(operation, &makers));
    let mut walk = Walk { nodes: nodes.collect(), open: Vec::new(), steps: Vec::new() };
    for root in 0..request.operations.len() {
        walk.from(root);
    }
    walk.steps
}

/// An operation in the walk over references.
struct Node {
    needs: Vec<usize>,
    /// How many of `needs` were looked at.
    looked: usize,
    /// The place on the path from the root, while it is open.
    depth: Option<usize>,
    /// The shallowest place that a reference from here or below leads back to.
    back: usize,
    done: bool,
    refused: bool,
    blocked: Option<Blocked>,
}

impl Node {
    fn new(operation: &Result<Operation, Refused>, makers: &HashMap<&str, usize>) -> Self {
        let names = operation.as_ref().map(references).unwrap_or_default();
        let needs: Vec<usize> = names.iter().filter_map(|name| makers.get(name).copied()).collect();
        let blocked = (needs.len() < names.len()).then_some(Blocked::Unknown);
        let refused = operation.is_err();
        Self { needs, looked: 0, depth: None, back: usize::MAX, done: false, refused, blocked }
    }
}

/// A walk in depth, on a stack of its own: a chain may be as long as the request.
struct Walk {
    nodes: Vec<Node>,
    open: Vec<usize>,
    steps: Vec<Step>,
}

impl Walk {
    fn from(&mut self, root: usize) {
        self.enter(root);
        while let Some(&top) = self.open.last() {
            let next = self.nodes.get_mut(top).and_then(|node| {
                let next = node.needs.get(node.looked).copied();
                node.looked = node.looked.saturating_add(1);
                next
            });
            match next {
                Some(next) => self.look(top, next),
                None => self.leave(top),
            }
        }
    }

    fn enter(&mut self, index: usize) {
        if let Some(node) = self.nodes.get_mut(index).filter(|node| !node.done) {
            node.depth = Some(self.open.len());
            self.open.push(index);
        }
    }

    /// Follows the reference from `top` to `next`.
    fn look(&mut self, top: usize, next: usize) {
        let Some(target) = self.nodes.get(next) else { return };
        let (depth, done) = (target.depth, target.done);
        let fails = done && (target.refused || target.blocked.is_some());
        if !done && depth.is_none() {
            self.enter(next);
        } else if let Some(node) = self.nodes.get_mut(top) {
            if let Some(depth) = depth.filter(|_| !done) {
                node.back = node.back.min(depth);
            }
            if fails {
                node.blocked = node.blocked.or(Some(Blocked::Dependent));
            }
        }
    }

    fn leave(&mut self, top: usize) {
        self.open.pop();
        let Some(node) = self.nodes.get_mut(top) else { return };
        let depth = node.depth.take().unwrap_or_default();
        if node.back <= depth {
            node.blocked = Some(Blocked::Circular);
        }
        node.done = true;
        let (back, fails) = (node.back, node.refused || node.blocked.is_some());
        self.steps.push(Step { index: top, blocked: node.blocked });
        let parent = self.open.last().and_then(|parent| self.nodes.get_mut(*parent));
        if let Some(parent) = parent {
            if back < depth {
                parent.back = parent.back.min(back);
            }
            if fails {
                parent.blocked = parent.blocked.or(Some(Blocked::Dependent));
            }
        }
    }
}
