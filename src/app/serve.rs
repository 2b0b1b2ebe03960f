//! Runs the gateway until it is told to stop.

use crate::app::Failure;
use crate::app::arguments::Serve;
use crate::app::house::Ground;

/// `wardgate serve`
pub fn run(arguments: &Serve) -> Result<(), Failure> {
    let listen = arguments.listen;
    let _ground = Ground::find(&arguments.place, |file| {
        if let Some(listen) = listen {
            file.server.listen = listen;
        }
    })?;
    Err(Failure::Refused("not built yet".into()))
}
