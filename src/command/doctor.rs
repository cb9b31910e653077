//! `corshark doctor`: what stands between this user and a verdict, each with its remedy.
//!
//! Everything is looked at before anything is said, and tried where it can be tried: a request to
//! oneself over loopback, captured and judged.

use std::io::{self, Read as _, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::analysis::{Analysis, Update};
use crate::capture::interfaces::{Interface, interfaces};
use crate::capture::libpcap;
use crate::capture::live::{self, LiveOptions, OpenError, StopAfter};
use crate::command::interfaces::write_interfaces;
use crate::command::permission;
use crate::limits::Limits;
use crate::run::{Observer, run};
use crate::system::privileges::{drop_capabilities, return_to_caller};
use crate::system::rights::Rights;
use crate::wire_text::printable;

/// Exit code where capturing does not work.
const CANNOT_CAPTURE: u8 = 3;

/// How long the test on oneself may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Looks, tries, and says; the error is one of writing.
pub fn doctor() -> io::Result<ExitCode> {
    let out = &mut io::stdout().lock();
    writeln!(out, "corshark   {}", env!("CARGO_PKG_VERSION"))?;
    match libpcap::version() {
        Ok(version) => writeln!(out, "libpcap    {version}")?,
        Err(missing) => {
            writeln!(out, "libpcap    {}", printable(&missing.to_string()))?;
            return Ok(ExitCode::from(CANNOT_CAPTURE));
        }
    }
    let rights = Rights::of_this_process();
    write_rights(&rights, out)?;
    writeln!(out, "run        {}", own_network())?;
    let interfaces = match interfaces() {
        Ok(interfaces) => interfaces,
        Err(error) => {
            writeln!(out, "interfaces {}", printable(&error.to_string()))?;
            return Ok(ExitCode::from(CANNOT_CAPTURE));
        }
    };
    writeln!(out, "\ninterfaces")?;
    write_interfaces(interfaces.clone(), "  ", out)?;
    out.flush()?;
    let tested = self_test(&interfaces)?;
    match &tested {
        Ok(took) => {
            let took = took.as_millis();
            writeln!(
                out,
                "\nself-test  passed: a request to oneself was captured and judged within {took} ms"
            )?;
            Ok(ExitCode::SUCCESS)
        }
        Err(why) => {
            writeln!(out, "\nself-test  {}", printable(&why.to_string()))?;
            if let Fault::Open(OpenError::NotPermitted { interface, .. }) = why {
                write!(out, "\n{}", permission::remedies(&rights, interface))?;
            }
            Ok(ExitCode::from(CANNOT_CAPTURE))
        }
    }
}

fn write_rights(rights: &Rights, out: &mut impl Write) -> io::Result<()> {
    let who = match (rights.uid, rights.may_capture) {
        (0, true) => "root, given up once interfaces are open".to_owned(),
        (0, false) => "root, but without CAP_NET_RAW".to_owned(),
        (uid, true) => format!("uid {uid}, may capture"),
        (uid, false) => format!("uid {uid}, without the right to capture"),
    };
    writeln!(out, "rights     {who}")?;
    let facts = [
        (rights.file_has_capabilities, "the binary has capabilities"),
        (
            rights.no_new_privileges,
            "no_new_privs is set: sudo and capabilities on the binary have no effect",
        ),
        (
            rights.nosuid,
            "the binary's file system is mounted nosuid: capabilities on it have no effect",
        ),
        (
            rights.container.is_some(),
            "a container: its loopback is its own, not the host's",
        ),
        (
            rights.wsl,
            "WSL: a browser on Windows is on the other side of a virtual network",
        ),
        (rights.dumpcap, "dumpcap may capture for this user"),
    ];
    for (_, fact) in facts.iter().filter(|(holds, _)| *holds) {
        writeln!(out, "           {fact}")?;
    }
    Ok(())
}

/// Whether commands can be watched without rights: another corshark tries it.
fn own_network() -> String {
    if !cfg!(target_os = "linux") {
        return "not on this system: corshark run needs Linux".to_owned();
    }
    let tried = std::env::current_exe().and_then(|program| {
        let mut command = Command::new(program);
        command.args(["run", "--", "true"]);
        command.stdin(Stdio::null()).output()
    });
    match tried {
        Ok(output) if output.status.success() => {
            "corshark run works: commands can be watched without rights".to_owned()
        }
        Ok(output) => {
            let errors = String::from_utf8_lossy(&output.stderr);
            let last = errors.lines().last().unwrap_or("it failed");
            let last = last.strip_prefix("corshark: ").unwrap_or(last);
            printable(last).into_owned()
        }
        Err(error) => error.to_string(),
    }
}

/// Why the test on oneself failed.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("no loopback interface")]
    NoLoopback,
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("failed: a request to oneself over {0} was not seen within 2 s")]
    NotSeen(String),
    #[error("failed: {0}")]
    Io(#[from] io::Error),
}

/// Captures and judges a request over loopback; gives the time until the verdict.
fn self_test(interfaces: &[Interface]) -> io::Result<Result<Duration, Fault>> {
    let loopback = interfaces.iter().find(|interface| interface.is_loopback);
    let Some(loopback) = loopback else {
        return Ok(Err(Fault::NoLoopback));
    };
    let options = LiveOptions {
        interfaces: vec![loopback.name.clone()],
        ..LiveOptions::default()
    };
    let opened = match live::open(&options) {
        Ok(opened) => opened,
        Err(error) => return Ok(Err(error.into())),
    };
    return_to_caller()?;
    drop_capabilities()?;
    let stop = StopAfter {
        frames: None,
        duration: Some(PATIENCE),
    };
    let limits = Limits::default();
    let mut source = opened.start(None, stop, &limits)?;
    let server = match request_to_oneself() {
        Ok(port) => port,
        Err(error) => return Ok(Err(error.into())),
    };
    let seen = AtomicBool::new(false);
    let mut waiting = Waiting {
        authority: format!("127.0.0.1:{server}"),
        begin: Instant::now(),
        took: None,
        seen: &seen,
    };
    let Ok(finished) = run(&mut source, Analysis::new(&limits), &mut waiting, &seen);
    let _ = finished;
    let missing = || Fault::NotSeen(loopback.name.clone());
    Ok(waiting.took.ok_or_else(missing))
}

/// Serves one request on a port of its own and makes it.
fn request_to_oneself() -> io::Result<u16> {
    const ORIGIN: &str = "http://corshark.test";
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let address = listener.local_addr()?;
    thread::spawn(move || -> io::Result<()> {
        let (mut stream, _) = listener.accept()?;
        let mut request = [0; 1024];
        let _ = stream.read(&mut request)?;
        let answer =
            format!("HTTP/1.1 204 No Content\r\nAccess-Control-Allow-Origin: {ORIGIN}\r\n\r\n");
        stream.write_all(answer.as_bytes())
    });
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let request = format!("GET / HTTP/1.1\r\nHost: {address}\r\nOrigin: {ORIGIN}\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(address.port())
}

/// Waits for the verdict on the request to oneself.
struct Waiting<'a> {
    authority: String,
    begin: Instant,
    took: Option<Duration>,
    seen: &'a AtomicBool,
}

impl Observer for Waiting<'_> {
    type Error = std::convert::Infallible;

    fn on_update(&mut self, update: Update) -> Result<(), Self::Error> {
        if let Update::Transaction(transaction) = update
            && transaction.url().contains(&self.authority)
        {
            self.took = Some(self.begin.elapsed());
            self.seen.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}
