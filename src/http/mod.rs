//! The doors people knock on: the listener, who may come in, and what they are told.
//!
//! A request passes `listener` (sockets, TLS, deadlines; on HTTP/1.1 `framing` holds back what can
//! be read in two ways), then [`gateway`], which is all that tests need: `route` matches once,
//! `auth` opens or refuses, a face (`scim`, `api`) translates and calls a use case, `reply` puts the
//! answer on the wire (`outgoing`, if it is made meanwhile) and `flight` counts its bytes until they
//! are taken. `problem` is the only
//! place where a failure becomes a status. `control` is the operator's door, a socket file.
//!
//! Invariants: nothing is told to anyone without a credential, but liveness, readiness and the
//! configuration; the credential is checked before the body is looked at; writes outlive the
//! connection that asked for them (`desk`); no log line holds what a caller sent.
//!
//! Rejected: a web framework (one table of twenty rows is smaller than its adapters, and each
//! layer costs what a read costs), and routes that carry the organization (it comes from the
//! credential).

pub mod api;
pub mod auth;
pub mod body;
pub mod certificate;
pub mod control;
pub mod desk;
pub mod flight;
pub mod framing;
pub mod gateway;
pub mod health;
pub mod knock;
pub mod limits;
pub mod listener;
pub mod metrics;
pub mod names;
pub mod outgoing;
pub mod problem;
pub mod query;
pub mod reply;
pub mod route;
pub mod scim;
pub mod socket;
pub mod telemetry;
pub mod tls;
pub mod visit;
