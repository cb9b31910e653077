// Notes. Preflights may be remembered for ten minutes for /notes/1 and /notes/2,
// and not at all for /notes/3.
import { listen, json } from './listen.mjs';

const cors = { 'Access-Control-Allow-Origin': 'http://localhost:8080', Vary: 'Origin' };

listen((request, response) => {
  if (request.method === 'OPTIONS') {
    response.writeHead(204, {
      ...cors,
      'Access-Control-Allow-Methods': 'PUT',
      'Access-Control-Allow-Headers': 'content-type',
      'Access-Control-Max-Age': request.url === '/notes/3' ? '0' : '600',
    }).end();
  } else {
    json(response, 200, cors, { saved: request.url });
  }
});
