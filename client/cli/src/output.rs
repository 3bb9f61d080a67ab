//! Standard output, which its reader may close at any time, as in `counterfoil demo | head`.
//!
//! Nothing is broken off in the middle of a step because of that: what is said is lost, and `main` ends the command.

use std::fmt::Arguments;
use std::io::{self, Write};
use std::sync::OnceLock;
use tokio::sync::Notify;

/// Says a line on standard output.
macro_rules! say {
    ($($text:tt)*) => {
        $crate::output::line(format_args!($($text)*))
    };
}
pub(crate) use say;

static FAILURE: OnceLock<io::Error> = OnceLock::new();
static FAILED: Notify = Notify::const_new();

/// See [`say`].
pub(crate) fn line(text: Arguments<'_>) {
    if FAILURE.get().is_some() {
        return;
    }
    if let Err(error) = writeln!(io::stdout().lock(), "{text}") {
        let _ = FAILURE.set(error);
        FAILED.notify_one();
    }
}

/// Waits until standard output takes nothing more.
pub(crate) async fn closed() {
    FAILED.notified().await;
}

/// Why standard output takes nothing more, unless its reader just wants no more.
pub(crate) fn failure() -> Option<&'static io::Error> {
    FAILURE
        .get()
        .filter(|error| error.kind() != io::ErrorKind::BrokenPipe)
}
