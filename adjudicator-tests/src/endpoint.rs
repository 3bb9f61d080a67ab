//! Endpoints that misbehave.

use std::io;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Stands in front of an endpoint and can be shut.
#[derive(Debug)]
pub struct Gate {
    url: String,
    open: watch::Sender<Door>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    Open,
    Shut,
}

impl Gate {
    /// Forwards to the endpoint at `url`, `http://<address>`.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn before(url: &str) -> io::Result<Self> {
        let target = url.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind(LOCAL).await?;
        let gate = format!("http://{}", listener.local_addr()?);
        let (open, door) = watch::channel(Door::Open);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(forward(client, target.clone(), door.clone()));
            }
        });
        Ok(Self { url: gate, open })
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Cuts all connections and takes none.
    pub fn shut(&self) {
        self.open.send_replace(Door::Shut);
    }

    /// Takes connections again.
    pub fn open(&self) {
        self.open.send_replace(Door::Open);
    }
}

/// Answers every request with a whole HTTP answer whose body is no JSON-RPC. Returns its address.
///
/// # Errors
/// When no port is free.
pub async fn garbage_endpoint(body: &'static str) -> io::Result<String> {
    let listener = TcpListener::bind(LOCAL).await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(answer(client, body));
        }
    });
    Ok(url)
}

async fn forward(mut client: TcpStream, target: String, mut door: watch::Receiver<Door>) {
    if *door.borrow_and_update() == Door::Shut {
        return;
    }
    let Ok(mut server) = TcpStream::connect(target).await else {
        return;
    };
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => {}
        _ = door.wait_for(|door| *door == Door::Shut) => {}
    }
}

async fn answer(mut client: TcpStream, body: &'static str) -> io::Result<()> {
    let mut request = [0; 4096];
    let _ = client.read(&mut request).await?;
    let length = body.len();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
    let answer = format!("{head}content-length: {length}\r\n\r\n{body}");
    client.write_all(answer.as_bytes()).await?;
    client.shutdown().await
}

const LOCAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);
