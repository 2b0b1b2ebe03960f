//! Places: organizations and what lies in them.
