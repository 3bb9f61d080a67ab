//! Endpoints that misbehave.

use std::io;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Stands in front of an endpoint; can be shut, and can lead elsewhere.
#[derive(Debug)]
pub struct Gate {
    url: String,
    target: watch::Sender<Option<String>>,
}

impl Gate {
    /// Forwards to the endpoint at `url`, `http://<address>`.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn before(url: &str) -> io::Result<Self> {
        let listener = TcpListener::bind(LOCAL).await?;
        let gate = format!("http://{}", listener.local_addr()?);
        let (sender, target) = watch::channel(Some(address(url)));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(forward(client, target.clone()));
            }
        });
        Ok(Self {
            url: gate,
            target: sender,
        })
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Cuts all connections and takes none.
    pub fn shut(&self) {
        self.target.send_replace(None);
    }

    /// Cuts all connections and forwards new ones to the endpoint at `url`.
    pub fn lead_to(&self, url: &str) {
        self.target.send_replace(Some(address(url)));
    }
}

fn address(url: &str) -> String {
    url.trim_start_matches("http://").to_owned()
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

async fn forward(mut client: TcpStream, mut target: watch::Receiver<Option<String>>) {
    let Some(address) = target.borrow_and_update().clone() else {
        return;
    };
    let Ok(mut server) = TcpStream::connect(address).await else {
        return;
    };
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => {}
        _ = target.changed() => {}
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
