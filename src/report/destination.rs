//! Where a report is written: standard output, or a file that appears whole or not at all.
//!
//! Until it is whole a file has no name where the system allows that (Linux, on most file systems): then
//! nothing is left behind by a program that is killed. Elsewhere it stands beside the one that it becomes, as
//! `.corshark-…`, and only `kill -9` leaves it there.

use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Stdout, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::wire_text::printable;

/// Bytes collected before they are written.
const BUFFER: usize = 1 << 16;

/// An open place for a report.
pub struct Destination {
    /// How errors name it; nothing for standard output.
    name: Option<String>,
    to: To,
}

enum To {
    /// Standard output. Whoever reads it may have had enough.
    Stdout {
        out: BufWriter<Stdout>,
        closed: bool,
        /// Other reports are to be written even so.
        others: bool,
    },
    /// A device, a pipe: it is there and stays.
    Direct(BufWriter<File>),
    /// A file that is not there yet.
    New {
        out: BufWriter<Unfinished>,
        path: PathBuf,
        force: bool,
    },
}

/// A file that is being written.
enum Unfinished {
    /// It has no name.
    #[cfg(all(feature = "live", target_os = "linux"))]
    Nameless(File),
    /// It stands beside the one that it becomes.
    Beside(NamedTempFile),
}

impl Destination {
    /// Standard output; `others` where more than this is written.
    #[must_use]
    pub fn stdout(others: bool) -> Self {
        Self {
            name: None,
            to: To::Stdout {
                out: BufWriter::with_capacity(BUFFER, io::stdout()),
                closed: false,
                others,
            },
        }
    }

    /// A file that is not there yet, or with `force` one to replace; or a device or pipe.
    pub fn file(path: &Path, force: bool) -> io::Result<Self> {
        let name = path.to_string_lossy().into_owned();
        let to = To::open(path, force).map_err(|error| named(&name, &error))?;
        let name = Some(name);
        Ok(Self { name, to })
    }

    /// The report is whole: lets the file appear.
    pub fn keep(mut self) -> io::Result<()> {
        self.flush()?;
        let To::New { out, path, force } = self.to else {
            return Ok(());
        };
        let name = self.name.unwrap_or_default();
        let kept = match out.into_inner() {
            Ok(file) => file.keep(&path, force),
            Err(error) => Err(error.into_error()),
        };
        kept.map_err(|error| named(&name, &error))
    }

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

impl To {
    fn open(path: &Path, force: bool) -> io::Result<Self> {
        // What a link leads to is replaced, not the link.
        let mut target = path.to_owned();
        if let Ok(found) = fs::metadata(path) {
            if found.is_dir() {
                return Err(ErrorKind::IsADirectory.into());
            }
            if !found.is_file() {
                let file = File::options().write(true).open(path)?;
                return Ok(Self::Direct(BufWriter::with_capacity(BUFFER, file)));
            }
            if !force {
                return Err(exists());
            }
            target = fs::canonicalize(path)?;
        }
        let file = Unfinished::create(directory_of(&target))?;
        Ok(Self::New {
            out: BufWriter::with_capacity(BUFFER, file),
            path: target,
            force,
        })
    }
}

impl Unfinished {
    fn create(directory: &Path) -> io::Result<Self> {
        #[cfg(all(feature = "live", target_os = "linux"))]
        if let Some(file) = nameless::create(directory) {
            return Ok(Self::Nameless(file));
        }
        let mut builder = builder();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            // As any new file: the umask takes away from this.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let file = builder.tempfile_in(directory).map_err(without_path)?;
        Ok(Self::Beside(file))
    }

    /// Gives it its name; another file of that name is replaced only with `force`.
    fn keep(self, path: &Path, force: bool) -> io::Result<()> {
        match self {
            #[cfg(all(feature = "live", target_os = "linux"))]
            Self::Nameless(file) if force => {
                // A name can be given, but not taken from another file: that takes a second step.
                let beside =
                    builder().make_in(directory_of(path), |name| nameless::give_name(&file, name));
                let beside = beside.map_err(without_path)?;
                beside.persist(path).map_err(|error| error.error)?;
            }
            #[cfg(all(feature = "live", target_os = "linux"))]
            Self::Nameless(file) => nameless::give_name(&file, path).map_err(or_exists)?,
            Self::Beside(file) if force => drop(file.persist(path).map_err(|error| error.error)?),
            Self::Beside(file) => {
                let kept = file.persist_noclobber(path);
                kept.map_err(|error| or_exists(error.error))?;
            }
        }
        Ok(())
    }

    fn file(&mut self) -> &mut dyn Write {
        match self {
            #[cfg(all(feature = "live", target_os = "linux"))]
            Self::Nameless(file) => file,
            Self::Beside(file) => file,
        }
    }
}

impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file().flush()
    }
}

fn builder() -> Builder<'static, 'static> {
    let mut builder = Builder::new();
    builder.prefix(".corshark-");
    builder
}

fn directory_of(path: &Path) -> &Path {
    let parent = path.parent();
    let parent = parent.filter(|parent| *parent != Path::new(""));
    parent.unwrap_or(Path::new("."))
}

fn exists() -> io::Error {
    let message = "the file exists; --force replaces it";
    io::Error::new(ErrorKind::AlreadyExists, message)
}

/// Whoever was quicker may have taken the name.
fn or_exists(error: io::Error) -> io::Error {
    if error.kind() == ErrorKind::AlreadyExists {
        exists()
    } else {
        error
    }
}

/// Without the name of the file beside, which says nothing to anybody. `tempfile` adds it, and gives the
/// system's error out as text alone.
fn without_path(error: io::Error) -> io::Error {
    let text = error.to_string();
    match text.split_once(" at path ") {
        Some((text, _)) => io::Error::new(error.kind(), text),
        None => error,
    }
}

fn named(name: &str, error: &io::Error) -> io::Error {
    let name = printable(name);
    io::Error::new(error.kind(), format!("{name}: {error}"))
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let done = match &mut self.to {
            To::Stdout { closed: true, .. } => return Ok(bytes.len()),
            To::Stdout { out, .. } => out.write(bytes),
            To::Direct(out) => out.write(bytes),
            To::New { out, .. } => out.write(bytes),
        };
        done.or_else(|error| self.on_error(error).map(|()| bytes.len()))
    }

    fn flush(&mut self) -> io::Result<()> {
        let done = match &mut self.to {
            To::Stdout { closed: true, .. } => return Ok(()),
            To::Stdout { out, .. } => out.flush(),
            To::Direct(out) => out.flush(),
            To::New { out, .. } => out.flush(),
        };
        done.or_else(|error| self.on_error(error))
    }
}

/// Files without a name: `O_TMPFILE` in `open(2)`, which names the way to give them one.
#[cfg(all(feature = "live", target_os = "linux"))]
mod nameless {
    use std::fs::File;
    use std::io;
    use std::os::fd::AsRawFd as _;
    use std::path::{Path, PathBuf};

    use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, open};

    /// `None` where the file system knows no such files, or there is no `/proc` to name it through.
    pub(super) fn create(directory: &Path) -> Option<File> {
        let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
        let mode = Mode::RUSR | Mode::WUSR | Mode::RGRP | Mode::WGRP | Mode::ROTH | Mode::WOTH;
        let file = File::from(open(directory, flags, mode).ok()?);
        path_of(&file).exists().then_some(file)
    }

    pub(super) fn give_name(file: &File, path: &Path) -> io::Result<()> {
        linkat(CWD, path_of(file), CWD, path, AtFlags::SYMLINK_FOLLOW)?;
        Ok(())
    }

    fn path_of(file: &File) -> PathBuf {
        format!("/proc/self/fd/{}", file.as_raw_fd()).into()
    }
}
