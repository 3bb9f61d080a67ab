//! What happened in a world, in words.

/// Lines about a world's life; kept only when somebody wants to read them.
#[derive(Debug, Default)]
pub struct Story(Option<Vec<String>>);

impl Story {
    /// A story that is kept.
    pub const fn kept() -> Self {
        Self(Some(Vec::new()))
    }

    /// Adds a line.
    pub fn add(&mut self, line: impl FnOnce() -> String) {
        if let Some(lines) = &mut self.0 {
            lines.push(line());
        }
    }

    /// The lines so far.
    pub fn lines(&self) -> &[String] {
        self.0.as_deref().unwrap_or_default()
    }
}
