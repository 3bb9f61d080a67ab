//! The command `counterfoil`: one file per subcommand.

// News may grow new kinds; what waits for one kind passes over all others.
#![allow(clippy::wildcard_enum_match_arm)]

mod bench;
mod demo;
mod deploy;
mod devnode;
mod output;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Payment channels for EVM chains.
#[derive(Parser)]
#[command(name = "counterfoil", version, about, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Play the main job on a local Anvil chain: pay, cheat and be caught, pay through a mediator, pay fast
    Demo(demo::Options),
    /// Measure payments per second between two nodes with durable stores
    Bench(bench::Options),
    /// Put the contracts on a chain, or check that they are there
    Deploy(deploy::Options),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_env("COUNTERFOIL_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("off"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: the operating system gives no thread: {error}");
            return ExitCode::FAILURE;
        }
    };
    let result = runtime.block_on(async {
        let work = async {
            match arguments.command {
                Command::Demo(options) => demo::run(options).await,
                Command::Bench(options) => bench::run(options).await,
                Command::Deploy(options) => deploy::run(options).await,
            }
        };
        // What runs is dropped when it is broken off, and Anvil with it. It is asked first: it may be waiting for just that.
        tokio::select! {
            biased;
            result = work => result,
            // Its reader wants no more.
            () = output::closed() => Ok(()),
            result = ended_by_user() => {
                result.and_then(|()| Err(eyre::eyre!("broken off before the end")))
            }
        }
    });
    let said = output::failure().map_or(Ok(()), |error| {
        Err(eyre::eyre!("standard output takes nothing more: {error}"))
    });
    match result.and(said) {
        Ok(()) => ExitCode::SUCCESS,
        Err(report) => {
            eprintln!("error: {report:#}");
            ExitCode::FAILURE
        }
    }
}

/// Waits for Ctrl-C, or for whoever asks the process to end.
pub(crate) async fn ended_by_user() -> eyre::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result?,
        _ = terminate.recv() => {}
        _ = hang_up.recv() => {}
    }
    Ok(())
}
