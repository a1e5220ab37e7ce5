//! Where answers go: the terminal, a pipe or a file. Whoever reads a pipe may leave early (`| head`); that is no error.

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;

use anyhow::Context;

/// Standard output or a file, buffered; errors tell which. [`Output::finish`] says that all of it was written.
pub(crate) struct Output {
    to: Box<dyn Write>,
    /// `None` for standard output.
    file: Option<String>,
}

impl Output {
    pub(crate) fn stdout() -> Output {
        Output { to: Box::new(BufWriter::new(io::stdout().lock())), file: None }
    }

    pub(crate) fn file(path: &Path) -> anyhow::Result<Output> {
        let name = path.display().to_string();
        let file = File::create(path).with_context(|| format!("cannot write {name}"))?;
        Ok(Output { to: Box::new(BufWriter::new(file)), file: Some(name) })
    }

    /// A file if there is a path to one.
    pub(crate) fn to(path: Option<&Path>) -> anyhow::Result<Output> {
        path.map_or_else(|| Ok(Output::stdout()), Output::file)
    }

    pub(crate) fn finish(mut self) -> anyhow::Result<()> {
        Ok(self.flush()?)
    }

    fn told<T>(&self, done: io::Result<T>) -> io::Result<T> {
        done.map_err(|error| match &self.file {
            None if error.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
            None => error,
            Some(name) => io::Error::new(error.kind(), format!("cannot write {name}: {error}")),
        })
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let done = self.to.write(bytes);
        self.told(done)
    }

    fn flush(&mut self) -> io::Result<()> {
        let done = self.to.flush();
        self.told(done)
    }
}

/// Prints a whole answer.
pub(crate) fn say(text: &str) -> anyhow::Result<()> {
    let mut output = Output::stdout();
    output.write_all(text.as_bytes())?;
    output.finish()
}
