//! People: accounts and their states.
