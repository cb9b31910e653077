// A session cookie, and four ways to answer requests that carry it.
import { listen, json } from './listen.mjs';

const ORIGIN = { 'Access-Control-Allow-Origin': 'http://localhost:8080', Vary: 'Origin' };
const CREDENTIALS = { 'Access-Control-Allow-Credentials': 'true' };
const ANYBODY = { 'Access-Control-Allow-Origin': '*' };

listen((request, response) => {
  const known = /\bsession=4711\b/.test(request.headers.cookie ?? '');
  switch (request.url) {
    case '/login':
      response.writeHead(204, { ...ORIGIN, ...CREDENTIALS, 'Set-Cookie': 'session=4711; Path=/; HttpOnly; SameSite=Lax' }).end();
      break;
    case '/account/wildcard': // the wildcard does not count for credentials
      json(response, 200, { ...ANYBODY, ...CREDENTIALS }, { known });
      break;
    case '/account/unsaid': // the right origin, but not a word on credentials
      json(response, 200, ORIGIN, { known });
      break;
    case '/account/preflight': // the same mistake as the first, one step earlier
      if (request.method === 'OPTIONS') {
        response.writeHead(204, {
          ...ANYBODY, ...CREDENTIALS,
          'Access-Control-Allow-Methods': '*', 'Access-Control-Allow-Headers': '*',
        }).end();
      } else json(response, 200, { ...ANYBODY, ...CREDENTIALS }, { known });
      break;
    default: // /account/right
      json(response, 200, { ...ORIGIN, ...CREDENTIALS }, { known });
  }
});
