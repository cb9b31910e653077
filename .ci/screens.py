#!/usr/bin/env python3
"""The screens in a real terminal: tmux runs corshark, keys are sent, and what stands on the screen is read.

Usage: .ci/screens.py target/debug/corshark [TEST...], after cargo build --bins --examples

Waits for what must appear, never for a time. Installs tmux from Debian where that is possible; where it is
not, says so aloud and ends with success, as there is nothing to test with.
"""
import contextlib
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

TOOL = os.path.abspath(sys.argv[1])
CAPTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "captures")
FAILING = os.path.abspath(os.path.join(CAPTURES, "article-failing.pcap"))
SEVERAL = os.path.abspath(os.path.join(CAPTURES, "redirect-null-origin.pcap"))
SIZES = [(160, 50), (100, 30), (80, 24), (60, 15), (40, 10)]
# The names of keys on the help screen, and what tmux calls them.
TMUX_KEYS = {"PgUp": "PageUp", "PgDn": "PageDown", "Esc": "Escape", "Shift-Tab": "BTab"}
KEYS = os.path.join(os.path.dirname(CAPTURES), "src", "tui", "keys.rs")
SCREENS = ["List", "Detail", "Ladder", "Packets", "Summary", "Cost", "Policy", "Compare"]


class Terminal:
    """A terminal of a size, with a shell command in it."""

    def __init__(self, command, size=(160, 50), env=None):
        self.socket = tempfile.mktemp(prefix="corshark-tmux-")
        width, height = size
        variables = {"LC_ALL": "C.UTF-8", **(env or {})}
        exports = "; ".join(f"export {name}='{value}'" for name, value in variables.items())
        line = f"unset NO_COLOR; {exports}; {command}; echo ENDED-$?; exec sleep 60"
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(width), "-y", str(height), line)

    def tmux(self, *arguments):
        done = subprocess.run(
            ["tmux", "-S", self.socket, *arguments], capture_output=True, text=True, check=True
        )
        return done.stdout

    def screen(self, escapes=False):
        flags = ["-e"] if escapes else []
        return self.tmux("capture-pane", "-p", *flags)

    def press(self, *keys):
        for key in keys:
            name = re.sub(r"^Ctrl-(.)$", r"C-\1", TMUX_KEYS.get(key, key))
            self.tmux("send-keys", name)

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def wait(self, wanted, absent=False):
        """Waits until a text is on the screen, or is not any more."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            screen = self.screen()
            if (wanted in screen) != absent:
                return screen
            time.sleep(0.02)
        raise AssertionError(f"{wanted!r} {'stays' if absent else 'does not appear'} on\n{screen}")

    def flag(self, name):
        return self.tmux("display-message", "-p", f"#{{{name}}}").strip()

    def pid_of(self, name):
        shell = self.flag("pane_pid")
        found = subprocess.run(["pgrep", "-P", shell, name], capture_output=True, text=True)
        return [int(line) for line in found.stdout.split()]

    def ended(self, code):
        """The program has ended with this code, and the terminal is as it was."""
        screen = self.wait("ENDED-")
        assert re.search(f"ENDED-{code}$", screen, re.M), screen
        for name, value in [("alternate_on", "0"), ("cursor_flag", "1"), ("mouse_any_flag", "0")]:
            assert self.flag(name) == value, f"{name} is {self.flag(name)} on\n{self.screen()}"

    def close(self):
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], capture_output=True)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.socket)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def key_table():
    """The keys that count on each screen, as the table in the source has them."""
    source = open(KEYS, encoding="utf-8").read()
    groups = {"ALL": SCREENS}
    for name, screens in re.findall(r"const (\w+): Screens =\s*Screens::on\(&\[([^\]]*)\]\)", source):
        groups[name] = re.findall(r"S::(\w+)", screens)
    for name, other in re.findall(r"const (\w+): Screens = ([A-Z]+);", source):
        groups[name] = groups[other]
    lines = re.findall(r'^    "([^"]+)" A::[^;]*?, ([A-Z_]+), "[^"]*"[^;]*;', source, re.M)
    assert len(lines) == source.count('" A::'), "a line of the table is not understood"
    table = {screen: [] for screen in SCREENS}
    for keys, group in lines:
        for screen in groups[group]:
            table[screen] += keys.split()
    return table


def help_keys(terminal):
    """The keys that the help screen of a wide terminal names."""
    terminal.press("?")
    screen = terminal.wait("any key closes this")
    inner = [match.group(1) for match in re.finditer(r"│ (.*) │", screen)]
    keys = []
    for line in inner:
        if line.startswith(("✓", "any key")) or re.match(r"[A-Z]\w+: ", line):
            continue
        for start in range(0, len(line), 35):
            keys += line[start : start + 14].split()
    terminal.press("Escape")
    terminal.wait("any key closes this", absent=True)
    return keys


def reads_the_verdict():
    for size in SIZES:
        with Terminal(f"{TOOL} {FAILING}", size) as terminal:
            screen = terminal.wait("✗ FAIL" if size[0] >= 60 else "✗ GET")
            if size[0] >= 80:
                terminal.wait("FIX      Access-Control-Allow-Headers: x-requested-with")
            for number, name in enumerate(SCREENS, 1):
                terminal.press(str(number))
                screen = terminal.wait(f"{number} {name}")
                assert len(screen.splitlines()) <= size[1]
            terminal.press("1", "q")
            terminal.ended(0)


# What a key must show.
EFFECTS = {
    "?": "closes this",
    "F1": "closes this",
    "f": "filter:",
    "/": "\n/",
    ":": "\n:",
    "y": "header lines that repair it",
    "w": "Esc leave",
    "x": "secrets are shown",
    "s": "sorted by",
    "p": "FROZEN",
    "n": "not found",
    "N": "not found",
    "=": "8 Compare",
    "i": "Esc stays",
    "D": "libpcap",
    **{str(number): f"{number} {name}" for number, name in enumerate(SCREENS, 1)},
}
# The same of keys that mean something else on other screens.
EFFECTS_ON = {
    ("Ladder", "s"): "only CORS headers",
    ("Ladder", "c"): "coloured by host",
    ("Detail", "b"): "4 Packets",
    ("Ladder", "b"): "4 Packets",
    ("Packets", "Enter"): "▸frame",
    ("Packets", "Right"): "▸frame",
}
# Keys that are undone by being pressed again.
TOGGLES = {"x", "p", "z", "e", "a", "F", "S", "t"}
# Each of these ends the program or leaves it, and has a test of its own.
ENDS = {"q", "Ctrl-c", "Ctrl-z"}


def presses_every_key(size, variables):
    """Every key of the table on every screen; gives those that were pressed."""
    table = key_table()
    pressed = set()
    with Terminal(f"{TOOL} {SEVERAL}", size, variables) as terminal:
        terminal.wait("files/open")
        # Something to find nothing of, so that n and N have something to say.
        terminal.press("/")
        terminal.type("nowhere")
        terminal.press("Enter")
        terminal.wait("not found")
        for number, name in enumerate(SCREENS, 1):
            for key in table[name]:
                if key in ENDS:
                    continue
                terminal.press("1" if key != "1" else "2", str(number))
                terminal.wait(f"{number} {name}")
                terminal.press(key)
                pressed.add((name, key))
                effect = EFFECTS_ON.get((name, key), EFFECTS.get(key))
                if effect is not None:
                    terminal.wait(effect)
                if key in TOGGLES:
                    terminal.press(key)
                # Whatever it opened is closed again, and the program still answers.
                terminal.press("Escape", "1")
                terminal.wait("1 List")
        terminal.press("q")
        terminal.ended(0)
    return pressed


def presses_every_key_of_the_table():
    table = key_table()
    wanted = {(screen, key) for screen, keys in table.items() for key in keys if key not in ENDS}
    with Terminal(f"{TOOL} {SEVERAL}", (160, 50)) as terminal:
        terminal.wait("files/open")
        for number, name in enumerate(SCREENS, 1):
            terminal.press(str(number))
            terminal.wait(f"{number} {name}")
            shown = help_keys(terminal)
            assert sorted(shown) == sorted(table[name]), f"{name}: {set(shown) ^ set(table[name])}"
        terminal.press("1", "q")
        terminal.ended(0)
    for size, variables in [
        ((160, 50), {}),
        ((80, 24), {}),
        ((60, 15), {}),
        ((80, 24), {"NO_COLOR": "1"}),
    ]:
        pressed = presses_every_key(size, variables)
        assert pressed == wanted, f"never pressed: {wanted - pressed}"
        print(f"   {len(pressed)} keys pressed at {size[0]}x{size[1]} {variables or ''}", flush=True)


def goes_to_the_shell_and_comes_back():
    with Terminal("bash --norc -i", (80, 24)) as terminal:
        terminal.type(f"{TOOL} {FAILING}")
        terminal.press("Enter")
        terminal.wait("WHY ")
        terminal.press("Ctrl-z")
        terminal.wait("Stopped")
        assert terminal.flag("alternate_on") == "0", terminal.screen()
        terminal.type("fg")
        terminal.press("Enter")
        terminal.wait("WHY ")
        terminal.press("q")
        terminal.wait("WHY ", absent=True)


def filters_exports_and_quits():
    for size in [(160, 50), (80, 24), (60, 15)]:
        with tempfile.TemporaryDirectory() as directory:
            out = os.path.join(directory, "o.ndjson")
            with Terminal(f"{TOOL} {SEVERAL}", size) as terminal:
                terminal.wait("✗ FAIL")
                terminal.press("f")
                terminal.wait("filter:")
                terminal.type("verdict:fial")
                terminal.wait("did you mean fail?")
                for _ in range(4):
                    terminal.press("BSpace")
                terminal.type("fail")
                terminal.wait("1 of 4 shown")
                terminal.press("Enter")
                terminal.wait("Esc clears")
                terminal.press(":")
                terminal.type(f"save {out}")
                terminal.press("Enter")
                terminal.wait("Enter save")
                terminal.press("Enter")
                terminal.wait("1 transaction saved")
                assert "AllowOriginMismatch" in open(out, encoding="utf-8").read()
                terminal.press("q")
                terminal.ended(0)


def obeys_no_color():
    colour = re.compile(r"\x1b\[[0-9;]*(3[0-8]|4[0-8]|9[0-7]|10[0-7])[;m]")
    for variables, options, coloured in [
        ({}, "", True),
        ({"NO_COLOR": "1"}, "", False),
        ({}, "--color never", False),
        ({}, "--theme mono", False),
        ({"NO_COLOR": "1"}, "--color always", True),
    ]:
        with Terminal(f"{TOOL} {options} {SEVERAL}", (100, 30), variables) as terminal:
            terminal.wait("✗ FAIL")
            terminal.press("Down")
            terminal.wait("#2")
            screen = terminal.screen(escapes=True)
            found = bool(colour.search(screen))
            assert found == coloured, f"{variables} {options}: {screen!r}"
            row = next(line for line in screen.splitlines() if "listed" in line and "FAIL" in line)
            assert "\x1b[7m" in row or ";7m" in row or "\x1b[1;7" in row, f"selection: {row!r}"
            terminal.press("q")
            terminal.ended(0)


def restores_the_terminal():
    for how in ["SIGTERM", "SIGINT", "SIGHUP", "Ctrl-c"]:
        with Terminal(f"{TOOL} {FAILING}", (80, 24)) as terminal:
            terminal.wait("FAIL")
            if how == "Ctrl-c":
                terminal.press(how)
                terminal.ended(0)
                continue
            number = getattr(signal, how)
            for process in terminal.pid_of("corshark"):
                os.kill(process, number)
            terminal.ended(128 + number)


def restores_the_terminal_after_a_panic():
    program = os.path.join(os.path.dirname(TOOL), "examples", "panic_on_screen")
    assert os.path.exists(program), f"{program} is not built: cargo build --examples"
    with Terminal(program, (80, 24), {"RUST_BACKTRACE": "0"}) as terminal:
        terminal.ended("(101|134)")
        assert "as was asked for" in terminal.screen(), terminal.screen()


def reads_keys_while_a_pipe_is_the_capture():
    with Terminal(f"cat {FAILING} | {TOOL} -", (80, 24)) as terminal:
        terminal.wait("FAIL")
        terminal.press("4")
        terminal.wait("OPTIONS /canvas")
        terminal.press("1", "q")
        terminal.ended(0)
    # The pipe stays open: rows are there at once, and quitting does not wait for its end.
    with Terminal(f"(cat {SEVERAL}; sleep 50) | {TOOL} -", (80, 24)) as terminal:
        terminal.wait("LIVE 00:00:0")
        terminal.wait("▼follow")
        terminal.wait("files/open")
        terminal.press("q")
        terminal.wait("LIVE", absent=True)


def survives_being_resized():
    with Terminal(f"{TOOL} {SEVERAL}", (160, 50)) as terminal:
        terminal.wait("files/open")
        terminal.press("Down")
        terminal.wait("#2")
        for width, height in [(60, 15), (20, 5), (100, 30)]:
            terminal.tmux("resize-window", "-x", str(width), "-y", str(height))
            terminal.wait("too small" if width < 40 else "FAIL")
        terminal.wait("#2")
        terminal.press("q")
        terminal.ended(0)


def copies_by_osc_52():
    with Terminal(f"{TOOL} {FAILING}", (100, 30)) as terminal:
        terminal.tmux("set-option", "-s", "set-clipboard", "on")
        terminal.wait("Chrome   ")
        terminal.press("y")
        terminal.wait("header lines that repair it")
        terminal.press("h")
        terminal.wait("copied:")
        buffer = terminal.tmux("show-buffer").strip()
        assert buffer == "Access-Control-Allow-Headers: x-requested-with", buffer
        terminal.press("q")
        terminal.ended(0)


def many(path, copies):
    """Writes the failing capture so many times over, each time from another client."""
    capture = open(FAILING, "rb").read()
    frames, at = [], 24
    while at < len(capture):
        seconds, micros, length, _ = struct.unpack_from("<IIII", capture, at)
        frames.append((seconds, micros, capture[at + 16 : at + 16 + length]))
        at += 16 + length
    # The address of whoever sent the first frame, behind an Ethernet header.
    client = frames[0][2][26:30]
    with open(path, "wb") as out:
        out.write(capture[:24])
        for copy in range(copies):
            other = struct.pack(">I", (10 << 24) + copy)
            for seconds, micros, frame in frames:
                place = 26 if frame[34:36] == frames[0][2][34:36] else 30
                assert frame[place : place + 4] == client
                frame = frame[:place] + other + frame[place + 4 :]
                header = struct.pack("<IIII", seconds + copy, micros, len(frame), len(frame))
                out.write(header + frame)


def sorts_searches_and_filters_many_rows():
    copies = 12_000
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "many.pcap")
        many(path, copies)
        with Terminal(f"{TOOL} {path}", (100, 30)) as terminal:
            terminal.wait(f"{copies} FAIL")
            # Each is seen to end without another key.
            terminal.press("s")
            terminal.wait("verdict▼")
            terminal.press("S")
            terminal.wait("verdict▲")
            terminal.press("/")
            terminal.type("nowhere")
            terminal.press("Enter")
            terminal.wait("not found: nowhere")
            terminal.press("f")
            terminal.type("verdict:pass")
            terminal.press("Enter")
            terminal.wait(f"0 of {copies} shown")
            terminal.press("Escape")
            terminal.wait("shown", absent=True)
            terminal.press("q")
            terminal.ended(0)


def captures_on_another_interface():
    if os.geteuid() != 0:
        print("SKIPPED, ALOUD: not root: another interface was NOT captured on from the screens", file=sys.stderr)
        return
    with Terminal(f"{TOOL} --theme cvd {FAILING}", (100, 30)) as terminal:
        terminal.wait("FAIL")
        terminal.press("i")
        terminal.wait("> lo")
        terminal.press("Enter")
        terminal.wait("Listening on lo. Reload the failing page.")
        terminal.wait("LIVE 00:00:0")
        terminal.press("i")
        terminal.wait("> lo")
        terminal.press("Escape", "q")
        terminal.ended(0)


def prints_the_report_where_there_is_no_terminal():
    done = subprocess.run([TOOL, FAILING], capture_output=True, text=True, check=True)
    assert "✗ FAIL" in done.stdout and "\x1b" not in done.stdout, done.stdout


def prints_the_report_on_a_terminal_without_a_cursor():
    with Terminal(f"{TOOL} {FAILING}", (80, 24), {"TERM": "dumb"}) as terminal:
        screen = terminal.wait("ENDED-0")
        assert "fix        Access-Control-Allow-Headers: x-requested-with" in screen, screen


def main():
    if shutil.which("tmux") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-y", "-qq", "tmux"], capture_output=True)
    if shutil.which("tmux") is None:
        print("SKIPPED, ALOUD: tmux is not there: the screens were NOT tested in a terminal", file=sys.stderr)
        print("SKIPPED: screens in a terminal")
        return
    only = sys.argv[2:]
    for test in [
        prints_the_report_where_there_is_no_terminal,
        prints_the_report_on_a_terminal_without_a_cursor,
        reads_the_verdict,
        filters_exports_and_quits,
        obeys_no_color,
        restores_the_terminal,
        restores_the_terminal_after_a_panic,
        reads_keys_while_a_pipe_is_the_capture,
        survives_being_resized,
        copies_by_osc_52,
        sorts_searches_and_filters_many_rows,
        captures_on_another_interface,
        goes_to_the_shell_and_comes_back,
        presses_every_key_of_the_table,
    ]:
        if only and test.__name__ not in only:
            continue
        print(f"   {test.__name__.replace('_', ' ')}", flush=True)
        test()


main()
