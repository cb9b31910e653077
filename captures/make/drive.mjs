// Makes captures: node drive.mjs OUT-FOLDER [NAME ...]
//
// For each story: start the API's server, start tcpdump on the API's port, let
// the browser load the story's page from another port, wait until the page says
// that it is finished, close the browser and the server, stop tcpdump. Writes
// NAME.pcap and NAME.console.txt (what the browser printed and decided).
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { readFile, writeFile, copyFile, mkdtemp, rm, mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join, basename } from 'node:path';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { Marionette } from './marionette.mjs';

const PAGES = 8080; // the pages and libraries: never captured
const API = 8081;   // what the captures hold

const php = (file, host = '127.0.0.1') =>
  ['php', '-d', 'display_errors=0', '-d', 'log_errors=0', '-S', `${host}:${API}`, `php/${file}`];
const node = (file) => ['node', `servers/${file}`, String(API)];
const python = (file) => ['python3', `servers/${file}`, String(API)];

const STORIES = {
  'article-working': { server: php('article-working.php'), page: 'article.html' },
  'article-failing': { server: php('article-failing.php'), page: 'article.html' },
  'article-no-handler': { server: php('article-no-handler.php'), page: 'article.html' },
  'jquery-1.5.1': { server: php('jquery.php'), page: 'jquery.html?jquery-1.5.1' },
  'jquery-today': { server: php('jquery.php'), page: 'jquery.html?jquery-today' },
  'prototype': { server: php('prototype.php'), page: 'prototype.html' },
  'mootools': { server: php('mootools.php'), page: 'mootools.html' },
  'backbone-json': { server: node('backbone-json.mjs'), page: 'backbone-json.html' },
  'angularjs-http': { server: node('angularjs-http.mjs'), page: 'angularjs-http.html' },
  'basic-auth': { server: python('basic-auth.py'), page: 'basic-auth.html' },
  'processed-but-withheld': { server: python('processed-but-withheld.py'), host: '::1', page: 'processed-but-withheld.html' },
  'credentials-wildcard': { server: node('credentials-wildcard.mjs'), page: 'credentials-wildcard.html' },
  'redirect-null-origin': { server: node('redirect-null-origin.mjs'), page: 'redirect-null-origin.html' },
  'max-age-cache': { server: node('max-age-cache.mjs'), page: 'max-age-cache.html' },
  'method-case': { server: node('method-case.mjs'), page: 'method-case.html' },
  'php-preflight-500': { server: php('php-preflight-500.php'), page: 'php-preflight-500.html' },
  'careless-server': { server: node('careless.mjs'), page: 'careless.html' },
  'connection-refused': { server: node('stops-listening.mjs'), page: 'connection-refused.html' },
  'trusting-server': { server: node('trusting.mjs'), client: ['python3', 'clients/trusting-server.py', String(API)] },
  'xdomainrequest': { server: php('xdomainrequest.php'), client: ['python3', 'clients/xdomainrequest.py', String(API)] },
  'firefox-article-working': { server: php('article-working.php'), page: 'article.html', browser: 'firefox' },
  'firefox-article-failing': { server: php('article-failing.php'), page: 'article.html', browser: 'firefox' },
};

// The pages' own server. Answers on every loopback address that the name
// localhost may stand for.
function servePages() {
  const types = { html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8' };
  const handler = async (request, response) => {
    const path = new URL(request.url, 'http://localhost').pathname;
    if (path === '/favicon.ico') return response.writeHead(204).end();
    const folder = path.startsWith('/lib/') ? 'lib' : 'pages';
    try {
      const body = await readFile(join(folder, basename(path)));
      response.writeHead(200, { 'Content-Type': types[path.split('.').pop()] ?? 'text/plain' });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  };
  for (const host of ['127.0.0.1', '::1']) createServer(handler).listen(PAGES, host).unref();
}

async function until(what, test, seconds = 20) {
  for (let i = 0; i < seconds * 20; i++) {
    if (await test()) return;
    await sleep(50);
  }
  throw new Error(`waited ${seconds} s for ${what}`);
}

const answers = (host, port) => new Promise((resolve) => {
  const socket = connect({ host, port });
  socket.on('connect', () => { socket.end(); resolve(true); });
  socket.on('error', () => resolve(false));
});

const ended = (child) => new Promise((resolve) => {
  if (child.exitCode !== null || child.signalCode !== null) resolve();
  else child.once('exit', resolve);
});

// What Chromium did with the story's page: console lines and, for each request
// that failed, the reason that its network panel would show.
async function withChromium(page) {
  const lines = [];
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  try {
    lines.push(`browser: Chromium ${browser.version()}`);
    const tab = await (await browser.newContext()).newPage();
    const urls = new Map();
    const cdp = await tab.context().newCDPSession(tab);
    await cdp.send('Network.enable');
    cdp.on('Network.requestWillBeSent', (e) => urls.set(e.requestId, `${e.request.method} ${e.request.url}`));
    cdp.on('Network.loadingFailed', (e) => {
      const cors = e.corsErrorStatus;
      const reason = cors ? `${cors.corsError} ${cors.failedParameter ?? ''}`.trim() : e.errorText;
      lines.push(`network: ${urls.get(e.requestId)}: ${reason}`);
    });
    tab.on('console', (m) => lines.push(m.type() === 'log' ? m.text() : `console ${m.type()}: ${m.text()}`));
    tab.on('pageerror', (e) => lines.push(`exception: ${e.message}`));
    await tab.goto(`http://localhost:${PAGES}/${page}`);
    await tab.waitForFunction('window.finished === true', null, { timeout: 30000 });
    await sleep(300);
  } finally {
    await browser.close();
  }
  return lines;
}

async function withFirefox(page) {
  const profile = await mkdtemp(join(tmpdir(), 'firefox-'));
  const port = 2828;
  await writeFile(join(profile, 'user.js'), [
    `user_pref("marionette.port", ${port});`,
    'user_pref("app.normandy.enabled", false);',
    'user_pref("app.update.enabled", false);',
    'user_pref("browser.safebrowsing.malware.enabled", false);',
    'user_pref("browser.safebrowsing.phishing.enabled", false);',
    'user_pref("browser.shell.checkDefaultBrowser", false);',
    'user_pref("datareporting.policy.dataSubmissionEnabled", false);',
    'user_pref("network.captive-portal-service.enabled", false);',
    'user_pref("network.connectivity-service.enabled", false);',
    'user_pref("toolkit.telemetry.enabled", false);',
    '',
  ].join('\n'));
  const firefox = spawn('firefox-esr', ['--headless', '--no-remote', '--profile', profile,
    '--marionette', '--remote-allow-system-access', 'about:blank'], { stdio: 'ignore' });
  try {
    await until('Firefox', () => answers('127.0.0.1', port), 60);
    const tab = await Marionette.open(port);
    const session = await tab.send('WebDriver:NewSession', {});
    const lines = [`browser: Firefox ${session.capabilities.browserVersion}`];
    await tab.send('WebDriver:Navigate', { url: `http://localhost:${PAGES}/${page}` });
    await until('the page', async () => (await tab.send('WebDriver:ExecuteScript',
      { script: 'return window.finished === true', args: [] })).value);
    await sleep(500);
    const page_lines = (await tab.send('WebDriver:ExecuteScript',
      { script: 'return Array.from(window.lines)', args: [] })).value;
    await tab.send('Marionette:SetContext', { value: 'chrome' });
    const messages = (await tab.send('WebDriver:ExecuteScript', {
      script: 'return Services.console.getMessageArray()'
        + '.filter(m => m instanceof Ci.nsIScriptError && /CORS/.test(m.category + m.errorMessage))'
        + '.map(m => m.errorMessage)', args: [] })).value;
    lines.push(...messages.map((m) => `console error: ${m}`), ...page_lines);
    await tab.send('Marionette:Quit', { flags: ['eForceQuit'] }).catch(() => {});
    tab.close();
    await ended(firefox);
    return lines;
  } finally {
    if (firefox.exitCode === null) { firefox.kill(); await ended(firefox); }
    await rm(profile, { recursive: true, force: true });
  }
}

async function withProgram(command) {
  const child = spawn(command[0], command.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (data) => { text += data; });
  await ended(child);
  if (child.exitCode !== 0) throw new Error(`${command.join(' ')} ended with ${child.exitCode}`);
  return text.trimEnd().split('\n');
}

async function make(name, out) {
  const story = STORIES[name];
  const pcap = join(tmpdir(), `${name}.pcap`);
  const server = spawn(story.server[0], story.server.slice(1), { stdio: 'ignore' });
  try {
    await until('the server', () => answers(story.host ?? '127.0.0.1', API));
    await sleep(300); // let that connection's last packets pass first

    // Slots in tcpdump's buffer are as large as the longest frame wanted; the
    // default buffer holds so few of them that frames get lost.
    const tcpdump = spawn('tcpdump', ['-U', '--immediate-mode', '-s', '65550', '-B', '65536', '-Z', 'root',
      '-n', '-i', 'lo', '-w', pcap, `tcp port ${API}`], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    tcpdump.stderr.on('data', (data) => { said += data; });
    await until('tcpdump', () => said.includes('listening on'));

    let lines;
    if (story.client) lines = await withProgram(story.client);
    else if (story.browser === 'firefox') lines = await withFirefox(story.page);
    else lines = await withChromium(story.page);

    await sleep(200);
    server.kill();
    await ended(server);
    await sleep(500);
    tcpdump.kill('SIGINT');
    await ended(tcpdump);
    await sleep(50);
    const frames = said.match(/(\d+) packets? captured/)?.[1];
    if (!/\b0 packets dropped by kernel/.test(said)) throw new Error(`${name}: packets were dropped: ${said}`);
    await copyFile(pcap, join(out, `${name}.pcap`));
    await writeFile(join(out, `${name}.console.txt`), lines.join('\n') + '\n');
    console.log(`${name}: ${frames} frames`);
  } finally {
    if (server.exitCode === null) server.kill();
  }
}

const [out, ...wanted] = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in STORIES));
if (unknown.length) {
  console.error(`no such capture: ${unknown.join(', ')}\nthere are: ${Object.keys(STORIES).join(' ')}`);
  process.exit(2);
}
await mkdir(out, { recursive: true });
servePages();
for (const name of wanted.length ? wanted : Object.keys(STORIES)) await make(name, out);
process.exit(0);
