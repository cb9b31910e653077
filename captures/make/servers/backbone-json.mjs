// A REST API whose preflight handler was written when only POST was needed.
import { listen, json } from './listen.mjs';

const cors = { 'Access-Control-Allow-Origin': 'http://localhost:8080', Vary: 'Origin' };

listen((request, response, body) => {
  if (request.method === 'OPTIONS') {
    response.writeHead(204, {
      ...cors,
      'Access-Control-Allow-Methods': 'GET, POST',
      'Access-Control-Allow-Headers': 'Content-Type',
    }).end();
  } else if (request.method === 'POST') {
    json(response, 201, cors, { ...JSON.parse(body), id: 31 });
  } else {
    json(response, 200, cors, { id: 31 });
  }
});
