//! Where a report is written: standard output, or a file that appears whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, StdoutLock, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Bytes collected before they are written.
const BUFFER: usize = 1 << 16;

/// An open place for a report.
pub(super) struct Destination {
    /// How errors name it; nothing for standard output.
    name: Option<String>,
    to: To,
}

enum To {
    /// Standard output. Whoever reads it may have had enough.
    Stdout {
        out: BufWriter<StdoutLock<'static>>,
        closed: bool,
        /// Other reports are to be written even so.
        others: bool,
    },
    /// A device, a pipe: it is there and stays.
    Direct(BufWriter<File>),
    /// A file beside the one that it becomes.
    Beside {
        out: BufWriter<NamedTempFile>,
        path: PathBuf,
        force: bool,
    },
}

impl Destination {
    /// Standard output; `others` where more than this is written.
    pub(super) fn stdout(others: bool) -> Self {
        Self {
            name: None,
            to: To::Stdout {
                out: BufWriter::with_capacity(BUFFER, io::stdout().lock()),
                closed: false,
                others,
            },
        }
    }

    /// A file that is not there yet, or with `force` one to replace; or a device or pipe.
    pub(super) fn file(path: &Path, force: bool) -> io::Result<Self> {
        let name = path.to_string_lossy().into_owned();
        let to = Self::open(path, force).map_err(|error| named(&name, &error))?;
        let name = Some(name);
        Ok(Self { name, to })
    }

    fn open(path: &Path, force: bool) -> io::Result<To> {
        // What a link leads to is replaced, not the link.
        let mut target = path.to_owned();
        if let Ok(found) = fs::metadata(path) {
            if found.is_dir() {
                return Err(ErrorKind::IsADirectory.into());
            }
            if !found.is_file() {
                let file = File::options().write(true).open(path)?;
                return Ok(To::Direct(BufWriter::with_capacity(BUFFER, file)));
            }
            if !force {
                let message = "the file exists; --force replaces it";
                return Err(io::Error::new(ErrorKind::AlreadyExists, message));
            }
            target = fs::canonicalize(path)?;
        }
        let directory = match target.parent() {
            Some(directory) if directory != Path::new("") => directory,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".corshark-");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            // As any new file: the umask takes away from this.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let out = builder.tempfile_in(directory).map_err(|error| {
            // Without the name of the file beside, which says nothing to anybody.
            error
                .raw_os_error()
                .map_or(error, io::Error::from_raw_os_error)
        })?;
        Ok(To::Beside {
            out: BufWriter::with_capacity(BUFFER, out),
            path: target,
            force,
        })
    }

    /// The report is whole: lets the file appear.
    pub(super) fn keep(mut self) -> io::Result<()> {
        self.flush()?;
        let To::Beside { out, path, force } = self.to else {
            return Ok(());
        };
        let name = self.name.unwrap_or_default();
        let file = out
            .into_inner()
            .map_err(|error| named(&name, error.error()))?;
        let kept = if force {
            file.persist(path)
        } else {
            file.persist_noclobber(path)
        };
        kept.map(drop).map_err(|error| named(&name, &error.error))
    }
}

fn named(name: &str, error: &io::Error) -> io::Error {
    let name = crate::wire_text::printable(name);
    io::Error::new(error.kind(), format!("{name}: {error}"))
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let done = match &mut self.to {
            To::Stdout { closed: true, .. } => return Ok(bytes.len()),
            To::Stdout { out, .. } => out.write(bytes),
            To::Direct(out) => out.write(bytes),
            To::Beside { out, .. } => out.write(bytes),
        };
        done.or_else(|error| self.on_error(error).map(|()| bytes.len()))
    }

    fn flush(&mut self) -> io::Result<()> {
        let done = match &mut self.to {
            To::Stdout { closed: true, .. } => return Ok(()),
            To::Stdout { out, .. } => out.flush(),
            To::Direct(out) => out.flush(),
            To::Beside { out, .. } => out.flush(),
        };
        done.or_else(|error| self.on_error(error))
    }
}

impl Destination {
    fn on_error(&mut self, error: io::Error) -> io::Result<()> {
        match (&mut self.to, &self.name) {
            (
                To::Stdout {
                    closed,
                    others: true,
                    ..
                },
                _,
            ) if error.kind() == ErrorKind::BrokenPipe => {
                *closed = true;
                Ok(())
            }
            (_, Some(name)) => Err(named(name, &error)),
            (_, None) => Err(error),
        }
    }
}
