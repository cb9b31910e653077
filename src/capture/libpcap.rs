//! libpcap, looked for when it is first needed: names of its functions → the functions.
//!
//! A program that is linked to a shared library does not start where that library is missing, and
//! reading saved captures needs no libpcap. So on Linux this module defines every function that the
//! `pcap` package declares, under its own name, and each passes its call on to its namesake in the
//! libpcap that is found at run time. Where none is found, what opens something fails with a message;
//! nothing else can be reached without a handle. Other systems bring libpcap along and are linked to it.
//!
//! Before changing it: this is the one module with `unsafe`. The signatures must be those of
//! `pcap/pcap.h`, which no compiler checks. A function missing here is an `undefined symbol` of the
//! linker: add a line to the list. `pcap_open_dead` has no error buffer, so `pcap` reports "insufficient
//! memory" where libpcap is missing: ask [`version`] first.
//!
//! To have read: the manual pages `pcap(3PCAP)` and `dlopen(3)`.

#![expect(
    unsafe_code,
    reason = "calling a C library that is bound at run time; nothing outside this module needs it"
)]

use std::ffi::{CStr, c_char};
use std::fmt;

/// Why there is no libpcap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoLibpcap {
    /// There is no file of its name where the system keeps libraries.
    NotInstalled,
    /// There is one, and the system's loader refuses it with these words.
    Refused(String),
}

impl std::error::Error for NoLibpcap {}

impl fmt::Display for NoLibpcap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, remedy) = self.parts();
        write!(f, "{what}: only saved captures can be read ({remedy})")
    }
}

impl NoLibpcap {
    fn parts(&self) -> (&'static str, &str) {
        match self {
            Self::NotInstalled => ("libpcap is not installed", "Debian: apt install libpcap0.8"),
            Self::Refused(words) => ("libpcap cannot be loaded", words),
        }
    }
}

/// The version of the libpcap that is there, such as `1.10.3`.
pub fn version() -> Result<String, NoLibpcap> {
    let text = found::lib_version()?;
    // "libpcap version 1.10.3 (with TPACKET_V3)"
    let text = text.strip_prefix("libpcap version ").unwrap_or(&text);
    Ok(text.split_whitespace().next().unwrap_or(text).to_owned())
}

/// Asks the kernel to keep outgoing frames from a capture's socket; does nothing where it cannot.
///
/// On loopback Linux shows every frame twice, going out and coming in. libpcap passes one of them on,
/// but both take room in its ring. A filter cannot do it: `inbound` works in the kernel only, and
/// libpcap filters the first block of the ring by itself.
#[cfg(target_os = "linux")]
pub(super) fn ignore_outgoing(capture: std::os::fd::BorrowedFd<'_>) {
    use std::ffi::{c_int, c_uint, c_void};
    use std::os::fd::AsRawFd as _;

    const SOL_PACKET: c_int = 263;
    const PACKET_IGNORE_OUTGOING: c_int = 23;
    unsafe extern "C" {
        fn setsockopt(
            socket: c_int,
            level: c_int,
            name: c_int,
            value: *const c_void,
            length: c_uint,
        ) -> c_int;
    }
    let yes: c_int = 1;
    let length = c_uint::try_from(size_of_val(&yes)).unwrap_or_default();
    // SAFETY: the descriptor is open while it is borrowed, and the value is an int that lives longer
    // than the call. Kernels before 4.20 refuse, and then libpcap alone leaves frames out.
    unsafe {
        setsockopt(
            capture.as_raw_fd(),
            SOL_PACKET,
            PACKET_IGNORE_OUTGOING,
            (&raw const yes).cast(),
            length,
        );
    }
}

/// The text at a pointer that libpcap returned.
///
/// # Safety
///
/// The pointer is null or points to a C string that lives until this function returns.
unsafe fn c_text(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: not null, so a C string, as the caller promises.
    unsafe { CStr::from_ptr(text) }
        .to_string_lossy()
        .into_owned()
}

/// Where the library is part of the system and linked.
#[cfg(not(target_os = "linux"))]
mod found {
    use super::{NoLibpcap, c_char, c_text};

    unsafe extern "C" {
        fn pcap_lib_version() -> *const c_char;
    }

    #[expect(
        clippy::unnecessary_wraps,
        reason = "where the library is looked for at run time, it may be missing"
    )]
    pub(super) fn lib_version() -> Result<String, NoLibpcap> {
        // SAFETY: it takes nothing and returns a string that is never freed.
        Ok(unsafe { c_text(pcap_lib_version()) })
    }
}

/// Where the library is looked for at run time.
#[cfg(target_os = "linux")]
mod found {
    use std::ffi::{c_int, c_uint, c_void};
    use std::ptr;
    use std::sync::{LazyLock, OnceLock};

    use libloading::Library;

    use super::{NoLibpcap, c_char, c_text};

    /// The names to look for, in this order: upstream's; Debian's, which kept its own from before
    /// upstream had one; and that of the development files, as the last resort.
    const FILE_NAMES: [&str; 3] = ["libpcap.so.1", "libpcap.so.0.8", "libpcap.so"];

    /// The size of an error buffer, libpcap's `PCAP_ERRBUF_SIZE`.
    const ERROR_BUFFER_SIZE: usize = 256;

    /// Any pointer: what it points to is between `pcap` and libpcap.
    type Pointer = *mut c_void;

    /// What a function returns to say that it failed.
    trait Failure {
        const FAILURE: Self;
    }

    impl Failure for c_int {
        const FAILURE: Self = -1;
    }

    impl Failure for Pointer {
        const FAILURE: Self = ptr::null_mut();
    }

    pub(super) fn lib_version() -> Result<String, NoLibpcap> {
        library()?;
        // SAFETY: the signature is that of pcap.h.
        let version: Option<unsafe extern "C" fn() -> *const c_char> =
            unsafe { function("pcap_lib_version") };
        // SAFETY: it takes nothing and returns a string that is never freed.
        Ok(version.map_or_else(String::new, |version| unsafe { c_text(version()) }))
    }

    /// The library, loaded by the first call and kept to the end of the program.
    fn library() -> Result<&'static Library, NoLibpcap> {
        static LIBRARY: OnceLock<Result<Library, NoLibpcap>> = OnceLock::new();
        LIBRARY.get_or_init(load).as_ref().map_err(Clone::clone)
    }

    fn load() -> Result<Library, NoLibpcap> {
        let mut refused = None;
        for name in FILE_NAMES {
            // SAFETY: libpcap and the libraries that it needs do nothing on loading that could harm
            // a running program.
            match unsafe { Library::new(name) } {
                Ok(library) => return Ok(library),
                Err(error) => {
                    let words = error.to_string();
                    if refused.is_none() && !says_that_it_is_missing(&words, name) {
                        refused = Some(words);
                    }
                }
            }
        }
        Err(refused.map_or(NoLibpcap::NotInstalled, NoLibpcap::Refused))
    }

    /// Whether the loader found no such file, rather than one that it cannot use.
    ///
    /// A library that lacks another one gives the same words with that one's name.
    fn says_that_it_is_missing(words: &str, name: &str) -> bool {
        let before = "Error loading shared library ";
        let words = words.strip_prefix(before).unwrap_or(words);
        words.strip_prefix(name).is_some_and(|rest| {
            rest.starts_with(':') && rest.ends_with("No such file or directory")
        })
    }

    /// The library's function of this name, where there is a library and it has one.
    ///
    /// # Safety
    ///
    /// `F` is the type of a pointer to that function, with the signature that it has in C.
    unsafe fn function<F: Copy>(name: &str) -> Option<F> {
        // SAFETY: the type is right, as the caller promises. The library stays loaded for good, so the
        // pointer may outlive the borrow.
        unsafe { library().ok()?.get::<F>(name.as_bytes()) }
            .ok()
            .map(|function| *function)
    }

    /// Says in a caller's error buffer why the function of this name cannot be called.
    ///
    /// # Safety
    ///
    /// The buffer is null or has room for [`ERROR_BUFFER_SIZE`] bytes.
    unsafe fn refuse(name: &str, errors: *mut c_char) {
        if errors.is_null() {
            return;
        }
        let message = why_not(name);
        let shown = cut(&message, ERROR_BUFFER_SIZE - 1);
        // SAFETY: the text and the zero behind it fit the buffer, and do not overlap with it.
        unsafe {
            ptr::copy_nonoverlapping(shown.as_ptr().cast(), errors, shown.len());
            errors.add(shown.len()).write(0);
        }
    }

    fn why_not(name: &str) -> String {
        match library() {
            Ok(_) => format!("this libpcap is too old: it has no {name}"),
            Err(missing) => {
                let (what, remedy) = missing.parts();
                format!("{what} ({remedy})")
            }
        }
    }

    /// As many whole characters of the text as fit this many bytes.
    fn cut(text: &str, bytes: usize) -> &str {
        (0..=bytes.min(text.len()))
            .rev()
            .find_map(|end| text.get(..end))
            .unwrap_or_default()
    }

    /// Defines functions that pass each call on to their namesakes in the library.
    ///
    /// A name behind a semicolon is the error buffer, always the last argument.
    macro_rules! pass_on {
        ($(
            $name:ident($($argument:ident: $kind:ty),* $(; $errors:ident)?) $(-> $result:ty)?;
        )*) => {
            $(
                #[unsafe(no_mangle)]
                unsafe extern "C" fn $name(
                    $($argument: $kind,)* $($errors: *mut c_char)?
                ) $(-> $result)? {
                    type Namesake = unsafe extern "C" fn(
                        $($argument: $kind,)* $($errors: *mut c_char)?
                    ) $(-> $result)?;
                    // SAFETY: the list below has the signatures of pcap.h.
                    static NAMESAKE: LazyLock<Option<Namesake>> =
                        LazyLock::new(|| unsafe { function(stringify!($name)) });
                    match *NAMESAKE {
                        // SAFETY: what the caller promises to this function, it promises to that one.
                        Some(namesake) => unsafe { namesake($($argument,)* $($errors)?) },
                        None => {
                            // SAFETY: the caller gives a buffer of the size that libpcap asks for.
                            $(unsafe { refuse(stringify!($name), $errors) };)?
                            $(<$result as Failure>::FAILURE)?
                        }
                    }
                }
            )*

            #[cfg(test)]
            const PASSED_ON: &[&str] = &[$(stringify!($name)),*];
        };
    }

    // All that `pcap` 2.5 declares for Linux, in the order of its `raw.rs`.
    pass_on! {
        pcap_create(device: Pointer; errors) -> Pointer;
        pcap_set_snaplen(handle: Pointer, snaplen: c_int) -> c_int;
        pcap_set_promisc(handle: Pointer, promiscuous: c_int) -> c_int;
        pcap_set_timeout(handle: Pointer, milliseconds: c_int) -> c_int;
        pcap_set_buffer_size(handle: Pointer, bytes: c_int) -> c_int;
        pcap_activate(handle: Pointer) -> c_int;
        pcap_open_dead(link_type: c_int, snaplen: c_int) -> Pointer;
        pcap_open_offline(path: Pointer; errors) -> Pointer;
        pcap_fopen_offline(file: Pointer; errors) -> Pointer;
        pcap_close(handle: Pointer);
        pcap_loop(handle: Pointer, count: c_int, callback: Pointer, user: Pointer) -> c_int;
        pcap_dispatch(handle: Pointer, count: c_int, callback: Pointer, user: Pointer) -> c_int;
        pcap_next_ex(handle: Pointer, header: Pointer, bytes: Pointer) -> c_int;
        pcap_breakloop(handle: Pointer);
        pcap_stats(handle: Pointer, counters: Pointer) -> c_int;
        pcap_setfilter(handle: Pointer, program: Pointer) -> c_int;
        pcap_setdirection(handle: Pointer, direction: c_uint) -> c_int;
        pcap_setnonblock(handle: Pointer, nonblocking: c_int; errors) -> c_int;
        pcap_sendpacket(handle: Pointer, bytes: Pointer, length: c_int) -> c_int;
        pcap_geterr(handle: Pointer) -> Pointer;
        pcap_compile(
            handle: Pointer, program: Pointer, text: Pointer, optimize: c_int, netmask: c_uint
        ) -> c_int;
        pcap_freecode(program: Pointer);
        pcap_offline_filter(program: Pointer, header: Pointer, bytes: Pointer) -> c_int;
        pcap_datalink(handle: Pointer) -> c_int;
        pcap_list_datalinks(handle: Pointer, link_types: Pointer) -> c_int;
        pcap_set_datalink(handle: Pointer, link_type: c_int) -> c_int;
        pcap_free_datalinks(link_types: Pointer);
        pcap_datalink_name_to_val(name: Pointer) -> c_int;
        pcap_datalink_val_to_name(link_type: c_int) -> Pointer;
        pcap_datalink_val_to_description(link_type: c_int) -> Pointer;
        pcap_major_version(handle: Pointer) -> c_int;
        pcap_minor_version(handle: Pointer) -> c_int;
        pcap_fileno(handle: Pointer) -> c_int;
        pcap_dump_open(handle: Pointer, path: Pointer) -> Pointer;
        pcap_dump_fopen(handle: Pointer, file: Pointer) -> Pointer;
        pcap_dump_flush(savefile: Pointer) -> c_int;
        pcap_dump_close(savefile: Pointer);
        pcap_dump(savefile: Pointer, header: Pointer, bytes: Pointer);
        pcap_findalldevs(interfaces: Pointer; errors) -> c_int;
        pcap_freealldevs(interfaces: Pointer);
        pcap_get_selectable_fd(handle: Pointer) -> c_int;
        pcap_set_tstamp_type(handle: Pointer, kind: c_int) -> c_int;
        pcap_fopen_offline_with_tstamp_precision(
            file: Pointer, precision: c_uint; errors
        ) -> Pointer;
        pcap_open_dead_with_tstamp_precision(
            link_type: c_int, snaplen: c_int, precision: c_uint
        ) -> Pointer;
        pcap_open_offline_with_tstamp_precision(
            path: Pointer, precision: c_uint; errors
        ) -> Pointer;
        pcap_set_immediate_mode(handle: Pointer, immediate: c_int) -> c_int;
        pcap_set_tstamp_precision(handle: Pointer, precision: c_int) -> c_int;
        pcap_dump_open_append(handle: Pointer, path: Pointer) -> Pointer;
        pcap_set_rfmon(handle: Pointer, monitor: c_int) -> c_int;
    }
    #[cfg(test)]
    mod tests {
        use super::{NoLibpcap, PASSED_ON, cut, function, library, says_that_it_is_missing};

        #[test]
        fn the_loader_s_words_tell_missing_from_unusable() {
            for (words, missing) in [
                (
                    "libpcap.so.1: cannot open shared object file: No such file or directory",
                    true,
                ),
                (
                    "Error loading shared library libpcap.so.1: No such file or directory",
                    true,
                ),
                (
                    "libdbus-1.so.3: cannot open shared object file: No such file or directory",
                    false,
                ),
                (
                    "Error loading shared library libdbus-1.so.3: No such file or directory \
                     (needed by /usr/lib/libpcap.so.1)",
                    false,
                ),
                ("/opt/lib/libpcap.so.1: file too short", false),
                ("Dynamic loading not supported", false),
            ] {
                assert_eq!(
                    says_that_it_is_missing(words, "libpcap.so.1"),
                    missing,
                    "{words}"
                );
            }
        }

        #[test]
        fn a_long_message_is_cut_between_characters() {
            assert_eq!(cut("libpcap", 255), "libpcap");
            assert_eq!(cut("caf\u{e9}", 4), "caf");
            assert_eq!(cut("", 4), "");
        }

        #[test]
        fn the_library_has_every_function_that_is_passed_on() {
            if library().is_err() {
                return;
            }
            for name in PASSED_ON {
                // SAFETY: a pointer that is not called fits any function.
                let found: Option<*mut std::ffi::c_void> = unsafe { function(name) };
                assert!(found.is_some(), "{name}");
            }
        }

        #[test]
        fn what_is_missing_is_named_with_its_remedy() {
            assert_eq!(
                NoLibpcap::NotInstalled.to_string(),
                "libpcap is not installed: only saved captures can be read \
                 (Debian: apt install libpcap0.8)"
            );
            assert_eq!(
                NoLibpcap::Refused("libpcap.so.1: file too short".to_owned()).to_string(),
                "libpcap cannot be loaded: only saved captures can be read \
                 (libpcap.so.1: file too short)"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write as _};

    use super::version;

    /// Writes past the test runner, which keeps back what a passing test prints.
    fn say(line: &str) {
        let _ = writeln!(io::stderr(), "libpcap: {line}");
    }

    #[test]
    fn pcap_works_with_libpcap_and_fails_with_a_message_without() {
        match version() {
            Ok(version) => {
                say(&format!("tested with version {version}"));
                assert!(version.starts_with(|first: char| first.is_ascii_digit()));
                pcap::Device::list().unwrap();
                let handle = pcap::Capture::dead(pcap::Linktype::ETHERNET).unwrap();
                assert_eq!(handle.get_datalink(), pcap::Linktype::ETHERNET);
                let filter = handle.compile("tcp port 80", true).unwrap();
                assert!(!filter.filter(&[0; 60]));
                let error = handle.compile("tcp prot 80", true).err().unwrap();
                assert!(error.to_string().contains("syntax error"), "{error}");
            }
            Err(missing) => {
                say(&format!("NOT TESTED with it: {missing}"));
                let (what, remedy) = missing.parts();
                let refused = |error: Option<pcap::Error>| {
                    let expected = pcap::Error::PcapError(format!("{what} ({remedy})"));
                    assert_eq!(error, Some(expected));
                };
                refused(pcap::Device::list().err());
                refused(pcap::Capture::from_device("lo").err());
                refused(pcap::Capture::from_file("captures/article-failing.pcap").err());
                assert!(pcap::Capture::dead(pcap::Linktype::ETHERNET).is_err());
            }
        }
    }
}
