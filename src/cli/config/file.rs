//! The file of settings: where it is, whether it may be trusted, and what it says.
//!
//! Under `sudo` it is the caller's, and is read as root: only where it belongs to the caller or to root,
//! and nothing of a file that is no configuration is ever shown.
//!
//! To have read: the XDG Base Directory Specification; `sudo(8)` on its environment.

use std::borrow::Cow;
use std::env;
use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use crate::text_place::TextPlace;
use crate::wire_text::printable;

/// Bytes that a file of settings may have: far more than all of them need.
const MOST: u64 = 64 << 10;

/// What one file says.
#[derive(Debug, Default)]
pub(super) struct ConfigFile {
    /// `None` where none was read.
    path: Option<PathBuf>,
    pub(super) entries: Vec<Entry>,
}

/// One setting, as it stands in the file.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    /// As words of a command line.
    pub(super) values: Vec<String>,
    pub(super) place: TextPlace,
}

/// The file that is read where none is named: that of whoever called `sudo`, under it.
pub(super) fn usual_path() -> Option<PathBuf> {
    let folder = |name: &str| {
        let path = env::var_os(name).map(PathBuf::from);
        path.filter(|path| path.is_absolute())
    };
    let folder = if cfg!(windows) {
        folder("APPDATA")?
    } else if let Some(folder) = folder("XDG_CONFIG_HOME") {
        folder
    } else {
        caller::home().or_else(|| folder("HOME"))?.join(".config")
    };
    Some(folder.join("corshark").join("config.toml"))
}

impl ConfigFile {
    /// How messages name it.
    pub(super) fn name(&self) -> Cow<'_, str> {
        let path = self.path.as_deref().map(Path::to_string_lossy);
        path.unwrap_or_else(|| "no file is read".into())
    }

    /// Reads a file; `optional` where there need not be one. The error is for the user.
    pub(super) fn read(path: PathBuf, optional: bool) -> Result<Self, String> {
        let name = path.to_string_lossy().into_owned();
        let text = match text_of(&path, optional) {
            Ok(Some(text)) => text,
            Ok(None) if optional => return Ok(Self::default()),
            Ok(None) => return Err(format!("{name}: there is no such file")),
            Err(error) => return Err(format!("{name}: {error}; --no-config does without")),
        };
        let entries = entries(&text).map_err(|error| format!("{name}: {error}"))?;
        Ok(Self {
            path: Some(path),
            entries,
        })
    }
}

/// The text of a file; `None` where there is none.
fn text_of(path: &Path, optional: bool) -> Result<Option<String>, String> {
    // Looked at before it is opened: opening a pipe would wait for its other end.
    let is_file = match path.metadata() {
        Ok(found) => found.is_file(),
        Err(error) if is_absence(&error) => return Ok(None),
        // In a folder that is closed to this user: somebody else's, as under `su`.
        Err(error) if optional && error.kind() == ErrorKind::PermissionDenied => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    if !is_file {
        return Err("not a file".to_owned());
    }
    let file = File::open(path).map_err(|error| error.to_string())?;
    let found = file.metadata().map_err(|error| error.to_string())?;
    if !caller::trusts(&found) {
        return Err(
            "not read with root's rights: it belongs neither to you nor to root".to_owned(),
        );
    }
    let mut text = Vec::new();
    let read = file.take(MOST + 1).read_to_end(&mut text);
    let length = read.map_err(|error| error.to_string())?;
    if length as u64 > MOST {
        return Err(format!("longer than {} KiB", MOST >> 10));
    }
    let text = String::from_utf8(text).map_err(|_| "not UTF-8")?;
    Ok(Some(text))
}

fn is_absence(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// The settings of a text.
fn entries(text: &str) -> Result<Vec<Entry>, String> {
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let message = error.message().replace('\n', "; ");
        format!("{}: {}", TextPlace::of(text, at), printable(&message))
    })?;
    let entries = table.get_ref().iter().map(|(name, value)| {
        let place = TextPlace::of(text, name.span().start);
        let name = name.get_ref().to_string();
        let values = match value.get_ref() {
            DeValue::Array(values) => values.iter().map(|v| word(v.get_ref())).collect(),
            value => word(value).map(|word| vec![word]),
        };
        match values {
            Some(values) => Ok(Entry {
                name,
                values,
                place,
            }),
            None => Err(format!(
                "{place}: {}: not a text, number or boolean",
                printable(&name)
            )),
        }
    });
    entries.collect()
}

/// A value as a word of a command line.
fn word(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Boolean(truth) => Some(truth.to_string()),
        _ => None,
    }
}

#[cfg(all(feature = "live", unix))]
mod caller {
    use std::os::unix::fs::MetadataExt as _;

    use super::{Metadata, PathBuf};
    use crate::system::privileges::{Caller, is_root};

    pub(super) fn home() -> Option<PathBuf> {
        Caller::of_this_process()?.home()
    }

    /// Whether the file belongs to somebody who may decide what this process does.
    pub(super) fn trusts(file: &Metadata) -> bool {
        let caller = Caller::of_this_process();
        !is_root() || file.uid() == 0 || caller.is_some_and(|caller| caller.is(file.uid()))
    }
}

/// Where nothing is captured nobody needs root's rights.
#[cfg(not(all(feature = "live", unix)))]
mod caller {
    use super::{Metadata, PathBuf};

    pub(super) fn home() -> Option<PathBuf> {
        None
    }

    pub(super) fn trusts(_: &Metadata) -> bool {
        true
    }
}
