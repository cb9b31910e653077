//! What is read as one capture: a file, several joined, one that grows, or a pipe.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::capture::file::SaveFile;
use crate::capture::joined::Joined;
use crate::capture::silence::Patient;
use crate::capture::store::FrameStore;
use crate::capture::{CaptureError, FrameSource};
use crate::limits::Limits;

/// One capture, wherever it comes from.
#[derive(Debug, Clone)]
pub enum Input {
    /// A file, a pipe, or standard input where it is `-`.
    File(PathBuf),
    /// A file that another program still writes. (A pipe is followed without that.)
    Growing(PathBuf),
    /// The parts of a rotated capture.
    Joined(Vec<PathBuf>),
}

/// The frames of a capture, and where to read them again.
pub type Stored = (Box<dyn FrameSource + Send>, FrameStore);

/// What a path leads to.
enum Place {
    File(File),
    Pipe(Patient),
}

impl Input {
    /// What its user called it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::File(file) | Self::Growing(file) => file.to_string_lossy().into_owned(),
            Self::Joined(files) => {
                let names: Vec<_> = files.iter().map(|file| file.to_string_lossy()).collect();
                names.join(" + ")
            }
        }
    }

    /// Opens it. Where there may be nothing to read for now, as it goes on, `stop` is asked before the
    /// first read for a flag: the capture ends in the first silence after it was set.
    pub fn open(
        &self,
        limits: &Limits,
        stop: impl FnOnce() -> io::Result<Arc<AtomicBool>>,
    ) -> Result<Box<dyn FrameSource + Send>, CaptureError> {
        let path = match self {
            Self::Joined(files) => return Ok(Box::new(Joined::open(files, limits))),
            Self::File(path) | Self::Growing(path) => path,
        };
        let source = match place(path)? {
            Place::File(file) if self.grows() => SaveFile::growing(file, stop()?, limits),
            Place::File(file) => SaveFile::of_file(file, limits),
            Place::Pipe(pipe) => SaveFile::of_patient(pipe.until(stop()?), limits),
        };
        Ok(Box::new(source?))
    }

    /// Opens it together with a store of its frames. It does not end as long as there may be more.
    pub fn open_stored(&self, limits: &Limits) -> Result<Stored, CaptureError> {
        let path = match self {
            Self::Joined(files) => {
                let source = Joined::open(files, limits);
                let store = FrameStore::of_parts(source.files(), limits);
                return Ok((Box::new(source), store));
            }
            Self::File(path) | Self::Growing(path) => path,
        };
        let file = match place(path)? {
            Place::File(file) => file,
            Place::Pipe(pipe) => {
                let (source, store) = FrameStore::of_pipe(pipe, limits)?;
                return Ok((Box::new(source), store));
            }
        };
        // Kept open beside the one that is read: it may be moved or deleted meanwhile.
        let store = FrameStore::of_recording(File::open(path)?, limits);
        let source = if self.grows() {
            SaveFile::growing(file, Arc::default(), limits)?
        } else {
            SaveFile::of_file(file, limits)?
        };
        Ok((Box::new(source), store))
    }

    fn grows(&self) -> bool {
        matches!(self, Self::Growing(_))
    }
}

impl SaveFile {
    /// Opens the file at `path`, or standard input where `path` is `-`.
    pub fn open(path: &Path, limits: &Limits) -> Result<Self, CaptureError> {
        match place(path)? {
            Place::File(file) => Self::of_file(file, limits),
            Place::Pipe(pipe) => Self::of_patient(pipe, limits),
        }
    }
}

fn place(path: &Path) -> io::Result<Place> {
    if path.as_os_str() == "-" {
        return Ok(Place::Pipe(Patient::pipe(stdin()?)));
    }
    let file = File::open(path)?;
    let about = file.metadata()?;
    if about.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    Ok(if about.is_file() {
        Place::File(file)
    } else {
        Place::Pipe(Patient::pipe(file))
    })
}

/// Standard input without a buffer: what stands in one cannot be waited for.
#[cfg(unix)]
fn stdin() -> io::Result<File> {
    use std::os::fd::AsFd as _;

    Ok(io::stdin().as_fd().try_clone_to_owned()?.into())
}

#[cfg(not(unix))]
fn stdin() -> io::Result<io::Stdin> {
    Ok(io::stdin())
}
