// An API that does nearly everything wrong that can be done with CORS headers;
// each path has a mistake of its own.
import { createServer } from 'node:http';

const PAGE = 'http://localhost:8080';
const HERE = { 'Access-Control-Allow-Origin': PAGE };
const ANYBODY = { 'Access-Control-Allow-Origin': '*' };
const CREDENTIALS = { 'Access-Control-Allow-Credentials': 'true' };
const PUT = { 'Access-Control-Allow-Methods': 'PUT' };
const age = (seconds) => ({ 'Access-Control-Max-Age': seconds });

// The answers: [status, headers, body]; of OPTIONS first, where there are two.
const same = (answer) => [answer, answer];
const ok = (headers, body = '{}') => [200, headers, body];
const no = (headers) => [204, headers];

const answers = {
  '/login': (request) => same([204, { ...HERE, ...CREDENTIALS, Vary: 'Origin', 'Set-Cookie': 'session=4711; Path=/' }]),
  '/me': (request) => same(ok({ 'Access-Control-Allow-Origin': request.headers.origin, ...CREDENTIALS, Vary: 'Origin' })),
  '/null': () => same(ok({ 'Access-Control-Allow-Origin': 'null', ...CREDENTIALS })),
  '/items': (request) => same(ok(request.headers.origin ? HERE : {}, '{}')),
  '/constant': () => same(ok({ ...ANYBODY, Vary: 'Origin' })),
  '/both': () => same(ok({ ...ANYBODY, ...CREDENTIALS })),
  '/yes': () => same(ok({ ...HERE, 'Access-Control-Allow-Credentials': 'yes' })),
  '/token': () => [no({ ...ANYBODY, 'Access-Control-Allow-Headers': '*' }), ok(ANYBODY)],
  '/stars': () => [no({ ...HERE, ...CREDENTIALS, 'Access-Control-Allow-Methods': '*' }), ok({ ...HERE, ...CREDENTIALS })],
  '/lists': () => [
    no({ ...ANYBODY, 'Access-Control-Allow-Methods': 'GET, PUT, TRACE', 'Access-Control-Allow-Headers': 'Origin, Host, X-A', 'Access-Control-Allow-Private-Network': 'true' }),
    ok({ ...ANYBODY, ...age(600) }),
  ],
  '/logo': () => same(ok(HERE, '<svg/>')),
  '/twice': () => same(ok({ 'Access-Control-Allow-Origin': [PAGE, '*'] })),
  '/slash': () => same(ok({ 'Access-Control-Allow-Origin': `${PAGE}/` })),
  '/pattern': () => same(ok({ 'Access-Control-Allow-Origin': 'http://*.localhost' })),
  '/locked': () => [[401, { 'WWW-Authenticate': 'Bearer' }], ok(ANYBODY)],
  '/old': () => [[301, { ...ANYBODY, Location: '/new' }], ok(ANYBODY)],
  '/unhandled': () => [[405, { Allow: 'GET, PUT' }], ok(ANYBODY)],
  '/heavy': () => [[200, { ...ANYBODY, ...PUT, 'Set-Cookie': 'seen=1' }, 'x'.repeat(5000)], ok(ANYBODY)],
  '/again': () => [no({ ...ANYBODY, ...PUT }), ok(ANYBODY)],
  '/short': () => [no({ ...ANYBODY, ...PUT, ...age('10m') }), ok(ANYBODY)],
  '/long': () => [no({ ...ANYBODY, ...PUT, ...age(86400) }), ok(ANYBODY)],
  '/search': () => [no({ ...ANYBODY, ...PUT, ...age(600) }), ok(ANYBODY)],
  '/traced': () => [no({ ...ANYBODY, 'Access-Control-Allow-Headers': 'traceparent', ...age(600) }), ok(ANYBODY)],
  '/pages': () => same(ok({ ...ANYBODY, 'X-Total-Count': '250' })),
  '/fragile': (request) => same(request.url.includes('fail') ? [500, {}, 'sorry'] : ok(ANYBODY)),
  '/half': () => [no({ ...HERE, ...PUT, Vary: 'Origin' }), ok({})],
  '/orders': () => same([201, {}, '{"order":1}']),
  '/session': () => same(ok({ ...ANYBODY, 'Set-Cookie': 'sid=4711' })),
  '/remember': () => same(ok({ ...HERE, ...CREDENTIALS, Vary: 'Origin', 'Set-Cookie': 'me=1; SameSite=Lax' })),
  '/misspelt': () => same(ok({ 'Access-Control-Allowed-Origin': '*' })),
  '/elsewhere': () => same([302, { ...ANYBODY, Location: 'http://localhost:8081/landed' }]),
  '/landed': () => same(ok({ 'Access-Control-Allow-Origin': 'null' })),
};

for (const host of ['127.0.0.1', '::1']) {
  const server = createServer((request, response) => {
    const answer = answers[request.url.split('?')[0]];
    request.resume();
    request.on('end', () => {
      const [preflight, actual] = answer ? answer(request) : same([404, {}]);
      const [status, headers, body] = request.method === 'OPTIONS' ? preflight : actual;
      response.writeHead(status, headers).end(body);
    });
  });
  // Whoever asks may talk.
  server.on('upgrade', (request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    socket.end();
  });
  server.listen(Number(process.argv[2]), host);
}
