//! Rules of nested groups.
