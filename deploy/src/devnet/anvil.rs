//! The Anvil process.

use std::env;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// How long Anvil may take until it listens; it takes 60 ms.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// A running Anvil; killed when dropped.
#[derive(Debug)]
pub struct Anvil {
    process: Child,
    url: String,
    chain_id: u64,
}

/// How Anvil is started.
#[derive(Clone, Debug)]
pub struct AnvilOptions {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// TCP port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// Seconds between blocks; none mines each transaction at once.
    pub block_time: Option<u64>,
    /// Further arguments.
    pub arguments: Vec<String>,
}

/// Why Anvil does not run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnvilError {
    /// There is no such program.
    #[error(
        "Anvil cannot be started as {program}: {cause}; run `make tools` in the checkout and start there, or name the \
         program in the environment variable COUNTERFOIL_ANVIL"
    )]
    NotStarted {
        /// What was tried.
        program: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// It ended before it listened.
    #[error(
        "Anvil did not come to listen on port {port} of 127.0.0.1 (0 is any free one); check that the port is free and \
         that COUNTERFOIL_ANVIL, if set, names Anvil. It said: {said}"
    )]
    Ended {
        /// The wanted port; 0 for any.
        port: u16,
        /// Its last words.
        said: Box<str>,
    },
}

impl Default for AnvilOptions {
    fn default() -> Self {
        Self {
            chain_id: 31337,
            port: 0,
            block_time: None,
            arguments: Vec::new(),
        }
    }
}

impl Anvil {
    /// Starts Anvil and waits until it listens. The program is the one that the environment variable `COUNTERFOIL_ANVIL`
    /// names, else the one that `npm ci` installed in the working directory or a folder above it, else `anvil` on the
    /// path.
    ///
    /// # Errors
    /// [`AnvilError`]; nothing keeps running.
    pub fn start(options: &AnvilOptions) -> Result<Self, AnvilError> {
        let program = program();
        let mut command = Command::new(&program);
        command.args(["--host", "127.0.0.1", "--port", &options.port.to_string()]);
        command.args([
            "--chain-id",
            &options.chain_id.to_string(),
            "--accounts",
            "1",
        ]);
        if let Some(seconds) = options.block_time {
            command.args(["--block-time", &seconds.to_string()]);
        }
        command.args(&options.arguments);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let process = command
            .spawn()
            .map_err(|cause| AnvilError::NotStarted { program, cause })?;
        let mut anvil = Self {
            process,
            url: String::new(),
            chain_id: options.chain_id,
        };
        match anvil.wait() {
            Some(address) => anvil.url = format!("http://{address}"),
            None => {
                let (port, said) = (options.port, anvil.last_words().into());
                return Err(AnvilError::Ended { port, said });
            }
        }
        Ok(anvil)
    }

    /// `http://127.0.0.1:<port>`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// EIP-155 chain id.
    pub const fn chain_id(&self) -> u64 {
        self.chain_id
    }

    fn wait(&mut self) -> Option<String> {
        let mut output = BufReader::new(self.process.stdout.take()?);
        let (found, listening) = mpsc::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            while output.read_line(&mut line).is_ok_and(|length| length > 0) {
                if let Some(address) = line.trim().strip_prefix("Listening on ") {
                    // Nobody waits any more after the time-out.
                    let _ = found.send(address.to_owned());
                    // Anvil logs each request and would stop at a full pipe, or die at a closed one.
                    let _ = io::copy(&mut output, &mut io::sink());
                    return;
                }
                line.clear();
            }
        });
        let address = listening.recv_timeout(START_TIMEOUT).ok();
        if address.is_none() {
            // Its errors can be read to their end only when it has ended.
            let _ = self.process.kill();
        }
        address
    }

    fn last_words(&mut self) -> String {
        let mut words = String::new();
        if let Some(errors) = &mut self.process.stderr {
            // What cannot be read is not said.
            let _ = errors.take(4096).read_to_string(&mut words);
        }
        words.trim().to_owned()
    }
}

impl Drop for Anvil {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn program() -> PathBuf {
    if let Some(program) = env::var_os("COUNTERFOIL_ANVIL") {
        return program.into();
    }
    let installed = Path::new("node_modules/@foundry-rs")
        .join(format!("anvil-{}-{}", platform(), architecture()))
        .join("bin/anvil");
    env::current_dir()
        .ok()
        .and_then(|folder| {
            folder
                .ancestors()
                .map(|above| above.join(&installed))
                .find(|path| path.is_file())
        })
        .unwrap_or_else(|| "anvil".into())
}

fn platform() -> &'static str {
    match env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    }
}

fn architecture() -> &'static str {
    match env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}
