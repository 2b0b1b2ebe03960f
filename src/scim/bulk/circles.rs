//! Circles in a graph, found in one walk (Tarjan).

/// A graph: for every node, the nodes that it needs.
pub(super) type Graph = Vec<Vec<usize>>;

/// The nodes, grouped: what leads back to itself is one group. What a group needs stands before
/// it; else the groups keep the order of the nodes, and so do the nodes in a group. Takes time in
/// proportion to nodes and edges, on a stack of its own.
pub(super) fn groups(graph: &Graph) -> Vec<Vec<usize>> {
    let marks = vec![Mark::default(); graph.len()];
    let (open, kept, groups) = (Vec::new(), Vec::new(), Vec::new());
    let mut walk = Walk { graph, marks, open, kept, groups, count: 0 };
    for root in 0..graph.len() {
        walk.from(root);
    }
    walk.groups
}

#[derive(Clone, Default)]
struct Mark {
    /// When the node was reached, counted from 1; 0 is not yet.
    reached: usize,
    /// The earliest node that is reached from here and not yet in a group.
    lowest: usize,
    /// How many of its edges were looked at.
    looked: usize,
    /// Whether it is in a group.
    settled: bool,
}

struct Walk<'a> {
    graph: &'a Graph,
    marks: Vec<Mark>,
    /// The path from the root.
    open: Vec<usize>,
    /// Reached and not yet in a group, in the order of reaching.
    kept: Vec<usize>,
    groups: Vec<Vec<usize>>,
    /// How many nodes were reached.
    count: usize,
}

impl Walk<'_> {
    fn from(&mut self, root: usize) {
        self.reach(root);
        while let Some(&top) = self.open.last() {
            let next = self.marks.get_mut(top).and_then(|mark| {
                let next = self.graph.get(top).and_then(|needs| needs.get(mark.looked));
                mark.looked = mark.looked.saturating_add(1);
                next.copied()
            });
            match next {
                Some(next) => self.look(top, next),
                None => self.leave(top),
            }
        }
    }

    fn reach(&mut self, node: usize) {
        let Some(mark) = self.marks.get_mut(node).filter(|mark| mark.reached == 0) else { return };
        self.count = self.count.saturating_add(1);
        (mark.reached, mark.lowest) = (self.count, self.count);
        self.open.push(node);
        self.kept.push(node);
    }

    /// Follows the edge from `top` to `next`.
    fn look(&mut self, top: usize, next: usize) {
        let Some(target) = self.marks.get(next) else { return };
        let (reached, settled) = (target.reached, target.settled);
        if reached == 0 {
            self.reach(next);
        } else if !settled {
            self.lower(top, reached);
        }
    }

    fn lower(&mut self, node: usize, to: usize) {
        if let Some(mark) = self.marks.get_mut(node) {
            mark.lowest = mark.lowest.min(to);
        }
    }

    fn leave(&mut self, top: usize) {
        self.open.pop();
        let Some(mark) = self.marks.get(top) else { return };
        let (reached, lowest) = (mark.reached, mark.lowest);
        if let Some(&parent) = self.open.last() {
            self.lower(parent, lowest);
        }
        if lowest < reached {
            return;
        }
        let start = self.kept.iter().rposition(|node| *node == top).unwrap_or(self.kept.len());
        let mut group = self.kept.split_off(start);
        for node in &group {
            if let Some(mark) = self.marks.get_mut(*node) {
                mark.settled = true;
            }
        }
        group.sort_unstable();
        self.groups.push(group);
    }
}
