// An API that trusts whoever asks: it sends any Origin back, with credentials.
import { listen, json } from './listen.mjs';

listen((request, response) => {
  const { origin } = request.headers;
  const trust = origin ? { 'Access-Control-Allow-Origin': origin, 'Access-Control-Allow-Credentials': 'true' } : {};
  json(response, 200, { ...trust, Vary: 'Origin' }, { path: request.url });
});
