// Answers preflights well everywhere. For /ratings the program behind the
// preflight handler forgot the header on the answer itself.
import { listen, json } from './listen.mjs';

const cors = { 'Access-Control-Allow-Origin': '*' };

listen((request, response, body) => {
  if (request.method === 'OPTIONS') {
    response.writeHead(204, {
      ...cors,
      'Access-Control-Allow-Methods': 'GET, POST',
      'Access-Control-Allow-Headers': 'content-type',
    }).end();
  } else if (request.method === 'GET') {
    json(response, 200, cors, [{ id: 1, text: 'First' }]);
  } else if (request.url === '/ratings') {
    json(response, 201, {}, { id: 9, ...JSON.parse(body) });
  } else {
    json(response, 201, cors, { id: 2, ...JSON.parse(body) });
  }
});
