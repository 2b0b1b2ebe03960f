//! A table of texts: what a report is before it becomes bytes.

use std::borrow::Cow;

/// What stands in a pivot cell when the column's person and the row belong together (A17, A20).
pub const MARK: &str = "y";

/// Headers, and rows that are made when they are asked for.
#[derive(Clone, Debug)]
pub struct Table<R> {
    /// The header of each column.
    pub headers: Vec<Cow<'static, str>>,
    /// An iterator of [`Row`].
    pub rows: R,
}

/// One row: texts, and after them the marks of a pivot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The first cells.
    pub lead: Vec<Cow<'static, str>>,
    /// Which of the columns after the lead hold [`MARK`]: from 0, ascending, each once.
    pub marks: Vec<usize>,
    /// How many columns stand after the lead.
    pub columns: usize,
}

impl Row {
    /// A row without pivot.
    pub fn plain<const N: usize>(cells: [Cow<'static, str>; N]) -> Self {
        Self { lead: cells.into(), marks: Vec::new(), columns: 0 }
    }

    /// Every cell, for a reader that is content with all of them.
    pub fn cells(&self) -> impl Iterator<Item = &str> {
        let mut marks = self.marks.iter().peekable();
        let pivot = (0..self.columns).map(move |column| {
            let marked = marks.next_if(|mark| **mark == column).is_some();
            if marked { MARK } else { "" }
        });
        self.lead.iter().map(Cow::as_ref).chain(pivot)
    }
}
